import Foundation
import Support

/// Every run of a folder in the order in which they began and ended: a file of JSON lines, each of which holds the hash
/// of the one before, so that none can be changed or left out in the middle unseen.
///
/// It is only ever appended to. A line that a crash cut short stays as it is, and the next one holds its hash.
struct RunLedger: Sendable {
  static let fileName = "run-ledger.jsonl"
  /// What the first line has in place of the hash of one before.
  static let noHash = String(repeating: "0", count: 64)
  /// How long another process may hold the file, in tries 10 ms apart. It needs a few of them.
  private static let patience = 1000

  /// Without links.
  let folder: String

  /// - Parameter folder: that the run directories lie in, at any depth.
  init(folder: String) { self.folder = Paths.place(folder) }

  var path: String { Paths.join(folder, Self.fileName) }

  /// A run directory as seen from the folder.
  func name(of directory: String) -> String {
    let place = Paths.place(directory)
    let above = folder == "/" ? folder : folder + "/"
    return place.utf8.starts(with: above.utf8)
      ? String(decoding: place.utf8.dropFirst(above.utf8.count), as: UTF8.self) : place
  }

  /// The lines of a ledger without their ends, and whether the last has one.
  static func lines(_ path: String) throws(GraftError) -> (lines: [ArraySlice<UInt8>], isWhole: Bool) {
    let bytes = try MappedFile(path).withBytes { [UInt8]($0) }
    let isWhole = bytes.last ?? 0x0A == 0x0A
    let content = isWhole ? bytes.dropLast() : bytes[...]
    guard !bytes.isEmpty else { return ([], true) }
    return (content.split(separator: 0x0A, omittingEmptySubsequences: false), isWhole)
  }

  static func hash(_ line: ArraySlice<UInt8>) -> String { ContentHash.of(Data(line)) }

  /// Writes an entry behind the last line, with its number and hash, and waits until it is on the disk.
  /// - Throws: `.inputOutput`, and the file is as it was; also if another process holds it for 10 s.
  func append(_ entry: LedgerEntry) throws(GraftError) {
    // No link is followed: a folder such as /tmp is everybody's, and its target would be written into.
    let flags = O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = open(path, flags, 0o666)
    guard descriptor >= 0 else {
      guard errno == ELOOP else { throw .systemCall("open", path: path) }
      throw GraftError(.inputOutput, "'\(path)' is a symbolic link where runs are entered", hint: "remove the link.")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw GraftError(.inputOutput, "'\(path)' is no regular file", hint: "put it elsewhere: runs are entered there.")
    }
    try lock(descriptor)
    let (lines, isWhole) = try Self.lines(path)
    var entry = entry
    entry.number = lines.count + 1
    entry.previous = lines.last.map(Self.hash) ?? Self.noHash
    let bytes = (isWhole ? [] : [0x0A]) + [UInt8](try JSONFile.line(entry)) + [0x0A]
    guard fstat(descriptor, &status) == 0 else { throw .systemCall("examine", path: path) }
    do throws(GraftError) {
      try write(bytes, descriptor)
    } catch {
      // A full disk takes a part of a line.
      ftruncate(descriptor, status.st_size)
      throw error
    }
    if lines.isEmpty { AtomicFile.syncFolder(of: path) }
  }

  /// The lock goes when the descriptor is closed, or the process ends.
  private func lock(_ descriptor: Int32) throws(GraftError) {
    for _ in 0..<Self.patience {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .systemCall("lock", path: path) }
      usleep(10_000)
    }
    throw GraftError(
      .inputOutput, "another process holds '\(path)'",
      hint: "`fuser \(path)` shows which; a stopped one goes on holding it.")
  }

  private func write(_ bytes: [UInt8], _ descriptor: Int32) throws(GraftError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .systemCall("write", path: path) }
      offset += count
    }
    guard fsync(descriptor) == 0 else { throw .systemCall("sync", path: path) }
  }
}
