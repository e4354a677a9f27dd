import Foundation
import Support
import Synchronization

/// A run's `events.jsonl`: one JSON object per line, each written with one system call, so that a killed run
/// loses at most the line being written. Safe to call from several threads.
///
/// Worked example: a log with steps 10, 20, `saved` 20, 30 of a run resumed from step 20 is cut after `saved`; the
/// resumed run writes 30 again.
public final class EventLog: Sendable {
  /// The file that is written.
  public let path: String
  private let descriptor: Mutex<Int32>
  /// Whether the log that is continued ends by saying that the step was saved. If it does not, the process died between
  /// saving and saying so.
  public let endsWithSave: Bool

  /// The event that says a checkpoint of its step is there.
  public static let saved = "saved"
  /// The event that says a run went back to its step: what stands before it is no longer in order.
  public static let rolledBack = "rolledBack"

  /// - Parameter step: nil starts an empty log. Otherwise the existing log is continued after the last event `saved` of
  ///   that step; without one, it is cut before the first event with a later step. An incomplete or damaged line ends
  ///   it as well.
  /// - Throws: `.inputOutput` or `.missingInput` if the file cannot be opened or cut.
  public init(path: String, resumingFrom step: Int? = nil) throws(GraftError) {
    self.path = path
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | (step == nil ? O_TRUNC : 0)
    let opened = open(path, flags, 0o644)
    guard opened >= 0 else { throw .systemCall("open", path: path) }
    descriptor = Mutex(opened)
    guard let step else {
      endsWithSave = false
      return
    }
    let (keep, isSaved) = try MappedFile(path).withBytes { EventLog.length(of: $0, upTo: step) }
    endsWithSave = isSaved
    guard ftruncate(opened, off_t(keep)) == 0 else { throw .systemCall("shorten", path: path) }
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
    var line = "{\"event\":\(event.jsonLiteral)"
    if let step { line += ",\"step\":\(step)" }
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      line += ",\(name.jsonLiteral):\(value.json)"
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

  /// Waits until all that was appended is on the disk.
  public func sync() throws(GraftError) {
    guard descriptor.withLock({ fsync($0) }) == 0 else { throw .systemCall("sync", path: path) }
  }

  private struct Head: Decodable {
    var event: String
    var step: Int?
  }

  /// Bytes of the leading lines that a run which goes on from `step` keeps, and whether they end by saying that the
  /// step was saved.
  private static func length(
    of bytes: UnsafeRawBufferPointer, upTo step: Int
  ) -> (length: Int, isSaved: Bool) {
    var start = 0
    var (afterSave, beforeLater): (Int?, Int?)
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      guard let head = try? JSONFile.value(Head.self, in: bytes[start..<end]) else { break }
      if head.step ?? 0 > step, beforeLater == nil { beforeLater = start }
      if head.event == rolledBack { beforeLater = nil }
      start = end + 1
      if head.event == saved, head.step == step { afterSave = start }
    }
    return (afterSave ?? beforeLater ?? start, afterSave != nil)
  }
}
