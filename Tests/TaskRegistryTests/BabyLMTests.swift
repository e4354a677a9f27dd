import Records
import Scoring
import TaskRegistry
import TestSupport
import Testing

/// The zero-shot tasks of BabyLM, scored as its pipeline does, and ties as Graft does.
@Suite struct BabyLMTests {
  static let catalog = Result { try RealData.catalog() }

  private func task(_ name: String) throws -> TaskDefinition { try Self.catalog.get().task(named: name) }

  private func example(_ set: String, candidates: Int = 0) -> Example {
    let options = (0..<candidates).map { Candidate(inputs: "", targets: "\($0)") }
    return Example(
      identifier: "made/up/1", inputs: "bad", targets: "good", groups: ["set": set],
      candidates: candidates == 0 ? nil : options, choice: candidates == 0 ? nil : 0)
  }

  private func value(_ report: ScoreReport, _ name: String) -> Double { report[name]?.value ?? .nan }

  /// Ten pairs of one paradigm, all right, and thirty of another, ten of them right: the mean of 1 and 1/3.
  @Test(arguments: ["blimp-filtered", "blimp-supplement"]) func paradigmsCountAlike(_ name: String) throws {
    let examples = (0..<40).map { example($0 < 10 ? "island" : "agreement") }
    let answers = (0..<40).map { Prediction(["good", "bad"], scores: $0 < 20 ? [-1, -2] : [-2, -1]) }
    let report = try task(name).score(answers, examples)
    #expect(value(report, "accuracy") == 0.5)
    #expect(abs(value(report, "set-mean") - 2.0 / 3) < 1e-12)
    #expect(value(report, "set-mean-ties-right") == value(report, "set-mean"))
  }

  /// A model that finds all sentences alike.
  @Test func aModelWithoutAnOpinionHasHalf() throws {
    let examples = ["a", "a", "b"].map { example($0) }
    let report = try task("blimp-filtered").score(
      examples.map { _ in Prediction(["good", "bad"], scores: [-7, -7]) }, examples)
    #expect(value(report, "accuracy") == 0.5 && value(report, "set-mean") == 0.5)
    #expect(value(report, "set-mean-ties-right") == 1)
  }

  /// The pipeline takes the mean over numbers of operations in each variant, then over variants, which have the same
  /// numbers. All right without an operation and none after: 1/6, though four of nine rows are right.
  @Test func operationsCountAlike() throws {
    var examples: [Example] = []
    var answers: [Prediction] = []
    for variant in ["regular", "ambiref", "move_contents"] {
      for operations in 0..<6 {
        for _ in 0..<(operations == 0 ? 4 : 1) {
          examples.append(example("\(variant)_\(operations)_ops", candidates: 5))
          answers.append(
            Prediction(
              ["0", "1", "2", "3", "4"], scores: operations == 0 ? [-1, -2, -2, -2, -2] : [-3, -2, -3, -3, -3]))
        }
      }
    }
    let report = try task("entity-tracking").score(answers, examples)
    #expect(abs(value(report, "accuracy") - 4.0 / 9) < 1e-12)
    #expect(abs(value(report, "set-mean") - 1.0 / 6) < 1e-12)
    let blind = try task("entity-tracking").score(
      examples.map { _ in Prediction(["0", "1", "2", "3", "4"], scores: [-1, -1, -1, -1, -1]) }, examples)
    #expect(abs(value(blind, "set-mean") - 0.2) < 1e-12)
    #expect(value(blind, "set-mean-ties-right") == 1)
  }

  @Test(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)))
  func setsAreThoseOfThePipeline() throws {
    let root = try #require(RealData.root)
    for (name, sets, first, count) in [
      ("blimp-supplement", 5, "hypernym", 842), ("entity-tracking", 18, "regular_0_ops", 606),
    ] {
      let task = try task(name)
      // Data that is not here is no fault of the definition.
      guard task.absence(split: "test", data: root) == nil else { continue }
      let found = Dictionary(grouping: try task.examples(split: "test", data: root)) { $0.groups["set"] ?? "" }
      #expect(found.count == sets)
      #expect(found[first]?.count == count)
      for example in try #require(found[first]) where name == "entity-tracking" {
        #expect(example.choice == 0 && example.candidates?.count == 5)
        #expect(example.inputs.hasSuffix("contains "))
      }
    }
  }
}
