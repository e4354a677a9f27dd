import Foundation
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import StressTesting

@Suite struct AuditTests {
  static let none = BootstrapOptions(resamples: 200)

  /// A set whose hypotheses have these words and labels.
  func set(_ rows: [(hypothesis: String, label: String)], isPreserved: Bool = false) throws -> (
    StressedTask, StressSet
  ) {
    let stressed = try StressedTask.inference(
      rows.enumerated().map { ["A man is number \($0.offset).", "He is here.", $0.element.label] })
    let examples = try stressed.examples()
    var members: [StressMember] = []
    for (example, row) in zip(examples, rows) {
      let changed = try stressed.task.prompt(
        example.fields.merging(["hypothesis": row.hypothesis]) { $1 }, label: row.label,
        groups: ["transform": "made"], identifier: example.identifier + "+made")
      members.append(
        StressMember(
          original: example, changed: changed, expected: [row.label], isPreserved: isPreserved,
          transform: "made"))
    }
    return (stressed, StressSet(name: "made", members: members, offered: rows.count, notApplicable: [:]))
  }

  func audit(
    _ set: StressSet, _ stressed: StressedTask, training: [Example]? = [], source: [String] = []
  ) throws -> (audit: StressAudit, kept: [StressMember], overlapping: [StressMember]) {
    try StressAuditor(
      shape: try TaskShape(stressed.task), training: training, seed: 0, bootstrap: Self.none
    ).audit(set, source: source)
  }

  func rejections(_ audit: StressAudit) -> Set<StressAudit.Check> {
    Set(audit.findings.filter(\.isRejection).map(\.check))
  }

  @Test func aSetThatNeedsBothTextsHolds() throws {
    let labels = StressedTask.three
    let (stressed, made) = try set((0..<90).map { ("He does thing \($0).", labels[$0 % 3]) })
    let (audit, kept, _) = try audit(made, stressed)
    #expect(rejections(audit).isEmpty && !audit.isRejected, "\(audit.findings)")
    #expect(kept.count == 90 && audit.labels == ["entailment": 30, "neutral": 30, "contradiction": 30])
    #expect(Set(audit.findings.map(\.check)) == Set(StressAudit.Check.allCases))
  }

  @Test func aWordThatGivesTheLabelAwayRejects() throws {
    let labels = StressedTask.three
    let (stressed, made) = try set(
      (0..<90).map { ("He \(["sits", "flies", "never runs"][$0 % 3]) \($0).", labels[$0 % 3]) })
    let (audit, _, _) = try audit(made, stressed)
    #expect(rejections(audit) == [.partialInput] && audit.isRejected, "\(audit.findings)")
    #expect(audit.findings.contains { $0.isRejection && $0.detail.hasPrefix("hypothesis alone: 100.0 %") })
  }

  @Test func oneLabelAloneRejects() throws {
    let (stressed, made) = try set((0..<60).map { ("He does thing \($0).", "contradiction") })
    let (audit, _, _) = try audit(made, stressed)
    #expect(rejections(audit) == [.balance] && audit.isRejected, "\(audit.findings)")
  }

