import ArgumentParser
import Examples
import Foundation
import Reporting
import StressTesting
import Support
import TaskRegistry

/// `graft stress make`
struct StressMakeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make",
    abstract:
      "Write stress sets as suites for `graft evaluate --suite`, unless they can be solved without the skill.",
    discussion: """
      A set is rejected if its labels are unbalanced or a linear model that sees one of its texts alone can tell them;
      rows are left out whose hypothesis occurs in training. report.json says what was made, left out and rejected.
      """)

  @OptionGroup var stress: StressArguments

  @Option(help: "A new folder for the suites.")
  var output: String

  @Option(help: "All transforms in one suite of this name, cut to as many examples of each label.")
  var together: String?

  @Flag(help: "Write what is rejected, too, and say so in it.")
  var keepRejected = false

  func validate() throws {
    if let together, !Self.isName(together) {
      throw ValidationError(
        "--together '\(together)' cannot name a suite: use lower-case letters, digits and '-'")
    }
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-")
      && text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
  }

  func run() throws {
    try stress.check()
    let catalog = try stress.data.catalog()
    let task = try stress.definition(in: catalog)
    let shape = try TaskShape(task)
    let names = try stress.transforms(for: shape)
    let split = try stress.chosenSplit(of: task)
    let checklists = try stress.checklists(in: catalog)
    try claimFolder()
    let training = try stress.training(task, for: "whether hypotheses occur in it is not looked into")
    var (sets, source) = ([StressSet](), [String]())
    if !names.isEmpty {
      let examples = try task.examples(split: split, data: stress.data.root, limit: stress.limit)
      source = examples.map(\.targets)
      let made = try stress.sets(names, task, examples) { () throws(GraftError) in training }
      sets = made.sets
      if let together { sets = [made.maker.together(sets, name: together)] }
    }
    for checklist in checklists {
      sets.append(try ChecklistRun(checklist, task: task, seed: stress.seed).labelledSet())
    }
    let auditor = StressAuditor(shape: shape, training: training, seed: stress.seed)
    var report = StressMakeReport(
      task: task.name, taskHash: task.definitionHash, split: split, seed: stress.seed, limit: stress.limit)
    for set in sets {
      report.sets.append(try write(set, source: source, task: task, split: split, auditor: auditor))
    }
    try JSONOutput.write(report, to: "\(output)/report.json")
    standardOutput(report.table.plainText)
    standardOutput(report.reasons.plainText, terminator: "")
  }

  /// - Returns: what came of a set, with the suite's name if it was written.
  private func write(
    _ set: StressSet, source: [String], task: TaskDefinition, split: String, auditor: StressAuditor
  ) throws(GraftError) -> StressMakeReport.Entry {
    let (audit, kept, overlapping) = try auditor.audit(set, source: source)
    let name = set.name == together ? set.name : "\(task.name)-\(set.name)"
    let rejections = audit.findings.filter { $0.isRejection && $0.check != .trainingOverlap }.map(\.detail)
    guard keepRejected ? !set.members.isEmpty : !audit.isRejected else {
      return StressMakeReport.Entry(suite: nil, audit: audit)
    }
    var reasons: [String: String] = [:]
    for member in overlapping { reasons[member.changed.identifier] = "occurs in the training split" }
    let limit = stress.limit.map { " --limit \($0)" } ?? ""
    try StressSetFile(name: name, task: task, shape: auditor.shape).write(
      keepRejected ? set.members : kept, rejected: reasons,
      stamp: rejections.isEmpty ? nil : rejections.joined(separator: "; "),
      source: "made by graft stress make of task \(task.name), split \(split), transform \(set.name),"
        + " --seed \(stress.seed)\(limit)", to: output)
    return StressMakeReport.Entry(suite: name, audit: audit)
  }

  private func claimFolder() throws(GraftError) {
    if let names = try? FileManager.default.contentsOfDirectory(atPath: output), !names.isEmpty {
      throw GraftError(
        .usage, "the folder '\(output)' is not empty", hint: "give a new one with --output, or empty it.")
    }
    try makeFolder(output)
  }
}

/// What `graft stress make` did, as it is written to `report.json`.
struct StressMakeReport: Encodable {
  struct Entry: Encodable {
    /// nil if it was not written.
    var suite: String?
    var audit: StressAudit
  }

  var task: String
  var taskHash: String
  var split: String
  var seed: UInt64
  var limit: Int?
  var sets: [Entry] = []

  /// A row per set.
  var table: Table {
    var table = Table([
      .init("set"), .init("offered", .right), .init("made", .right), .init("in training", .right),
      .init("labels"), .init("written as"),
    ])
    for entry in sets {
      let audit = entry.audit
      let labels = audit.labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
        separator: ", ")
      let name = entry.suite.map { $0 + (audit.isRejected ? " (rejected)" : "") } ?? "rejected"
      table.append([
        audit.set, "\(audit.offered)", "\(audit.made)", "\(audit.made - audit.count)", labels, name,
      ])
    }
    return table
  }

  /// A row per finding and per reason why a transform did not apply.
  var reasons: Table {
    var table = Table([.init("set"), .init("what"), .init("")])
    for entry in sets {
      let audit = entry.audit
      for finding in audit.findings {
        table.append([
          audit.set, finding.check.rawValue + (finding.isRejection ? ": rejects" : ""), finding.detail,
        ])
      }
      for (reason, count) in audit.notApplicable.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        table.append([audit.set, "not applicable", "\(count): \(reason)"])
      }
    }
    return table
  }
}
