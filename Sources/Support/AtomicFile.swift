import Foundation

/// Writes a file so that a reader, or a machine that loses power, sees the old content or the new, never a
/// part: temporary file beside the target, fsync, rename, fsync of the folder.
public enum AtomicFile {
  /// - Throws: `.inputOutput` (with the reason, for instance a full disk); the old file is then untouched.
  public static func write(_ bytes: some ContiguousBytes, to path: String) throws(GraftError) {
    try write(to: path) { (writer) throws(GraftError) in
      var failure: GraftError?
      bytes.withUnsafeBytes { buffer in
        do throws(GraftError) { try writer.append(buffer) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  public static func write(_ text: String, to path: String) throws(GraftError) {
    try write(Data(text.utf8), to: path)
  }

  /// Streams content through `body`; nothing appears at `path` unless `body` returns.
  public static func write(
    to path: String, _ body: (inout FileWriter) throws(GraftError) -> Void
  ) throws(GraftError) {
    let temporary = TemporaryFile.path(for: path)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      // Not a missing input: what is missing is the place for an output.
      guard errno != ENOENT else {
        throw GraftError(
          .inputOutput, "cannot create '\(path)': its folder does not exist", hint: "make the folder first.")
      }
      throw .systemCall("create", path: path)
    }
    TemporaryFile.hold(descriptor)
    var writer = FileWriter(descriptor: descriptor, path: path)
    do throws(GraftError) {
      try body(&writer)
      try writer.flush()
      guard fsync(descriptor) == 0 else { throw .systemCall("sync", path: path) }
      guard close(descriptor) == 0 else { throw .systemCall("close", path: path) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let failure = GraftError.systemCall("rename into", path: path)
      unlink(temporary)
      throw failure
    }
    syncFolder(of: path)
  }

  /// Makes a rename inside the folder durable. Best effort: some file systems refuse to sync a folder.
  public static func syncFolder(of path: String) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}

/// A buffered writer over a file descriptor; errors name the path a person asked for.
public struct FileWriter: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(GraftError) {
    if bytes.count >= 1 << 16 {
      try flush()
      try writeAll(bytes)
    } else {
      buffer.append(contentsOf: bytes)
      if buffer.count >= 1 << 16 { try flush() }
    }
  }

  public mutating func append(_ text: String) throws(GraftError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { try flush() }
  }

  mutating func flush() throws(GraftError) {
    var failure: GraftError?
    buffer.withUnsafeBytes { bytes in
      do throws(GraftError) { try writeAll(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(GraftError) {
    var offset = 0
    while offset < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
      if count < 0 {
        if errno == EINTR { continue }
        throw .systemCall("write", path: path)
      }
      offset += count
    }
  }
}
