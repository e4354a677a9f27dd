import Foundation
import Records
import Support
import Testing

@testable import Reporting

@Suite struct BabyLMPredictionsTests {
  private struct Answer: Decodable, Equatable {
    var id, pred: String
  }

  private func example(_ set: String, _ row: Int) -> Example {
    Example(identifier: "t/test/\(row)", inputs: "bad", targets: "good", groups: ["set": set, "phenomenon": "x"])
  }

  /// Identifiers count from 0 in each set, in the order of the rows.
  @Test func answersStandByTaskAndSet() throws {
    var answers = BabyLMPredictions()
    #expect(answers.isEmpty)
    answers.add(
      task: "blimp-filtered", [example("b", 1), example("a", 2), example("b", 3)],
      ["good one", "bad two", "good three"].map { Prediction(text: $0) })
    answers.add(task: "entity-tracking", [example("regular_0_ops", 1)], [Prediction(text: "the cup.")])
    answers.add(task: "sst2", [example("c", 1)], [Prediction(text: "positive")])
    let read = try JSONDecoder().decode(
      [String: [String: [String: [Answer]]]].self, from: try JSONFile.encode(answers))
    #expect(
      read == [
        "blimp": [
          "b": ["predictions": [Answer(id: "b_0", pred: "good one"), Answer(id: "b_1", pred: "good three")]],
          "a": ["predictions": [Answer(id: "a_0", pred: "bad two")]],
        ],
        "entity_tracking": ["regular_0_ops": ["predictions": [Answer(id: "regular_0_ops_0", pred: "the cup.")]]],
      ])
  }
}
