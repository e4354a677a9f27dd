import Records
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import StressTesting

/// Sets in which every text has every label equally often.
@Suite struct TextCubeTests {
  static func rows(_ nouns: Int = 10) -> [[String]] {
    ["dog", "house", "car", "tree", "boat", "cup", "ball", "door", "hat", "road"].prefix(nouns).flatMap { noun in
      ["big", "small", "large", "little", "dirty", "cheap", "expensive"].map {
        ["A \($0) \(noun) is here.", "x", "entailment"]
      }
    }
  }

  static func words(_ stressed: StressedTask, seed: UInt64 = 0) throws -> StressSet {
    try StressSetMaker(task: stressed.task, resources: StressResources(), seed: seed)
      .together(StressTransforms.lexical, from: stressed.examples(), name: "words")
  }

  /// How often each text of a field has each label.
  static func counts(_ set: StressSet, _ field: String) -> [String: [String: Int]] {
    set.members.reduce(into: [:]) { counts, member in
      counts[member.changed.fields[field] ?? "", default: [:]][member.expected[0], default: 0] += 1
    }
  }

  @Test(arguments: [StressedTask.three, ["entailment", "not_entailment"]])
  func everyTextHasEveryLabelEquallyOften(_ choices: [String]) throws {
    let set = try Self.words(StressedTask.inference(Self.rows(), choices: choices))
    #expect(set.members.count >= 40 * (choices.count == 3 ? 24 : 8) / 2 && set.design != nil)
    for field in ["premise", "hypothesis"] {
      for (text, labels) in Self.counts(set, field) {
        #expect(Set(labels.keys) == Set(choices) && Set(labels.values).count == 1, "\(text): \(labels)")
      }
    }
    #expect(Set(set.members.map(\.changed.identifier)).count == set.members.count)
    #expect(set.members.allSatisfy { $0.changed.fields["premise"] != $0.changed.fields["hypothesis"] })
  }

  /// Whatever it learns from other premises, a model of one text alone is right about a third: to the pair, not within
  /// an interval.
  @Test(.tags(.slow)) func theAuditFindsNothingInOneTextAlone() throws {
    let stressed = try StressedTask.inference(Self.rows())
    let auditor = StressAuditor(shape: try TaskShape(stressed.task), training: nil, seed: 0)
    let (audit, _, _) = try auditor.audit(Self.words(stressed), source: [])
    #expect(!audit.isRejected, "\(audit.findings)")
    let alone = audit.findings.filter { $0.check == .partialInput }.map(\.detail)
    #expect(
      alone == ["premise", "hypothesis"].map { "\($0) alone: 33.3 %, the most frequent label 33.3 %" })
  }

  /// The same transforms one by one give the label away, and so does a cut to as many of each.
  @Test func withoutCubesTheAuditRejects() throws {
    let rows = ["dog", "house", "car", "tree", "boat", "cup", "ball", "door", "hat", "road"].flatMap { noun in
      ["dirty", "dark", "hot", "crowded", "new"].map { ["A \($0) \(noun) is here.", "x", "entailment"] }
    }
    let stressed = try StressedTask.inference(rows)
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.together(
      ["antonyms", "other-attribute"], from: stressed.examples(), name: "words")
    #expect(set.design == nil && set.members.count > 50)
    let auditor = StressAuditor(shape: maker.shape, training: nil, seed: 0)
    #expect(try auditor.audit(set, source: []).audit.isRejected)
  }

  /// Words in several places: what means the same, what excludes and what is about something else.
  @Test func cornersMayDifferInSeveralPlaces() throws {
    let stressed = try StressedTask.inference([["A kid sits on a small couch in a dirty house.", "x", "neutral"]])
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.cubes(StressTransforms.lexical, from: stressed.examples(), name: "words")
    #expect(set.members.count == 24)
    #expect(Set(set.members.map(\.transform)) == Set(StressTransforms.lexical))
    #expect(Set(set.members.compactMap { $0.changed.fields["premise"] }).count == 8)
    #expect(set.members.allSatisfy { $0.original.identifier == "t/test/1" })
  }

  /// A more general word follows from a special one and not the other way round: no text can have every label.
  @Test func relationsOfOneDirectionMakeNone() throws {
    let stressed = try StressedTask.inference([["He plays an instrument on a small couch.", "x", "neutral"]])
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.cubes(["instruments"], from: stressed.examples(), name: "words")
    #expect(set.members.isEmpty && set.notApplicable == ["no words to exchange for every label": 1])
  }

  @Test func aPremiseIsTakenOnce() throws {
    let row = ["A big dog is here.", "x", "entailment"]
    let stressed = try StressedTask.inference([row, row])
    let maker = try StressSetMaker(task: stressed.task, resources: StressResources(), seed: 0)
    let set = try maker.cubes(StressTransforms.lexical, from: stressed.examples(), name: "words")
    #expect(set.members.count == 24 && set.notApplicable == ["the premise was offered before": 1])
  }
}
