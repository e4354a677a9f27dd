import Foundation
import Randomness
import Records
import Reporting
import Scoring
import Support

@testable import Experiments
@testable import TaskRegistry
@testable import Training

extension Readers {
  static let records = [
    Reader("comparison", readComparison),
    Reader("dynamics", readDynamics),
    Reader("events", readEvents),
    Reader("ledger", readLedger),
    Reader("map", readMap),
    Reader("metric", readMetric),
    Reader("predictions", readPredictions),
    Reader("report", readReport),
    Reader("report-run", readReportRun),
    Reader("requirement") { _ = try Requirement(String(decoding: $0, as: UTF8.self)) },
    Reader("results", readResults),
    Reader("subsets", readSubsets),
  ]
}

/// A results file stays the same by writing it, and can be shown.
@Sendable private func readResults(_ input: UnsafeRawBufferPointer) throws {
  let file = try ResultsFile.read(Scratch.write("results.json", input))
  let json = try file.json()
  let again = try ResultsFile.read(Scratch.write("again.json", json)).json()
  precondition(again == json, "results change by writing them")
  _ = file.table()
  _ = file.table(by: "label")
  _ = file.remarks
  _ = file.mixtureTable()
}

@Sendable private func readPredictions(_ input: UnsafeRawBufferPointer) throws {
  let examples = try PredictionsFile.read(Scratch.write("predictions.jsonl", input))
  let path = "\(Scratch.path)/again.jsonl"
  try PredictionsFile.write(examples, to: path)
  let again = try PredictionsFile.read(path)
  precondition(again.count == examples.count, "the number of answers changes by writing them")
  precondition("\(again)" == "\(examples)", "answers change by writing them")
  for example in examples { _ = (example.answer, example.reference) }
}

/// The name of a metric, answers and references, a line each.
@Sendable private func readMetric(_ input: UnsafeRawBufferPointer) throws {
  let files = input.files(4)
  let options = String(decoding: files[0], as: UTF8.self).split(separator: " ").map(String.init)
  guard let name = options.first else { return }
  let metric = try Metrics.registry(name).with(options: Array(options.dropFirst()))
  var references = [Scratch.write("references", files[2])]
  if !files[3].isEmpty { references.append(Scratch.write("references-2", files[3])) }
  let lines = try MetricLines(
    metric, predictions: Scratch.write("answers", files[1]), references: references, choices: nil)
  guard lines.references.count < 200 else { return }
  let score = try metric.measure(
    lines.answers, lines.references,
    bootstrap: BootstrapOptions(resamples: 20, key: RandomKey(seed: 0)))
  precondition(score.value.map { !$0.isNaN } ?? true, "\(name) is not a number")
  for detail in score.details { precondition(!detail.value.isNaN, "\(detail.key) is not a number") }
  if let interval = score.interval { precondition(interval.lower <= interval.upper, "\(interval)") }
}

/// Two files of predictions, compared.
@Sendable private func readComparison(_ input: UnsafeRawBufferPointer) throws {
  let files = input.files(2)
  let systems = [
    try ComparedSystem(Scratch.write("first.jsonl", files[0])),
    try ComparedSystem(Scratch.write("second.jsonl", files[1])),
  ]
  _ = try Comparison(
    systems[0], systems[1], metrics: [Metrics.registry("accuracy")],
    bootstrap: BootstrapOptions(resamples: 20, key: RandomKey(seed: 0)))
}

/// A log that is resumed keeps a part of itself, and goes on.
@Sendable private func readEvents(_ input: UnsafeRawBufferPointer) throws {
  Scratch.makeFolder("log")
  let path = Scratch.write("log/events.jsonl", input)
  _ = try? RunLog(run: "\(Scratch.path)/log")
  let log = try EventLog(path: path, resumingFrom: 10)
  try log.append("step", step: 11, ["loss": .number(1)])
  let bytes = try FileContents.read(path)
  guard
    let end = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")).map({ $0 + 1 }) ?? (bytes.isEmpty ? nil : 0)
  else { preconditionFailure("an event was not written") }
  precondition(bytes[..<end].elementsEqual(input.prefix(end)), "resuming changes what is kept")
}

@Sendable private func readLedger(_ input: UnsafeRawBufferPointer) throws {
  let ledger = try StudyLedger(Scratch.write("ledger.jsonl", input))
  _ = ledger.unfinished
}

@Sendable private func readSubsets(_ input: UnsafeRawBufferPointer) throws {
  let subsets = try ExampleSubsets.read(Scratch.write("subsets.json", input))
  let json = try subsets.json()
  let again = try ExampleSubsets.read(Scratch.write("again.json", json)).json()
  precondition(again == json, "subsets change by writing them")
}

@Sendable private func readDynamics(_ input: UnsafeRawBufferPointer) throws {
  let dynamics = try TrainingDynamics(path: Scratch.write("dynamics.jsonl", input))
  guard !dynamics.measurements.isEmpty else { return }
  _ = try dynamics.map()
}

@Sendable private func readMap(_ input: UnsafeRawBufferPointer) throws {
  Scratch.makeFolder("map")
  Scratch.write("map/cartography.jsonl", input)
  try page(of: "\(Scratch.path)/map")
}

/// One file that a report is made of, of whichever kind.
@Sendable private func readReport(_ input: UnsafeRawBufferPointer) throws {
  try page(of: Scratch.write("material.json", input))
}

/// A run directory: `run.json`, `results.json` and `events.jsonl`.
@Sendable private func readReportRun(_ input: UnsafeRawBufferPointer) throws {
  let names = ["run.json", "results.json", "events.jsonl"]
  Scratch.makeFolder("run")
  for (name, file) in zip(names, input.files(names.count)) {
    if file.isEmpty { Scratch.remove("run/\(name)") } else { Scratch.write("run/\(name)", file) }
  }
  try page(of: "\(Scratch.path)/run")
}

private func page(of path: String) throws {
  let material = try ReportMaterial([path])
  let context = ReportContext(
    catalog: nil, data: DataRoot("\(Scratch.path)/data"), dataFlags: [], worst: 5, showsAttention: false,
    pairsBaselines: false, evaluatedModel: { _ in nil }, note: { _ in })
  let page = try ReportPage(of: material, context, title: nil, paths: [path], command: "graft report")
  _ = try ReportTemplate.html(page)
}
