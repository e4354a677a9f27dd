import Foundation
import Support

/// Folders that appear whole or not at all: filled under another name, synced, renamed.
public enum DurableFolder {
  /// Ends the names of folders that are being filled or removed; readers ignore them.
  static let partialSuffix = ".partial"

  /// Fills a folder by `body` and renames it to `path`, replacing what stood there.
  /// - Parameter partial: where it is filled, in the same folder; `path + ".partial"` by default. What is left there of
  ///   a process that was killed is removed.
  /// - Throws: what `body` throws, or `.inputOutput`; `path` is then untouched.
  public static func replace(
    _ path: String, by partial: String? = nil, _ body: (_ partial: String) throws(GraftError) -> Void
  ) throws(GraftError) {
    let partial = partial ?? path + partialSuffix
    try remove(partial)
    try makeFolder(Paths.parent(of: path))
    guard mkdir(partial, 0o777) == 0 else { throw .systemCall("create", path: partial) }
    do throws(GraftError) {
      try body(partial)
      try sync(partial)
      try exchange(partial, into: path)
    } catch {
      // Frees the space of the failed attempt; the error to report is the first one.
      try? remove(partial)
      throw error
    }
  }

  /// - Throws: `.usage` if something stands at `path`.
  static func requireFree(_ path: String) throws(GraftError) {
    var status = stat()
    guard lstat(path, &status) != 0 else {
      throw GraftError(
        .usage, "'\(path)' already exists", hint: "give another place, or remove it first.")
    }
  }

  /// Removes a folder with its content, if there is one. It loses its name first, so that an interruption
  /// leaves nothing that looks complete.
  static func remove(_ path: String) throws(GraftError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw .systemCall("examine", path: path)
    }
    var doomed = path
    if !path.hasSuffix(partialSuffix) {
      doomed = path + ".removed" + partialSuffix
      try remove(doomed)
      guard rename(path, doomed) == 0 else { throw .systemCall("remove", path: path) }
    }
    do { try FileManager.default.removeItem(atPath: doomed) } catch {
      throw GraftError(.inputOutput, "cannot remove '\(doomed)'", cause: error)
    }
    AtomicFile.syncFolder(of: path)
  }

  private static func sync(_ folder: String) throws(GraftError) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .systemCall("open", path: folder) }
    defer { close(descriptor) }
    // Some file systems refuse to sync a folder; its files are synced one by one.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw .systemCall("sync", path: folder)
    }
  }

  private static func exchange(_ partial: String, into path: String) throws(GraftError) {
    if rename(partial, path) != 0 {
      guard errno == ENOTEMPTY || errno == EEXIST else { throw .systemCall("rename into", path: path) }
      // A folder with content stands there: swap the two in one step, where the file system can.
      if !swap(partial, path) {
        try remove(path)
        guard rename(partial, path) == 0 else { throw .systemCall("rename into", path: path) }
      }
      try? remove(partial)
    }
    AtomicFile.syncFolder(of: path)
  }

  /// `renameat2` with RENAME_EXCHANGE. The C library declares it for GNU sources only, which Swift's import
  /// is not, so it is looked up by name.
  private static func swap(_ first: String, _ second: String) -> Bool {
    typealias RenameAt2 =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "renameat2") else { return false }
    let exchange: UInt32 = 2
    return unsafeBitCast(symbol, to: RenameAt2.self)(AT_FDCWD, first, AT_FDCWD, second, exchange) == 0
  }
}
