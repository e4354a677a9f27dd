import Foundation

/// Holds a run directory for one process. The system releases the lock when the process ends, however it
/// ends, so no stale lock can remain; the file `lock` itself stays.
public final class RunLock: Sendable {
  /// The lock's name within the run directory.
  public static let fileName = "lock"
  private let descriptor: Int32

  /// Creates the directory if need be and takes its lock.
  /// - Throws: `.usage` with the holder's process number if another run has it.
  public init(directory: String) throws(GraftError) {
    try makeFolder(directory)
    let path = "\(directory)/\(Self.fileName)"
    let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      guard errno == ELOOP else { throw .systemCall("open", path: path) }
      // Its target would be emptied and written.
      throw GraftError(
        .inputOutput, "'\(path)' is a symbolic link where a run keeps its lock", hint: "remove the link.")
    }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      let number = errno
      let holder = Self.holder(descriptor)
      close(descriptor)
      guard number == EWOULDBLOCK else { throw .systemCall("lock", path: path, number: number) }
      throw GraftError(
        .usage, "run directory is in use: '\(directory)'" + (holder.map { ", by process \($0)" } ?? ""),
        hint: "wait for that run or stop it, or give another `output:`.")
    }
    let text = "\(getpid())\n"
    // The number is only for messages; the lock holds without it.
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.utf8.count, 0) }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Whether a run has been in the folder: it has a lock file with the number of a process in it, from the run's first
  /// moment on.
  public static func wasHeld(in folder: String) -> Bool {
    let descriptor = open(Paths.join(folder, fileName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return holder(descriptor) != nil
  }

  /// Whether the folder has a lock file without a number yet: what a run leaves that was killed in its first moment.
  public static func isUnwritten(in folder: String) -> Bool {
    var status = stat()
    return lstat(Paths.join(folder, fileName), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && status.st_size == 0
  }

  private static func holder(_ descriptor: Int32) -> Int? {
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 1, count < buffer.count, buffer[count - 1] == 0x0A else { return nil }
    return Int(String(decoding: buffer.prefix(count - 1), as: UTF8.self))
  }
}
