import Foundation
import Probing
import Randomness
import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// The classifier beside the figures of another linear model on words and word pairs. Tolerances are two to
/// three standard errors of the evaluation set, for the two models do not fit alike.
@Suite(.serialized, .tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)))
struct BaselineFigureTests {
  struct Figure: Sendable, CustomTestStringConvertible {
    var task: String
    var split: String
    var baseline: String
    var metric: String
    var reference: Double
    var tolerance: Double
    var testDescription: String { "\(task)/\(split) \(baseline)" }
  }

  static let figures: [Figure] = [
    Figure(
      task: "sst2", split: "validation", baseline: "n-grams", metric: "accuracy", reference: 0.821,
      tolerance: 0.02),
    Figure(
      task: "cola", split: "validation", baseline: "n-grams", metric: "matthews", reference: 0.12,
      tolerance: 0.07),
    Figure(
      task: "mrpc", split: "test", baseline: "n-grams", metric: "f1", reference: 0.78, tolerance: 0.03),
    Figure(
      task: "rte", split: "validation", baseline: "n-grams", metric: "accuracy", reference: 0.52,
      tolerance: 0.06),
    Figure(
      task: "snli-dev", split: "snli-test", baseline: "n-grams:hypothesis", metric: "accuracy",
      reference: 0.581, tolerance: 0.015),
    Figure(
      task: "snli-dev", split: "snli-test", baseline: "n-grams", metric: "accuracy", reference: 0.58,
      tolerance: 0.02),
  ]

  @Test(arguments: figures)
  func figure(_ figure: Figure) throws {
    let data = try #require(RealData.root)
    let catalog = try RealData.catalog()
    let task = try catalog.task(named: figure.task)
    let field = figure.baseline.split(separator: ":").dropFirst().first.map(String.init)
    let start = Date()
    let baselines = try Baselines(task: task, data: data, fields: field.map { [$0] } ?? [])
    let seconds = Date().timeIntervalSince(start)
    let report = try baselines.report(
      split: figure.split, data: data, bootstrap: BootstrapOptions(resamples: 0))
    let value = try #require(report[figure.baseline]?[figure.metric]?.value)
    print("\(figure.testDescription): \(value), reference \(figure.reference), \(seconds) s")
    #expect(abs(value - figure.reference) <= figure.tolerance)
  }
}
