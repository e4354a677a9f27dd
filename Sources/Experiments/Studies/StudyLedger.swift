import Foundation
import Support

/// One thing that happened to a model of a study; a line of `ledger.jsonl`.
struct StudyEvent: Codable, Sendable, Hashable {
  enum Kind: String, Codable, Sendable {
    case started, finished, failed, interrupted
    /// The process ended without a word, as after a crash or a loss of power; found at the next start.
    case aborted
  }

  var time: String
  /// The arm.
  var cell: String
  var seed: UInt64
  /// Of a grid `pretrain`, `evaluate`, or `finetune-` and what on; of other studies `train`.
  var stage: String
  var event: Kind
  var steps: Int?
  /// Positions, inputs and targets together.
  var tokens: Int?
  /// Floating-point operations of matrix products, forward and backward.
  var flops: Double?
  var seconds: Double?
  var heldOut: Double?
  var scores: [String: Double]?
  var error: String?
}

extension StudyEvent {
  /// What happened to a stage now.
  init(_ unit: StudyUnit, _ kind: Kind, _ record: (any StudyRecord)? = nil, error: GraftError? = nil) {
    self.init(
      time: Date.now.ISO8601Format(), cell: unit.arm, seed: unit.seed, stage: unit.stage, event: kind,
      error: error.map { "\($0)" })
    record?.describe(in: &self)
  }

  /// The stage that it happened to.
  var unit: StudyUnit { StudyUnit(arm: cell, seed: seed, stage: stage) }
}

/// Everything that ever happened in a study, in order: append-only, each line on the disk before the next thing begins.
final class StudyLedger {
  let path: String
  private(set) var events: [StudyEvent]
  private let descriptor: Int32

  /// Opens or begins a ledger. A last line that a crash cut short is cut off.
  /// - Throws: `.badData` for a damaged line before the last; `.inputOutput`.
  init(_ path: String) throws(GraftError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    events = []
    guard descriptor >= 0 else { throw Self.failure("open", path) }
    let length: Int
    (events, length) = try Self.read(path)
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw Self.failure("shorten", path) }
  }

  /// The events of a ledger that another process may be writing, and the bytes of its whole lines.
  /// - Throws: `.badData` for a damaged line.
  static func read(_ path: String) throws(GraftError) -> (events: [StudyEvent], length: Int) {
    let content = try FileContents.read(path)
    let end = content.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    var events: [StudyEvent] = []
    for (number, line) in content[..<end].split(separator: 0x0A).enumerated() {
      guard let event = try? JSONFile.value(StudyEvent.self, in: line) else {
        throw GraftError(
          .badData, "the ledger is damaged", hint: "mend or remove the line.",
          location: SourceLocation(file: path, line: number + 1))
      }
      events.append(event)
    }
    return (events, end)
  }

  deinit { close(descriptor) }

  /// Writes a line and waits until it is on the disk.
  func append(_ event: StudyEvent) throws(GraftError) {
    let line = [UInt8](try JSONFile.line(event)) + [0x0A]
    var offset = 0
    while offset < line.count {
      let count = line[offset...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure("write", path) }
      offset += count
    }
    guard fsync(descriptor) == 0 else { throw Self.failure("sync", path) }
    events.append(event)
  }

  /// The stages that began and of which nothing more was heard, oldest first.
  var unfinished: [StudyEvent] {
    var open: [StudyEvent] = []
    for event in events {
      open.removeAll { ($0.cell, $0.seed, $0.stage) == (event.cell, event.seed, event.stage) }
      if event.event == .started { open.append(event) }
    }
    return open
  }

  private static func failure(_ action: String, _ path: String) -> GraftError {
    GraftError(.inputOutput, "cannot \(action) '\(path)': \(String(cString: strerror(errno)))")
  }
}
