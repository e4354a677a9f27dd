import Foundation
import Synchronization

/// What is no regular file and can be read once only (a FIFO, a pipe, `<(command)`, standard input as `-`), copied into
/// a file without a name, so that it can be mapped and read as often as needed. Memory: none; disk: as much as comes
/// in.
enum SpooledInput {
  /// More than anybody pipes, and less than a device without end.
  private static let limit = 256 << 30
  private static let copies = Mutex<[String: Int32]>([:])

  /// A descriptor of the copy; the caller closes it.
  /// - Parameter status: of the descriptor.
  static func copy(of descriptor: Int32, _ status: stat, path: String) throws(GraftError) -> Int32 {
    let key = "\(status.st_dev):\(status.st_ino)"
    var result: Result<Int32, GraftError> = .failure(.systemCall("read", path: path, number: EIO))
    copies.withLock { copies in
      do throws(GraftError) {
        if copies[key] == nil { copies[key] = try fill(from: descriptor, path) }
        let own = dup(copies[key] ?? -1)
        result = own >= 0 ? .success(own) : .failure(.systemCall("read", path: path))
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  /// A descriptor of the copy that was made of what a path leads to; nil if there is none. To open a pipe again would
  /// wait for somebody who writes into it.
  static func earlierCopy(of path: String) -> Int32? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return nil }
    let own = copies.withLock { $0["\(status.st_dev):\(status.st_ino)"].map { dup($0) } } ?? -1
    return own >= 0 ? own : nil
  }

  private static func fill(from descriptor: Int32, _ path: String) throws(GraftError) -> Int32 {
    var name = Array("\(NSTemporaryDirectory())/graft-input-XXXXXX".utf8CString)
    let copy = mkstemp(&name)
    guard copy >= 0 else { throw .systemCall("make a temporary file for", path: path) }
    unlink(name)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var total = 0
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        close(copy)
        throw .systemCall("read", path: path)
      }
      if count == 0 { return copy }
      total += count
      var written = 0
      while written < count {
        let done = buffer.withUnsafeBytes { write(copy, $0.baseAddress! + written, count - written) }
        if done < 0, errno == EINTR { continue }
        guard done > 0 else {
          close(copy)
          throw .systemCall("keep what comes from", path: path)
        }
        written += done
      }
      guard total <= limit else {
        close(copy)
        throw GraftError(.badData, "'\(path)' does not end", hint: "it is read whole before it is used.")
      }
    }
  }
}
