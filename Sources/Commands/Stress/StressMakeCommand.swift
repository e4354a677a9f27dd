import ArgumentParser
import Experiments
import Records
import Reporting
import StressTesting
import Support
import TaskRegistry

/// `graft stress make`
struct StressMakeCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "make",
    abstract:
      "Write stress sets as suites for `graft evaluate --suite`, unless they can be solved without the skill.",
    discussion: """
      A set is rejected if its labels are unbalanced or a linear model that sees one of its texts alone can tell them;
      rows are left out whose hypothesis occurs in training. report.json says what was made, left out and rejected.
      """)

  @OptionGroup var stress: StressArguments

  @Option(help: "A new or empty folder for the suites and report.json. Exit code 65 if no suite is written.")
  var output: String

  @Option(
    help: """
      All transforms in one suite of this name, cut to as many examples of each label, of every text where enough \
      come of it.
      """)
  var together: String?

  @Option(help: "Show by category how many rows of each label were made, and how many a published suite has.")
  var beside: String?

  @Flag(help: "Write what is rejected, too, and say so in it.")
  var keepRejected = false

  /// The report of a run that wrote no suite is not in the way of the next.
  func files() -> CommandFiles {
    CommandFiles(
      .folder(output) { names in
        names == [StressMakeReport.fileName] && StressMakeReport.isOfNothing("\(output)/\(StressMakeReport.fileName)")
      }, reading: stress.checklist)
  }

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
    let catalog = try stress.source.data.catalog()
    let task = try stress.definition(in: catalog)
    let shape = try TaskShape(task)
    guard !shape.choices.isEmpty else {
      throw GraftError(
        .usage, "task '\(task.name)' has no fixed choices, and a stress set needs them",
        hint: "`graft stress evaluate` puts checklists to a model that answers in words.")
    }
    let names = try stress.transforms(for: shape)
    let split = try stress.source.chosenSplit(of: task)
    let checklists = try stress.checklists(in: catalog)
    var published: [Example] = []
    if let beside {
      published = try catalog.suite(named: beside).examples(through: task, data: stress.source.data.root)
    }
    let training = try stress.source.training(task, for: "whether hypotheses occur in it is not looked into")
    var (sets, source) = ([StressSet](), [String]())
    if !names.isEmpty {
      let examples = try task.examples(split: split, data: stress.source.data.root, limit: stress.limit)
      source = examples.map(\.targets)
      sets = try stress.sets(names, task, examples, together: together) { () throws(GraftError) in training }
    }
    for checklist in checklists {
      sets.append(try ChecklistRun(checklist, task: task, seed: stress.source.seed).labelledSet())
    }
    let auditor = StressAuditor(shape: shape, training: training, seed: stress.source.seed)
    var report = StressMakeReport(
      task: task.name, taskHash: task.definitionHash, split: split, seed: stress.source.seed, limit: stress.limit)
    try DurableFolder.replace(output) { (folder) throws(GraftError) in
      for set in sets {
        report.sets.append(
          try write(set, source: source, task: task, split: split, auditor: auditor, folder: folder))
      }
      try JSONOutput.write(report, to: "\(folder)/\(StressMakeReport.fileName)")
    }
    standardOutput(report.table.plainText)
    standardOutput(report.reasons.plainText, terminator: "")
    if let beside {
      let counts = CategoryCounts(sets, beside: beside, published, labels: shape.choices)
      standardOutput("\n" + counts.table.plainText, terminator: "")
    }
    if let error = report.nothingWritten(isTogether: together != nil) { throw error }
  }

  /// - Returns: what came of a set, with the suite's name if it was written.
  private func write(
    _ set: StressSet, source: [String], task: TaskDefinition, split: String, auditor: StressAuditor,
    folder: String
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
        + " --seed \(stress.source.seed)\(limit)" + (set.design.map { "; \($0)" } ?? ""), to: folder)
    return StressMakeReport.Entry(suite: name, audit: audit)
  }
}
