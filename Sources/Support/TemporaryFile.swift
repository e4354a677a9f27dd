import Foundation
import Synchronization

/// The names of files that are being written beside their targets, and what killed processes left of them.
///
/// A name is `TARGET.PID-NUMBER.partial`; its writer holds a lock on the file, which the system releases when the process
/// ends, however it ends.
public enum TemporaryFile {
  /// Files begun by this process. Threads of one process may write the same file, as two runs do that share a cache.
  private static let count = Atomic<Int>(0)
  private static let suffix = ".partial"

  /// A name that no other file of this process has.
  static func path(for target: String) -> String {
    let number = count.wrappingAdd(1, ordering: .relaxed).newValue
    return "\(target).\(getpid())-\(number)\(suffix)"
  }

  /// Says that the file's writer lives. Best effort: some file systems have no locks.
  static func hold(_ descriptor: Int32) { _ = flock(descriptor, LOCK_EX | LOCK_NB) }

  /// The process that wrote a file of this name; nil for any other name.
  ///
  /// Worked example: `run.json.812-3.partial` is of process 812; `model.partial` and `notes.partial` are of none.
  static func writer(ofName name: String) -> pid_t? {
    guard name.hasSuffix(suffix) else { return nil }
    let stem = name.dropLast(suffix.count)
    guard let dot = stem.lastIndex(of: "."), dot != stem.startIndex else { return nil }
    let parts = stem[stem.index(after: dot)...].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ part in !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let writer = pid_t(parts[0]), writer > 0
    else { return nil }
    return writer
  }

  /// Removes the files of this kind in a folder whose processes are dead. Anything else stays, and so does what cannot be
  /// removed: it is only in the way of space.
  public static func removeLeftovers(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names {
      guard let writer = writer(ofName: name), kill(writer, 0) != 0, errno == ESRCH else { continue }
      let path = "\(folder)/\(name)"
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      // The process may live where its number is another one: in a container that shares the folder.
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }
}
