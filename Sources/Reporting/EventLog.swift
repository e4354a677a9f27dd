import Foundation
import Support
import Synchronization

/// A run's `events.jsonl`: one JSON object per line, each written with one system call, so that a killed run
/// loses at most the line being written. Safe to call from several threads.
///
/// Worked example: a log with steps 10, 20, 30 of a run resumed from step 20 keeps 10 and 20; the resumed run
/// writes 30 again.
public final class EventLog: Sendable {
  public let path: String
  private let descriptor: Mutex<Int32>

  /// - Parameter step: nil starts an empty log. Otherwise the existing log is cut before the first event with
  ///   a later step and before an incomplete or damaged line, and continued.
  /// - Throws: `.inputOutput` or `.missingInput` if the file cannot be opened or cut.
  public init(path: String, resumingFrom step: Int? = nil) throws(GraftError) {
    self.path = path
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (step == nil ? O_TRUNC : 0)
    let opened = open(path, flags, 0o644)
    guard opened >= 0 else { throw .systemCall("open", path: path) }
    descriptor = Mutex(opened)
    if let step {
      let keep = try MappedFile(path).withBytes { EventLog.length(of: $0, upTo: step) }
      guard ftruncate(opened, off_t(keep)) == 0 else { throw .systemCall("shorten", path: path) }
    }
  }

  deinit { descriptor.withLock { _ = close($0) } }

  /// Appends `{"event": …, "step": …, …fields}` with the fields in the order of their names. The time of day
  /// is not added by itself: a field `seconds` since the run's start keeps logs comparable between runs.
  /// - Precondition: no field is called `event` or `step`.
  public func append(
    _ event: String, step: Int? = nil, _ fields: [String: EventValue] = [:]
  ) throws(GraftError) {
    precondition(
      fields["event"] == nil && fields["step"] == nil, "'event' and 'step' are not free field names")
    var line = "{\"event\":\(jsonString(event))"
    if let step { line += ",\"step\":\(step)" }
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      line += ",\(jsonString(name)):\(value.json)"
    }
    let bytes = Array((line + "}\n").utf8)
    let failure: GraftError? = descriptor.withLock { descriptor in
      var offset = 0
      while offset < bytes.count {
        let count = bytes.withUnsafeBytes {
          Foundation.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
        }
        if count < 0 && errno == EINTR { continue }
        if count < 0 { return .systemCall("write", path: path) }
        offset += count
      }
      return nil
    }
    if let failure { throw failure }
  }

  private struct Head: Decodable {
    var event: String
    var step: Int?
  }

  /// Bytes of the leading lines that are whole, are events, and have no step later than `step`.
  private static func length(of bytes: UnsafeRawBufferPointer, upTo step: Int) -> Int {
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = Data(bytes[start..<end])
      guard let head = try? JSONDecoder().decode(Head.self, from: line), head.step ?? 0 <= step else { break }
      start = end + 1
    }
    return start
  }
}
