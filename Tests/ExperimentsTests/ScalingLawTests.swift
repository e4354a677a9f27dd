import Experiments
import Foundation
import Support
import Testing

/// Laws of held-out loss by size and text.
@Suite struct ScalingLawTests {
  private static let law = ScalingLaw(
    irreducible: 0.8, size: .init(value: 0.4, reference: 3e6, exponent: 0.35),
    text: .init(value: 0.6, reference: 1e8, exponent: 0.28), repetitions: 12)

  /// Runs that lie on the law, some with repeated text.
  private static func points(_ noise: Double = 0) -> [ScalingPoint] {
    var points: [ScalingPoint] = []
    for (row, parameters) in [5e5, 1e6, 3e6, 8e6].enumerated() {
      for (column, bytes) in [2e6, 1e7, 5e7, 2e8].enumerated() {
        let distinct = column % 2 == 0 ? bytes : bytes / Double(4 + 5 * row)
        let sign = (row + column) % 2 == 0 ? 1.0 : -1
        points.append(
          ScalingPoint(
            run: "run-\(row)-\(column)", parameters: parameters, bytes: bytes, distinct: distinct,
            loss: law.loss(parameters: parameters, bytes: bytes, distinct: distinct) * (1 + sign * noise)))
      }
    }
    return points
  }

  @Test func exactRunsGiveTheirLawBack() throws {
    let fitted = try FittedScalingLaw(fitting: Self.points())
    #expect(fitted.relativeError < 1e-4)
    #expect(abs(fitted.law.irreducible - 0.8) < 0.02)
    #expect(abs(fitted.law.size.exponent - 0.35) < 0.02 && abs(fitted.law.text.exponent - 0.28) < 0.02)
    let repetitions = try #require(fitted.law.repetitions)
    #expect(abs(repetitions / 12 - 1) < 0.1)
    // Fifty times the operations of the largest run.
    let far = Self.law.loss(parameters: 5e7, bytes: 2e9, distinct: 2e9)
    #expect(abs(fitted.law.loss(parameters: 5e7, bytes: 2e9, distinct: 2e9) / far - 1) < 0.01)
  }

  @Test func noisyRunsGiveAnIntervalThatHoldsTheTruth() throws {
    let fitted = try FittedScalingLaw(fitting: Self.points(0.01))
    #expect(abs(fitted.relativeError - 0.01) < 0.004)
    let truth = Self.law.loss(parameters: 2e7, bytes: 8e8, distinct: 4e8)
    let predicted = fitted.predict(parameters: 2e7, bytes: 8e8, distinct: 4e8)
    #expect(predicted.interval.contains(truth) && predicted.interval.contains(predicted.loss))
    #expect(predicted.interval.upperBound - predicted.interval.lowerBound > 0.02 * predicted.loss)
  }

  /// After R repetitions 1 − 1/e of R further passes; once, and a part of it, count fully.
  @Test func repeatedTextCountsLess() {
    let once = Self.law.loss(parameters: 1e6, bytes: 1e7, distinct: 1e7)
    #expect(Self.law.loss(parameters: 1e6, bytes: 1e7, distinct: 4e7) == once)
    let repeated = Self.law.loss(parameters: 1e6, bytes: 13e7, distinct: 1e7)
    let worth = 1e7 * (1 + 12 * (1 - exp(-1.0)))
    #expect(abs(repeated - Self.law.loss(parameters: 1e6, bytes: worth, distinct: worth)) < 1e-12)
    #expect(repeated < once && repeated > Self.law.loss(parameters: 1e6, bytes: 13e7, distinct: 13e7))
  }

  @Test func runsThatDetermineNothingAreRefused() {
    for few in [Array(Self.points().prefix(5)), Array(Self.points().prefix(4)) + Self.points().prefix(4)] {
      let error = #expect(throws: GraftError.self) { try FittedScalingLaw(fitting: few) }
      #expect(error?.code == .usage)
    }
  }

  /// The law that comes with Graft is the fit to the runs that it names.
  @Test func theLawOfPlansIsThatOfItsRuns() throws {
    let path = "\(Resources.recipes)/scaling-law.json"
    let saved = try JSONFile.value(FittedScalingLaw.self, in: FileContents.read(path))
    let again = try FittedScalingLaw(fitting: saved.runs)
    #expect(saved.runs.count >= 12 && saved.relativeError < 0.02)
    for (parameters, bytes) in [(1e6, 1e7), (7e6, 1.3e8), (2.5e7, 1e9)] {
      let losses = [saved, again].map { $0.law.loss(parameters: parameters, bytes: bytes, distinct: bytes) }
      #expect(abs(losses[0] / losses[1] - 1) < 1e-6)
    }
  }
}
