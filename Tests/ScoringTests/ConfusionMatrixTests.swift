import Randomness
import Records
import Scoring
import Testing

@Suite struct ConfusionMatrixTests {
  private func drawn(_ count: Int) -> (answers: [Prediction], references: [Reference]) {
    var generator = RandomKey(seed: 3).folded("confusion").generator()
    let labels = ["a", "b", "c"]
    var (answers, references) = ([Prediction](), [Reference]())
    for _ in 0..<count {
      let (right, given) = (Int.random(in: 0..<3, using: &generator), Int.random(in: 0..<4, using: &generator))
      references.append(Reference(text: labels[right], choice: right))
      answers.append(given < 3 ? Prediction(text: labels[given], choice: given) : Prediction(text: "?"))
    }
    return (answers, references)
  }

  /// The mean of the labels' F1 is macro-F1, and the diagonal accuracy, both of which are compared with scikit-learn's.
  @Test func agreesWithTheMetrics() throws {
    let (answers, references) = drawn(200)
    var matrix = ConfusionMatrix(labels: ["a", "b", "c"])
    matrix.add(Array(answers[..<70]), Array(references[..<70]))
    matrix.add(Array(answers[70...]), Array(references[70...]))
    func score(_ name: String) throws -> Double {
      let metric = try Metrics.registry(name)
      return try #require(try metric.measure(answers, references, bootstrap: BootstrapOptions(resamples: 0)).value)
    }
    let (f1, accuracy) = (try score("macro-f1"), try score("accuracy"))
    let macro = (0..<3).reduce(0) { $0 + (matrix.f1($1) ?? 0) } / 3
    #expect(abs(macro - f1) < 1e-12)
    let hits = (0..<3).reduce(0) { $0 + matrix.counts[$1][$1] }
    #expect(Double(hits) / 200 == accuracy)
    #expect(matrix.invalid.reduce(0, +) == answers.count { $0.choice == nil } && matrix.invalid[0] > 0)
    #expect((0..<3).reduce(0) { $0 + matrix.total($1) } == 200)
  }

  @Test func whatIsNotThereHasNoShare() throws {
    var matrix = ConfusionMatrix(labels: ["a", "b"])
    #expect(matrix.recall(0) == nil && matrix.precision(0) == nil && matrix.f1(0) == nil)
    matrix.add([Prediction(text: "b", choice: 1)], [Reference(text: "a", choice: 0)])
    #expect(matrix.recall(0) == 0 && matrix.precision(1) == 0 && matrix.recall(1) == nil && matrix.precision(0) == nil)
    #expect(matrix.counts == [[0, 1], [0, 0]])
  }
}
