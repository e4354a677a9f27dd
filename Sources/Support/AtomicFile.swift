import Foundation

/// Writes a file so that a reader, or a machine that loses power, sees the old content or the new, never a
/// part: temporary file beside the target, fsync, rename, fsync of the folder.
///
/// Symbolic links are followed: the file they lead to is replaced, the link stays. A file keeps its rights, and its
/// owner where the system allows it; a new one has the rights that the umask leaves. What is no regular file, such as
/// a FIFO or `/dev/stdout`, is written straight into.
public enum AtomicFile {
  /// - Throws: `.inputOutput` (with the reason, for instance a full disk); the old file is then untouched.
  /// - Parameter last: as for `write(to:last:_:)`.
  public static func write(
    _ bytes: some ContiguousBytes, to path: String,
    last: () throws(GraftError) -> Void = { () throws(GraftError) in }
  ) throws(GraftError) {
    try write(to: path, last: last) { (writer) throws(GraftError) in
      var failure: GraftError?
      bytes.withUnsafeBytes { buffer in
        do throws(GraftError) { try writer.append(buffer) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  /// Writes a text in UTF-8; see the type.
  /// - Throws: `.inputOutput`; the old file is then untouched.
  public static func write(_ text: String, to path: String) throws(GraftError) {
    try write(Data(text.utf8), to: path)
  }

  /// Streams content through `body`; nothing appears in a regular file at `path` unless `body` returns.
  /// - Parameter last: called when all is on the disk but does not stand at `path` yet: what is to appear with it.
  public static func write(
    to path: String, last: () throws(GraftError) -> Void = { () throws(GraftError) in },
    _ body: (inout FileWriter) throws(GraftError) -> Void
  ) throws(GraftError) {
    switch try WriteTarget(path) {
    case .stream(let descriptor):
      try stream(into: descriptor, path: path, body)
      try last()
    case .file(let target, let existing):
      // A folder may not take new files although the file may be written, and a mounted file cannot be renamed onto.
      guard let (temporary, descriptor) = try create(for: target, path: path, existing: existing) else {
        try overwrite(target, path: path, body)
        return try last()
      }
      try fill(descriptor, of: temporary, path: path, existing: existing, body)
      do throws(GraftError) { try last() } catch {
        unlink(temporary)
        throw error
      }
      guard rename(temporary, target) != 0 else { return syncFolder(of: target) }
      let number = errno
      defer { unlink(temporary) }
      guard number == EBUSY, existing != nil else {
        throw .systemCall("rename into", path: path, number: number)
      }
      let content = try MappedFile(temporary)
      try overwrite(target, path: path) { (writer) throws(GraftError) in try writer.append(content.bytes) }
    }
  }

  /// Makes a rename inside the folder durable. Best effort: some file systems refuse to sync a folder.
  public static func syncFolder(of path: String) {
    let descriptor = open(Paths.parent(of: path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Opens a new temporary file. A link or a file that waits under its name is never opened.
  /// - Returns: nil if the folder takes no files but the existing one may be written.
  private static func create(
    for target: String, path: String, existing: stat?
  ) throws(GraftError) -> (String, Int32)? {
    while true {
      let temporary = PartialFile.path(for: target)
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        PartialFile.hold(descriptor)
        return (temporary, descriptor)
      }
      switch errno {
      case EEXIST, EINTR: continue
      case ENOENT:
        throw .noFolder(for: path)
      case EACCES, EPERM, EROFS:
        let number = errno
        if existing != nil, access(target, W_OK) == 0 { return nil }
        throw .systemCall("create", path: path, number: number)
      default: throw .systemCall("create", path: path)
      }
    }
  }

  private static func fill(
    _ descriptor: Int32, of temporary: String, path: String, existing: stat?,
    _ body: (inout FileWriter) throws(GraftError) -> Void
  ) throws(GraftError) {
    var writer = FileWriter(descriptor: descriptor, path: path)
    var isOpen = true
    do throws(GraftError) {
      try body(&writer)
      try writer.flush()
      if let existing {
        // The owner first: to change it takes rights away. Only the superuser may give files away.
        if fchown(descriptor, existing.st_uid, existing.st_gid) != 0 {
          _ = fchown(descriptor, uid_t.max, existing.st_gid)
        }
        fchmod(descriptor, existing.st_mode & 0o777)
      }
      guard fsync(descriptor) == 0 else { throw .systemCall("sync", path: path) }
      isOpen = false
      guard close(descriptor) == 0 else { throw .systemCall("close", path: path) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
  }

  /// Writes in place.
  private static func overwrite(
    _ target: String, path: String, _ body: (inout FileWriter) throws(GraftError) -> Void
  ) throws(GraftError) {
    let descriptor = open(target, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { throw .systemCall("open", path: path) }
    try stream(into: descriptor, path: path, body)
  }

  private static func stream(
    into descriptor: Int32, path: String, _ body: (inout FileWriter) throws(GraftError) -> Void
  ) throws(GraftError) {
    var isOpen = true
    defer { if isOpen { close(descriptor) } }
    var writer = FileWriter(descriptor: descriptor, path: path)
    try body(&writer)
    try writer.flush()
    guard fsync(descriptor) == 0 || [EINVAL, EROFS, ENOTSUP].contains(errno) else {
      throw .systemCall("sync", path: path)
    }
    isOpen = false
    guard close(descriptor) == 0 else { throw .systemCall("close", path: path) }
  }
}

extension GraftError {
  /// Not a missing input: what is missing is the place for an output.
  public static func noFolder(for path: String) -> GraftError {
    GraftError(
      .inputOutput, "cannot create '\(path)': its folder does not exist", hint: "make the folder first.")
  }

  /// An output that is a folder.
  public static func folderForFile(_ path: String) -> GraftError {
    GraftError(.inputOutput, "'\(path)' is a folder where a file is needed", hint: "name a file in it.")
  }

  /// An output that is a file.
  public static func fileForFolder(_ path: String) -> GraftError {
    GraftError(.inputOutput, "'\(path)' is a file where a folder is needed", hint: "name a new folder.")
  }
}
