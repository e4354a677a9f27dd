import Records
import Support
import Testing

@testable import Scoring

/// Names compared to the byte, and numbers of any size.
@Suite struct ByteAndScaleTests {
  private let none = BootstrapOptions(resamples: 0)

  /// scipy 1.x: pearsonr is 0.173486164857586 and spearmanr 0 for every one of these scales.
  @Test(
    arguments: [(1, 1), (1e200, 1), (1e-200, 1e-200), (1e200, 1e200), (1e-300, 1e300)] as [(Double, Double)])
  func correlationOfAnySize(_ scales: (Double, Double)) throws {
    let pairs = zip([1.5, -2.25, 3.0, 0.5, 7.0], [2.0, 1.0, -1.5, 4.0, 3.5])
      .map { NumberPair(prediction: $0 * scales.0, reference: $1 * scales.1) }
    let ones = pairs.map { _ in 1 }
    #expect(abs(Pearson().score(pairs, multiplicities: ones) - 0.17348616485758617) < 1e-14)
    #expect(abs(Spearman().score(pairs, multiplicities: ones)) < 1e-14)
  }

  @Test func aConstantSideStaysUndefined() {
    let pairs = [1.0, 2, 3].map { NumberPair(prediction: 1e250, reference: $0) }
    #expect(Pearson().score(pairs, multiplicities: [1, 1, 1]).isNaN)
  }

  @Test func setsAreNamedToTheByte() throws {
    let predictions = ["a", "b"].map { Prediction(text: $0) }
    let references = ["a", "a"].map { Reference(text: $0) }
    let found = try SetConsistency.measure(predictions, references, sets: ["K", "\u{212A}"], bootstrap: none)
    #expect(found?.value == 0.5 && found?.details["sets"] == 2)
  }

  /// A line that ends in CR LF is a line.
  @Test func sentencesOfROUGE() {
    let rouge = ROUGE(.sentences)
    let lines = rouge.statistic(
      prediction: Prediction(text: "a b\r\nc d"), reference: Reference(text: "c d\na b"))
    #expect(lines.f1 == 1)
  }
}
