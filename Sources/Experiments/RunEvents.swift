import Foundation
import Reporting
import Support

/// What a run's `events.jsonl` says in numbers, for the tools by which people look at runs.
public struct RunEvents: Sendable {
  /// A line of the log.
  public struct Event: Sendable, Hashable {
    /// Its kind: `step`, `heldOut` …
    public var name: String
    /// Updates.
    public var step: Int
    /// The task of an event that is about one.
    public var task: String?
    /// Every number it has, by name.
    public var values: [String: Double]
  }

  /// The run directory.
  public let path: String
  /// How the run is called: the last parts of its path that tell it from the others.
  public let name: String
  /// In the order of the log; what was gone back on is left out.
  public private(set) var events: [Event] = []
  /// When the log was written last, in seconds since 1970.
  private let written: Double

  /// - Throws: `.missingInput` for a folder without a log, `.badData` for one without events.
  public init(run path: String, name: String) throws(GraftError) {
    (self.path, self.name) = (path, name)
    let log = "\(path)/events.jsonl"
    guard FileManager.default.fileExists(atPath: log) else {
      throw GraftError(
        .missingInput, "'\(path)' has no events.jsonl",
        hint: "give the output folder of `graft pretrain` or `graft finetune`.")
    }
    var status = stat()
    stat(log, &status)
    written = Double(status.st_mtim.tv_sec)
    for line in try FileContents.lines(log) {
      // A crash may have cut the last line short.
      guard let event = Self.event(line) else { continue }
      if event.name == EventLog.rolledBack { events.removeAll { $0.step > event.step } }
      events.append(event)
    }
    guard !events.isEmpty else {
      throw GraftError(
        .badData, "the log has no events", hint: "the run has only begun.", location: SourceLocation(file: log))
    }
  }

  private static func event(_ line: String) -> Event? {
    let bytes = Array(line.utf8)
    guard let value = bytes.withUnsafeBytes({ try? JSONValue(parsing: $0) }), case .object(let members) = value.kind
    else { return nil }
    var event = Event(name: "", step: 0, task: nil, values: [:])
    for (key, value) in members {
      switch (key, value.kind) {
      case ("event", .string(let name)): event.name = name
      case ("task", .string(let task)): event.task = task
      case ("step", .number(let step)): event.step = Int(step)
      case (_, .number(let number)): event.values[key] = number
      case (_, .string(JSONFile.nan)): event.values[key] = .nan
      case (_, .string(JSONFile.infinity)): event.values[key] = .infinity
      case (_, .string(JSONFile.negativeInfinity)): event.values[key] = -.infinity
      default: break
      }
    }
    return event.name.isEmpty ? nil : event
  }

  /// The runs that paths stand for: each itself, or the seeds and trials in it.
  /// - Throws: as `init(run:name:)`.
  public static func all(_ paths: [String]) throws(GraftError) -> [RunEvents] {
    var runs: [RunEvents] = []
    for path in paths {
      let name = Paths.name(of: Paths.absolute(path))
      let parts = BuiltInFiles.names(in: path).filter { part in
        (part.hasPrefix("seed-") || part.hasPrefix("trial-"))
          && FileManager.default.fileExists(atPath: "\(path)/\(part)/events.jsonl")
      }
      if FileManager.default.fileExists(atPath: "\(path)/events.jsonl") || parts.isEmpty {
        runs.append(try RunEvents(run: path, name: name))
      }
      for part in parts { runs.append(try RunEvents(run: "\(path)/\(part)", name: "\(name)/\(part)")) }
    }
    for (index, run) in runs.enumerated() where runs[..<index].contains(where: { $0.name == run.name }) {
      throw GraftError(
        .usage, "two runs are called '\(run.name)'", hint: "look at them one by one, or rename a folder.")
    }
    return runs
  }

  // MARK: Forms

  /// A table of all runs, a row an event, with a column for every number that some event has; RFC 4180, a value that is
  /// not finite as pandas reads it.
  public static func csv(_ runs: [RunEvents]) -> String {
    let first = ["seconds", "tokensSeen", "loss", "lossPerToken", "bitsPerByte"]
    let all = Set(runs.flatMap(\.events).flatMap(\.values.keys))
    let columns = first.filter(all.contains) + all.subtracting(first).sorted()
    func cell(_ text: String) -> String {
      text.contains(where: { ",\"\n".contains($0) })
        ? "\"\(text.replacingOccurrences(of: "\"", with: "\"\"", options: .literal))\"" : text
    }
    func number(_ value: Double?) -> String {
      guard let value else { return "" }
      if value.isNaN { return "NaN" }
      if value.isInfinite { return value < 0 ? "-inf" : "inf" }
      return Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }
    var text = (["run", "event", "step", "task"] + columns).map(cell).joined(separator: ",") + "\n"
    for run in runs {
      for event in run.events {
        let row = [run.name, event.name, "\(event.step)", event.task ?? ""] + columns.map { number(event.values[$0]) }
        text += row.map(cell).joined(separator: ",") + "\n"
      }
    }
    return text
  }

  private static let tags = [
    "step": "train", "heldOut": "held-out", "heldOutOfTask": "held-out", "validationScore": "validation",
    "skipped": "not-finite",
    EventLog.rolledBack: "not-finite",
  ]

  /// The run's numbers as curves. The log has the seconds of training; the time of day is that of its last line.
  public var scalars: [ScalarEvent] {
    let last = events.compactMap { $0.values["seconds"] }.last ?? 0
    var seconds = 0.0
    var scalars: [ScalarEvent] = []
    for event in events {
      seconds = event.values["seconds"] ?? seconds
      guard let group = Self.tags[event.name] else { continue }
      let place = event.task.map { "\(group)-of-\($0)" } ?? group
      for (name, value) in event.values.sorted(by: { $0.key < $1.key }) where name != "seconds" {
        scalars.append(
          ScalarEvent(time: written - last + seconds, step: event.step, tag: "\(place)/\(name)", value: value))
      }
    }
    return scalars
  }
}
