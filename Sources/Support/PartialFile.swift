import Foundation

/// The temporary file that `AtomicFile`, or folder that `DurableFolder`, fills beside its target:
/// `NAME.PID-RANDOM.partial`, with the number of the process that fills it and sixteen hexadecimal digits that nobody
/// can guess. Its writer holds a lock on it, which the system releases when the process ends, however it ends.
public enum PartialFile {
  /// How the names of all of them end.
  public static let suffix = ".partial"
  /// What most file systems allow a name to have.
  private static let longestName = 255

  /// A new name beside `path`, of at most 255 bytes however long that of `path` is.
  static func path(for path: String) -> String {
    let random = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    let ending =
      ".\(getpid())-" + String(repeating: "0", count: 16 - random.count) + random + suffix
    var name = Paths.name(of: path)
    while name.utf8.count + ending.utf8.count > longestName { name.removeLast() }
    let folder = Paths.parent(of: path)
    return path.utf8.first != UInt8(ascii: "/") && folder == "."
      ? name + ending : Paths.join(folder, name + ending)
  }

  /// The process that began a temporary file, from its name; nil for a file of somebody else.
  ///
  /// Worked example: 4711 for `run.json.4711-0123456789abcdef.partial`; nil for `notes.partial`.
  public static func process(ofName name: String) -> Int32? {
    guard name.hasSuffix(suffix) else { return nil }
    let parts = name.dropLast(suffix.count).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, parts.count > 2 || !parts[0].isEmpty, let last = parts.last else { return nil }
    let numbers = last.split(separator: "-", omittingEmptySubsequences: false)
    guard numbers.count == 2, numbers[1].utf8.count == 16,
      numbers[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
      !numbers[0].isEmpty, numbers[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let process = Int32(numbers[0]), process > 0
    else { return nil }
    return process
  }

  /// Says that the file's writer lives. Best effort: some file systems have no locks.
  static func hold(_ descriptor: Int32) { _ = flock(descriptor, LOCK_EX | LOCK_NB) }

  /// Removes the temporary files and folders in a folder whose processes are dead. Anything else stays, and so does
  /// what cannot be removed: it is only in the way of space.
  public static func removeLeftovers(in folder: String) { removeLeftovers(in: folder) { _ in true } }

  /// As `removeLeftovers(in:)`, of one target alone.
  static func removeLeftovers(of path: String) {
    let start = Paths.name(of: path) + "."
    removeLeftovers(in: Paths.parent(of: path)) { $0.utf8.starts(with: start.utf8) }
  }

  private static func removeLeftovers(in folder: String, where isMeant: (String) -> Bool) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where isMeant(name) {
      guard let writer = process(ofName: name), kill(writer, 0) != 0, errno == ESRCH else { continue }
      let path = Paths.join(folder, name)
      var status = stat()
      guard lstat(path, &status) == 0, [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { continue }
      // The process may live where its number is another one: in a container that shares the folder.
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
      close(descriptor)
    }
  }
}
