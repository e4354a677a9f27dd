import CKernels
import Foundation
import ModelKit
import Support

/// AdamW (Loshchilov & Hutter 2019, algorithm 2) with bias correction. Decay is decoupled and applies to
/// parameters of rank 2 and more: matrices and embeddings decay, norms and biases do not.
///
/// Elementwise, so any split of the flat arrays gives the same bits.
public final class AdamW: Optimizer, @unchecked Sendable {
  // The moments are written in disjoint ranges only.
  public static let identifier = "adamw"
  public static let summary = "Adam with decoupled weight decay on matrices"
  public static let options: [OptimizerOption] = [
    .number("beta1", default: 0.9, .halfOpen(0..<1), "decay of the mean of gradients"),
    .number("beta2", default: 0.999, .halfOpen(0..<1), "decay of the mean of squared gradients"),
    .number("epsilon", default: 1e-8, .closed(1e-30...1), "added to the root of the second moment"),
    .number("weight-decay", default: 0.01, .closed(0...1), "share of a matrix removed per unit of rate"),
  ]

  public let resolvedOptions: OptimizerOptions
  private let entries: [ParameterEntry]
  /// Neighbouring parameters that decay alike, merged.
  private let runs: [(range: Range<Int>, decays: Bool)]
  private let count: Int
  private let first: FloatArray
  private let second: FloatArray

  public init(entries: [ParameterEntry], options: OptimizerOptions) throws(GraftError) {
    resolvedOptions = try options.resolved(for: Self.identifier, declared: Self.options)
    self.entries = entries
    var runs: [(range: Range<Int>, decays: Bool)] = []
    for entry in entries {
      let decays = entry.rank >= 2
      if let last = runs.last, last.decays == decays, last.range.upperBound == entry.offset {
        runs[runs.count - 1].range = last.range.lowerBound..<entry.range.upperBound
      } else {
        runs.append((entry.range, decays))
      }
    }
    self.runs = runs
    count = entries.map(\.range.upperBound).max() ?? 0
    first = FloatArray(count: count)
    second = FloatArray(count: count)
  }

  public var state: [OptimizerState] {
    entries.flatMap { entry in
      [
        OptimizerState(name: "\(entry.name).first_moment", shape: entry.shape, values: first[entry.range]),
        OptimizerState(name: "\(entry.name).second_moment", shape: entry.shape, values: second[entry.range]),
      ]
    }
  }

  public func split(into parts: Int) -> [Range<Int>] {
    precondition(parts >= 1, "an update is split into at least 1 part, got \(parts)")
    // Whole cache lines, so that two threads never write the same one.
    let size = max(16, (count + parts - 1) / parts + 15 & ~15)
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  public func apply(_ update: OptimizerUpdate, to range: Range<Int>) {
    precondition(
      update.values.count == count && range.lowerBound >= 0 && range.upperBound <= count,
      "adamw holds \(count) moments and was asked to update \(range) of \(update.values.count) values")
    let beta1 = resolvedOptions.number("beta1")
    let beta2 = resolvedOptions.number("beta2")
    let step = Double(update.step)
    var scalars = graft_adamw_scalars(
      gradient_scale: update.gradientScale, beta1: Float(beta1), gradient_weight: Float(1 - beta1),
      beta2: Float(beta2), square_weight: Float(1 - beta2), epsilon: Float(resolvedOptions.number("epsilon")),
      keep: 1,
      step_size: Float(update.learningRate / (1 - pow(beta1, step))),
      second_moment_scale: Float(1 / (1 - pow(beta2, step)).squareRoot()))
    let keep = Float(1 - update.learningRate * resolvedOptions.number("weight-decay"))
    for run in runs {
      let part = run.range.clamped(to: range)
      if part.isEmpty { continue }
      scalars.keep = run.decays ? keep : 1
      let start = part.lowerBound
      graft_adamw_step(
        part.count, scalars, update.values.baseAddress! + start, update.gradients.baseAddress! + start,
        first.values.baseAddress! + start, second.values.baseAddress! + start,
        update.bfloat16Copy.map { $0.baseAddress! + start })
    }
  }
}
