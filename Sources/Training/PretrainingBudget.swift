import Corpus
import Foundation
import ModelKit
import Records
import Support

/// What a pretraining run may spend, other than updates or wall-clock time. It is turned into a number of updates
/// before training begins, so that the learning-rate schedule knows its length.
public enum PretrainingBudget: Sendable, Codable, Hashable {
  /// Positions, inputs and targets together.
  case tokens(Double)
  /// Floating-point operations of matrix products, forward and backward.
  case operations(Double)

  /// The budget in words, for notes.
  public var summary: String {
    switch self {
    case .tokens(let count): String(format: "a budget of %.3g tokens", count)
    case .operations(let count): String(format: "a budget of %.3g operations", count)
    }
  }

  var amount: Double {
    switch self {
    case .tokens(let amount), .operations(let amount): amount
    }
  }

  /// The updates the budget pays for, at least one.
  ///
  /// Worked example: 36 000 tokens at 1000 tokens an update are 36 updates.
  public func steps(_ cost: StepCost) -> Int {
    let price =
      switch self {
      case .tokens: cost.tokens
      case .operations: cost.operations
      }
    let steps = (amount / max(1, price)).rounded()
    return steps < 1e12 ? max(1, Int(steps)) : 1_000_000_000_000
  }

  /// Puts one update into settings that have neither steps nor a budget of time, until the data is known.
  /// - Throws: `.usage` if they have one, or if the budget is no positive number.
  func reserveSteps(in settings: inout TrainingSettings) throws(GraftError) {
    guard amount > 0, amount.isFinite else {
      throw GraftError(.usage, "\(summary) is impossible", hint: "give a positive number.")
    }
    guard settings.steps == nil, settings.budgetSeconds == nil else {
      throw GraftError(
        .usage, "a run needs one budget", hint: "give one of `steps:`, `budget:`, `tokens:` and `flops:`.")
    }
    settings.steps = 1
  }
}

/// What one update takes on average, measured on the first batches of a run's own examples, in each stage of a run
/// whose batches or sequences change.
public struct StepCost: Sendable, Hashable, Codable {
  /// Positions, inputs and targets together.
  public var tokens: Double
  /// Operations of matrix products, forward and backward.
  public var operations: Double

  /// Batches that are looked at.
  static let batches = 8

  init(
    of source: some SampleSource, _ converter: any LayoutConverter, _ backbone: any Backbone, batch: StagedNumber,
    length: StagedNumber
  ) {
    (tokens, operations) = (0, 0)
    let starts = Set((batch.stages + length.stages).map(\.from)).sorted()
    for (start, end) in zip(starts, starts.dropFirst() + [1]) {
      let size = batch.value(at: start)
      for number in 0..<Self.batches {
        let examples = (0..<size).map { source.example(at: number * size + $0, progress: start) }
        let made = converter.batch(examples)
        tokens += (end - start) * Double(made.positionCount) / Double(Self.batches)
        operations += (end - start) * 3 * backbone.forwardOperations(made) / Double(Self.batches)
      }
    }
  }
}