  @Test(.tags(.slow)) func whatKeepsItsLabelIsJudgedBesideTheOriginal() throws {
    // As unbalanced as its split, and no easier than it.
    let rows: [(hypothesis: String, label: String)] = (0..<60).map {
      ("He does thing \($0).", $0 < 50 ? "contradiction" : "neutral")
    }
    let (stressed, made) = try set(rows, isPreserved: true)
    let source = rows.map(\.label)
    #expect(rejections(try audit(made, stressed, source: source).audit).isEmpty)
    // A split that was balanced.
    #expect(
      rejections(try audit(made, stressed, source: StressedTask.three + StressedTask.three).audit) == [
        .balance
      ])
    // A transform that lets the label slip through.
    let (easier, leaking) = try set(
      (0..<60).map { ("He \($0 % 2 == 0 ? "sits" : "flies").", $0 % 2 == 0 ? "neutral" : "contradiction") },
      isPreserved: true)
    let labels = leaking.members.map { $0.expected[0] }
    #expect(rejections(try audit(leaking, easier, source: labels).audit) == [.partialInput])
  }

  @Test func rowsThatTrainingHasAreLeftOut() throws {
    let labels = StressedTask.three
    let (stressed, made) = try set((0..<30).map { ("He does thing \($0).", labels[$0 % 3]) })
    let training = try stressed.task.prompt(
      ["premise": "x", "hypothesis": "he does THING 4"], label: "neutral", identifier: "t/train/1")
    let (audit, kept, overlapping) = try audit(made, stressed, training: [training])
    #expect(overlapping.map(\.changed.identifier) == ["t/test/5+made"])
    #expect(kept.count == 29 && audit.made == 30 && audit.count == 29 && !audit.isRejected)
    #expect(try self.audit(made, stressed, training: nil).kept.count == 30)
    let empty = StressSet(name: "none", members: [], offered: 3, notApplicable: ["why": 3])
    let (nothing, _, _) = try self.audit(empty, stressed)
    #expect(nothing.isRejected && nothing.count == 0)
  }

  @Test func writtenSetsAreReadAsSuites() throws {
    let stressed = try StressedTask.inference([
      ["A dog is \"asleep\".", "A dog is here.", "entailment"], ["A man is big.", "He is tall.", "neutral"],
      ["A cat is asleep.", "It is awake.", "contradiction"],
    ])
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.make("swap-pair", from: stressed.examples())
    let file = StressSetFile(name: "t-swap-pair", task: stressed.task, shape: maker.shape)
    try file.write(
      set.members, rejected: ["t/test/2+swap-pair": "why"], stamp: "a \"reason\"", source: "a test",
      to: stressed.folder.path)
    let catalog = try TaskCatalog(directories: [stressed.folder.path])
    let suite = try catalog.suite(named: "t-swap-pair")
    #expect(suite.choices == ["entailment-or-neutral", "contradiction"])
    #expect(suite.tags.contains("rejected") && suite.provenance["note"] == "rejected: a \"reason\"")
    let read = try suite.examples(through: stressed.task, data: stressed.data)
    #expect(read.map(\.inputs) == set.members.map(\.changed.inputs), "as they are in memory")
    #expect(read.map(\.targets) == ["entailment-or-neutral", "entailment-or-neutral", "contradiction"])
    #expect(read.map { $0.fields["original"] } == ["t/test/1", "t/test/2", "t/test/3"])
    let originals = try suite.examples(through: stressed.task, split: "original", data: stressed.data)
    #expect(originals.map(\.inputs) == set.members.map(\.original.inputs))
    let answers = [0, 1, 2].map { Prediction(text: "", choice: $0) }
    #expect(try suite.score(answers, read, through: stressed.task)["accuracy"]?.value == 1)
    #expect(
      String(decoding: try stressed.folder.bytes("t-swap-pair.jsonl"), as: UTF8.self).contains(
        "\"rejected\":\"why\""))
  }

  /// YAML takes some of these for line breaks, and others not at all.
  @Test func aDefinitionHoldsAnyText() throws {
    let stressed = try StressedTask.inference([["A cat is asleep.", "It is awake.", "contradiction"]])
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.make("swap-pair", from: stressed.examples())
    let text = "a\r\n\"\\\t\u{0}\u{1B}\u{7F}\u{85}\u{9F}\u{A0}\u{2028}\u{2029}\u{FEFF}\u{FFFF}|\u{301}\u{1F600}z"
    try StressSetFile(name: "t-odd", task: stressed.task, shape: maker.shape).write(
      set.members, stamp: text, source: text, to: stressed.folder.path)
    let suite = try TaskCatalog(directories: [stressed.folder.path]).suite(named: "t-odd")
    #expect(suite.provenance["origin"].map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    #expect(suite.provenance["note"].map { Array($0.unicodeScalars) } == Array("rejected: \(text)".unicodeScalars))
  }
}
