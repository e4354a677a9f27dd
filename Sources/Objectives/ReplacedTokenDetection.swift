import Autograd
import ModelKit
import Randomness
import Records
import Support

/// ELECTRA's replaced token detection (Clark et al. 2020): a small generator learns masked language modelling, its
/// samples take the places of the hidden tokens, and the model says of every token whether it is the original. The loss
/// is the generator's per hidden token plus `detection-weight` times the discriminator's per token; no gradient
/// flows through the samples.
///
/// As in the reference's code a chosen token becomes the mask with probability 0.85 and else stays; unlike there no
/// token is chosen twice.
///
/// Worked example: tokens [a b c d] with b and d hidden are inputs [a M c M] and targets [– b – d]. If the generator
/// samples x and d, the discriminator reads [a x c d] and is to answer [0 1 0 0]: a sample that hits the original
/// counts as original.
public struct ReplacedTokenDetection: PretrainingObjective {
  public static let identifier = "replaced-token-detection"
  public static let summary = "tell which tokens a small generator replaced (ELECTRA)"
  public static let parameters = [
    TokenMasking.rate,
    TokenMasking.finalRate,
    ObjectiveParameter(
      "mask-share", "of the predicted tokens, how many become the mask", default: 0.85, in: 0...1),
    ObjectiveParameter(
      "detection-weight", "weight of the discriminator's loss", default: 50, in: 0...1000),
    TokenMasking.wholeWords,
  ]
  public static let layouts: Set<BatchLayout> = [.encoder]
  public static let lossIsLogProbability = false

  private var masking: TokenMasking
  private let weight: Double

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    masking = try TokenMasking(values, maskShare: 0.85, randomShare: 0, vocabulary, for: Self.identifier)
    weight = values["detection-weight"] ?? 50
  }

  public func at(progress: Double) -> Self {
    var objective = self
    objective.masking = masking.at(progress: progress)
    return objective
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths { ExampleLengths(inputs: raw, targets: raw) }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    masking.example(from: tokens, key: key)
  }

  public func bind(to backbone: any Backbone) throws(GraftError) -> BatchLoss {
    guard let model = backbone.detector else {
      throw GraftError(
        .usage, "\(Self.identifier) cannot train a model of the \(backbone.configuration.family) family",
        hint: "take a preset of the electra family: `graft list backbones`.")
    }
    guard let generator = model.generator else {
      throw GraftError(
        .usage, "the discriminator has no generator, which \(Self.identifier) needs",
        hint: "set 'generatorSize' in the preset; a discriminator alone can be fine-tuned.")
    }
    return { batch, scale, _, recomputing, tape in
      loss(model, generator, batch, scale: scale, recomputing: recomputing, on: tape)
    }
  }

  private func loss(
    _ model: any ReplacedTokenDetector, _ generator: any TokenPredictor, _ batch: Batch, scale: GradientScale,
    recomputing: Bool, on tape: Tape
  ) -> LossSum {
    let samples = UnsafeMutableBufferPointer<TokenID>.allocate(capacity: max(1, batch.targetCount))
    defer { samples.deallocate() }
    var sum = generator.forward(batch, recomputing: recomputing, on: tape)
      .crossEntropy(batch, gradientScale: scale.perTarget, zLoss: scale.zLoss, samples: samples, on: tape)
    let (corrupted, labels) = Self.replacing(in: batch, by: Array(samples.prefix(batch.targetCount)))
    let detection = model.detect(corrupted, recomputing: recomputing, on: tape)
      .loss(labels, gradientScale: weight * scale.perPosition, on: tape)
    // Per target of the step, like the generator's part.
    sum.total += weight * detection.total * scale.perPosition / scale.perTarget
    return sum
  }

  /// The batch with a sample in place of every target's token, and 1 for every token that is not the original.
  static func replacing(in batch: Batch, by samples: [TokenID]) -> (batch: Batch, labels: [Float]) {
    var batch = batch
    var labels = [Float](repeating: 0, count: batch.encoder.tokens.count)
    var next = 0
    for (position, target) in batch.targets.enumerated() where target != Batch.ignored {
      batch.encoder.tokens[position] = samples[next]
      labels[position] = samples[next] == target ? 0 : 1
      next += 1
    }
    return (batch, labels)
  }
}
