import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Probing

@Suite struct SelfTestTests {
  @Test(.tags(.slow)) func microworld() throws {
    let test = try SelfTest(strengths: [0.8, 0], repetitions: 4, level: 0.01)
    let report = try test.run(name: "microworld") { (strength, key) throws(GraftError) in
      try SelfTest.microworld(strength: strength, trainingExamples: 300, testExamples: 150, key: key)
    }
    #expect(report.points.count == 6)
    #expect(report.curve("cue-words").map(\.strength) == [0, 0.8])
    #expect(report.curve("cue-words").map(\.detected) == [0, 4])
    #expect(report.curve("partial-input")[1].detected == 4)
    #expect(report.isPassed && report.allowedFalseAlarms == 0)
    #expect(report.tables[0].rows.count == 2 && report.plots[0].series.count == 3)
  }

  /// Labels are dealt anew, cues go with them at the stated rate, and texts stay.
  @Test func plantedInATask() {
    let examples = (0..<3000).map { index in
      Example(
        identifier: "t/train/\(index)", inputs: "", targets: "", fields: ["a": "same", "b": "\(index)"])
    }
    let labels = (0..<3000).map { $0 % 3 }
    let data = SelfTest.planted(
      strength: 0.5, in: examples, labels: labels, classes: ["x", "y", "z"], fields: ["a", "b"], field: "b",
      limit: 2400, key: RandomKey(seed: 3))
    #expect(data.training.count == 1200 && data.test.count == 1200 && data.fields == ["b", "a"])
    let cues = SelfTest.cueWords(3)
    #expect(Set(cues).count == 3 && Set(cues.map(\.count)).count == 1)
    var own = 0
    var unchanged = 0
    for (example, label) in data.training + data.test {
      let words = (example.fields["b"] ?? "").split(separator: " ").map(String.init)
      own += words[0] == cues[label] ? 1 : 0
      unchanged += (Int(words[1]) ?? 0) % 3 == label ? 1 : 0
      #expect(example.fields["a"] == "same")
    }
    // .5 + .5 / 3 and 1/3, within four standard errors.
    #expect(abs(Double(own) / 2400 - 2.0 / 3) < 0.04)
    #expect(abs(Double(unchanged) / 2400 - 1.0 / 3) < 0.04)
  }

  @Test func verdicts() {
    func report(_ detected: [Int]) -> SelfTestReport {
      var points: [SelfTestReport.Point] = []
      for (index, count) in detected.enumerated() {
        points.append(
          .init(
            test: "cue-words", strength: Double(index) / 10, detected: count, dataSets: 20,
            rate: .proportion(count, of: 20)))
      }
      return SelfTestReport(
        data: "d", level: 0.01, dataSets: 20, trainingExamples: 1, testExamples: 1, points: points)
    }
    #expect(report([1, 5, 4, 20]).keepsLevel("cue-words"))
    #expect(!report([2, 5, 20]).keepsLevel("cue-words"))
    #expect(report([0, 8, 7, 20]).isMonotone("cue-words"))
    #expect(!report([0, 20, 4]).isMonotone("cue-words"))
  }

  @Test func sizesThatMakeNoSense() {
    for strengths in [[], [-0.1], [1.5]] {
      #expect(throws: GraftError.self) { try SelfTest(strengths: strengths) }
    }
    #expect(throws: GraftError.self) { try SelfTest(repetitions: 0) }
    #expect(throws: GraftError.self) { try SelfTest(level: 1) }
  }
}
