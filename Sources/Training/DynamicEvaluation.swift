import Compute
import Inference
import ModelKit
import Optimization
import Randomness
import Records
import Support

/// Dynamic evaluation (Krause et al. 2018): after a part of a text is scored, the model takes a step of gradient
/// descent on it, and thereby follows the text.
///
/// With the rate η, the decay λ, the parameters θ₀ before the text and the gradient g of the part's mean cross-entropy:
/// θ ← θ - η g + λ (θ₀ - θ), the paper's update without its scaling by gradients of the training data.
public final class DynamicEvaluation: ModelAdaptation, @unchecked Sendable {
  // Texts are scored one after the other.
  /// What is scored with, and changed by it.
  public let model: ShardedModel
  private let predictor: any TokenPredictor
  private let descent: Descent
  private let rate: Double
  private var step = 0
  /// Gradients are clipped to this norm, as in training.
  static let maximumNorm = 1.0

  /// - Parameters:
  ///   - rate: of the steps.
  ///   - decay: how far each step goes back to where the model began, from 0 to 1.
  /// - Throws: `.usage` for impossible values and models that predict no tokens; as opening the model.
  public convenience init(
    _ saved: SavedModel, _ configuration: ModelConfiguration, rate: Double, decay: Double, shardCount: Int
  ) throws(GraftError) {
    var configuration = configuration
    configuration.dropout = 0
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 0), precision: .f32, shardCount: shardCount, training: true)
    try saved.load(into: model.store)
    model.refreshOperands()
    try self.init(model, rate: rate, decay: decay)
  }

  /// - Parameter model: made for training.
  init(_ model: ShardedModel, rate: Double, decay: Double) throws(GraftError) {
    guard rate > 0, rate.isFinite, (0...1).contains(decay) else {
      throw GraftError(
        .usage, "dynamic evaluation with the rate \(rate) and the decay \(decay) is impossible",
        hint: "give a positive rate, such as 0.1, and a decay from 0 to 1.")
    }
    self.model = model
    predictor = try model.tokenPredictor()
    descent = Descent(original: Array(model.store.values), decay: decay)
    self.rate = rate
  }

  public func begin() {
    step = 0
    _ = model.store.values.update(fromContentsOf: descent.original)
    model.refreshOperands()
  }

  public func adapt(to batch: Batch) throws(GraftError) {
    step += 1
    let predictor = predictor
    let batches = [[batch]] + [[Batch]](repeating: [], count: model.shardCount - 1)
    let sum = model.accumulate(batches, key: RandomKey(seed: 0).folded(step), recomputing: false) {
      batch, scale, _, _, tape in
      predictor.forward(batch, on: tape).crossEntropy(batch, gradientScale: scale.perTarget, on: tape)
    }
    _ = try model.update(
      descent, learningRate: rate, maximumNorm: Self.maximumNorm, step: step, isLossFinite: sum.total.isFinite)
  }
}

/// Plain gradient descent that is drawn back to where it began.
private final class Descent: Optimizer, @unchecked Sendable {
  // Never changed.
  let original: [Float]
  private let decay: Float
  let units: [OptimizerUnit]
  var resolvedOptions: OptimizerOptions { OptimizerOptions() }
  var state: [OptimizerState] { [] }

  init(original: [Float], decay: Double) {
    (self.original, self.decay) = (original, Float(decay))
    let size = GradientMemory.groupSize
    units = stride(from: 0, to: original.count, by: size).map {
      OptimizerUnit(range: $0..<min($0 + size, original.count), cost: Double(size))
    }
  }

  func apply(_ update: OptimizerUpdate, toUnit unit: Int, _ work: ShardWork) {
    let rate = Float(update.learningRate) * update.gradientScale
    original.withUnsafeBufferPointer { original in
      for place in units[unit].range {
        let value = update.values[place]
        update.values[place] = value - rate * update.gradients[place] + decay * (original[place] - value)
      }
    }
  }
}
