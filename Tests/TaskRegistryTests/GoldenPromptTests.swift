import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// What a model is shown, to the letter, and how many rows there are, for every task that comes with Graft.
@Suite(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)))
struct GoldenPromptTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    var task: String
    var split: String
    var count: Int
    var inputs: String
    var targets: String
    var testDescription: String { "\(task)/\(split)" }

    init(_ task: String, _ split: String, _ count: Int, _ inputs: String, _ targets: String) {
      (self.task, self.split, self.count) = (task, split, count)
      (self.inputs, self.targets) = (inputs, targets)
    }
  }

  static let goldens: [Golden] = [
    Golden(
      "sst2", "train", 67349, "sst2 sentence: hide new secretions from the parental units", "negative"),
    Golden(
      "sst2", "validation", 872, "sst2 sentence: it 's a charming and often affecting journey .",
      "positive"),
    Golden("sst2", "test", 1821, "sst2 sentence: uneasy mishmash of styles and genres .", "negative"),
    Golden(
      "blimp", "test", 67000, "Who should Derek hug Richard after shocking?",
      "Who should Derek hug after shocking Richard?"),
    Golden(
      "cola", "train", 8551,
      "cola sentence: Our friends won't buy this analysis, let alone the next one we propose.",
      "acceptable"),
    Golden(
      "cola", "validation", 1043, "cola sentence: The sailors rode the breeze clear of the rocks.",
      "acceptable"),
    Golden(
      "mrpc", "test", 1725,
      "mrpc sentence1: PCCW's chief operating officer, Mike Butcher, and Alex Arena, the chief financial "
        + "officer, will report directly to Mr So. sentence2: Current Chief Operating Officer Mike Butcher "
        + "and Group Chief Financial Officer Alex Arena will report to So.",
      "equivalent"),
    Golden(
      "rte", "train", 2490,
      "rte sentence1: No Weapons of Mass Destruction Found in Iraq Yet. sentence2: Weapons of Mass "
        + "Destruction Found in Iraq.",
      "not_entailment"),
    Golden(
      "rte", "validation", 277,
      "rte sentence1: Dana Reeve, the widow of the actor Christopher Reeve, has died of lung cancer at age "
        + "44, according to the Christopher Reeve Foundation. sentence2: Christopher Reeve had an accident.",
      "not_entailment"),
    Golden(
      "stsb", "train", 5749,
      "stsb sentence1: A plane is taking off. sentence2: An air plane is taking off.", "5.0"),
    Golden(
      "stsb", "test", 1379,
      "stsb sentence1: A girl is styling her hair. sentence2: A girl is brushing her hair.", "2.4"),
    Golden(
      "nli", "snli-test", 9824,
      "mnli hypothesis: The church has cracks in the ceiling. premise: This church choir sings to the "
        + "masses as they sing joyous songs from the book at a church.",
      "neutral"),
    Golden(
      "nli", "mnli-mismatched", 9832,
      "mnli hypothesis: Your contributions were of no help with our students' education. premise: Your "
        + "contribution helped make it possible for us to provide our students with a quality education.",
      "contradiction"),
    Golden(
      "multi30k-en-de", "train", 29000,
      "translate English to German: Two young, White males are outside near many bushes.",
      "Zwei junge weiße Männer sind im Freien in der Nähe vieler Büsche."),
    Golden(
      "multi30k-en-de", "validation", 1014,
      "translate English to German: A group of men are loading cotton onto a truck",
      "Eine Gruppe von Männern lädt Baumwolle auf einen Lastwagen"),
    Golden(
      "multi30k-en-de", "test-2016", 1000,
      "translate English to German: A man in an orange hat starring at something.",
      "Ein Mann mit einem orangefarbenen Hut, der etwas anstarrt."),
    Golden(
      "multi30k-en-de", "test-2017", 1000,
      "translate English to German: A sleek yellow dog mid run on a dirt area on an obstacle course",
      "Ein schlanker gelblicher Hund beim Absolvieren eines Hindernislaufs, der in einem Bereich mit "
        + "nacktem Erdboden aufgebaut ist"),
  ]

  @Test(arguments: goldens)
  func firstExample(_ golden: Golden) throws {
    let task = try RealData.catalog().task(named: golden.task)
    let examples = try task.examples(split: golden.split, data: try #require(RealData.root))
    #expect(examples.count == golden.count)
    let first = try #require(examples.first)
    #expect(first.inputs == golden.inputs)
    #expect(first.targets == golden.targets)
    #expect(first.identifier == "\(golden.task)/\(golden.split)/1")
    #expect(Set(examples.map(\.identifier)).count == examples.count)
  }

  @Test func derivedDevelopmentSplit() throws {
    let data = try #require(RealData.root)
    let task = try RealData.catalog().task(named: "mrpc")
    let train = try task.examples(split: "train", data: data)
    let validation = try task.examples(split: "validation", data: data)
    #expect(train.count + validation.count == 4076)
    #expect((350...470).contains(validation.count))
    #expect(Set(train.map(\.inputs)).isDisjoint(with: validation.map(\.inputs)))
  }

  @Test func limitIsNestedAndSpread() throws {
    let data = try #require(RealData.root)
    let task = try RealData.catalog().task(named: "rte")
    let few = try task.examples(split: "train", data: data, limit: 20).map(\.identifier)
    let more = try task.examples(split: "train", data: data, limit: 100)
    #expect(few.count == 20)
    #expect(Set(few).isSubset(of: more.map(\.identifier)))
    let numbers = more.compactMap { $0.identifier.split(separator: "/").last.flatMap { Int($0) } }
    #expect(numbers == numbers.sorted())
    #expect(numbers.count { $0 > 1245 } > 30)
  }
}
