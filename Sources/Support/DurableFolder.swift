import Foundation

/// A folder that appears whole or not at all: filled under another name, synced, renamed. Given up before `commit`, it
/// leaves nothing; what a killed process left of one is removed by the next that fills the same place.
public struct DurableFolder: ~Copyable {
  /// Where it is to be, without links.
  private let place: String
  /// The folder to fill, `NAME.PID-RANDOM.partial` beside its place. Readers ignore such names.
  public let partial: String
  private let descriptor: Int32

  /// Makes the folder to fill, and those above it.
  /// - Throws: `.usage` for an empty path, `.inputOutput`.
  public init(_ path: String) throws(GraftError) {
    guard !path.isEmpty else { throw GraftError(.usage, "the name of a folder is empty") }
    // A folder is renamed into its place, and a link or `.` is none.
    let place = Paths.place(path)
    try makeFolder(Paths.parent(of: place))
    PartialFile.removeLeftovers(of: place)
    let partial = PartialFile.path(for: place)
    guard mkdir(partial, 0o777) == 0 else { throw .systemCall("create", path: path) }
    let descriptor = open(partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let number = errno
      rmdir(partial)
      throw .systemCall("open", path: path, number: number)
    }
    PartialFile.hold(descriptor)
    (self.place, self.partial, self.descriptor) = (place, partial, descriptor)
  }

  deinit {
    AtomicFile.syncFolder(of: place)
    close(descriptor)
    // Frees the space of a failed attempt, or of what stood there before; the error to report is another one.
    try? Self.remove(partial)
  }

  /// Puts the folder in its place, once, where it replaces what stood there, in one step if the file system can.
  /// - Parameter keepingOthers: whether files that stood there and are not replaced stay.
  /// - Throws: `.inputOutput`; the place is then untouched.
  public func commit(keepingOthers: Bool = false) throws(GraftError) {
    if keepingOthers { try Self.link(place, into: partial) }
    // Some file systems refuse to sync a folder; its files are synced one by one.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw .systemCall("sync", path: place)
    }
    try exchange()
  }

  /// Fills a folder by `body` and puts it in its place.
  /// - Throws: what `body` throws, or `.inputOutput`; the place is then untouched.
  public static func replace(
    _ path: String, keepingOthers: Bool = false, _ body: (_ partial: String) throws(GraftError) -> Void
  ) throws(GraftError) {
    let folder = try DurableFolder(path)
    try body(folder.partial)
    try folder.commit(keepingOthers: keepingOthers)
  }

  /// - Throws: `.usage` if something stands at `path`.
  public static func requireFree(_ path: String) throws(GraftError) {
    var status = stat()
    guard lstat(path, &status) != 0 else {
      throw GraftError(
        .usage, "'\(path)' already exists", hint: "give another place, or remove it first.")
    }
  }

  /// Removes a folder with its content, if there is one. It loses its name first, so that an interruption
  /// leaves nothing that looks complete.
  public static func remove(_ path: String) throws(GraftError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw .systemCall("examine", path: path)
    }
    var doomed = path
    if !path.hasSuffix(PartialFile.suffix) {
      doomed = PartialFile.path(for: path)
      guard rename(path, doomed) == 0 else { throw .systemCall("remove", path: path) }
    }
    do { try FileManager.default.removeItem(atPath: doomed) } catch {
      throw GraftError(.inputOutput, "cannot remove '\(doomed)'", cause: error)
    }
    AtomicFile.syncFolder(of: path)
  }

  /// Gives a folder second names of those files of another one that it has none of.
  private static func link(_ old: String, into new: String) throws(GraftError) {
    guard Paths.isFolder(old) else { return }
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: old) {
        let (source, target) = (Paths.join(old, name), Paths.join(new, name))
        var status = stat()
        if lstat(target, &status) != 0 {
          try FileManager.default.linkItem(atPath: source, toPath: target)
        } else if status.st_mode & S_IFMT == S_IFDIR {
          try link(source, into: target)
        }
      }
    } catch let error as GraftError {
      throw error
    } catch {
      throw GraftError(.inputOutput, "cannot keep what is in '\(old)'", cause: error)
    }
  }

  private func exchange() throws(GraftError) {
    guard rename(partial, place) != 0 else { return }
    guard errno == ENOTEMPTY || errno == EEXIST else { throw .systemCall("rename into", path: place) }
    // A folder with content stands there: swap the two in one step, where the file system can.
    if !swapped() {
      try Self.remove(place)
      guard rename(partial, place) == 0 else { throw .systemCall("rename into", path: place) }
    }
  }

  /// `renameat2` with RENAME_EXCHANGE. The C library declares it for GNU sources only, which Swift's import
  /// is not, so it is looked up by name.
  private func swapped() -> Bool {
    typealias RenameAt2 =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "renameat2") else { return false }
    let exchange: UInt32 = 2
    return unsafeBitCast(symbol, to: RenameAt2.self)(AT_FDCWD, partial, AT_FDCWD, place, exchange) == 0
  }
}
