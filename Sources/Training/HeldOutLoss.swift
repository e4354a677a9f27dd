import Autograd
import Checkpointing
import Corpus
import Examples
import Foundation
import ModelKit
import Support
import Tokenization

/// Loss over a fixed set of examples.
struct HeldOutLoss: Sendable {
  let batches: [Batch]
  /// Of the text the targets spell; nil if the loss is not their log-probability.
  private let byteCount: Int?

  /// - Parameters:
  ///   - isLogProbability: whether the loss is the negative log-probability of the targets.
  ///   - batchSize: examples per forward pass.
  init(
    _ examples: [TokenExample], converter: any LayoutConverter, tokenizer: Tokenizer,
    isLogProbability: Bool = true, batchSize: Int = 16
  ) {
    let batches = stride(from: 0, to: examples.count, by: batchSize).map {
      converter.batch(examples[$0..<min($0 + batchSize, examples.count)])
    }
    self.batches = batches
    let bytes = batches.reduce(0) { sum, batch in
      sum + batch.targets.reduce(0) { $0 + ($1 == Batch.ignored ? 0 : tokenizer.byteCount($1)) }
    }
    byteCount = isLogProbability && bytes > 0 ? bytes : nil
  }

  /// - Throws: `.internalError` if the loss is not finite; `.interrupted` or `.terminated` if the model is to stop.
  func report(
    _ model: ShardedModel, loss: @escaping BatchLoss, state: TrainingState<LoopDetails>
  ) throws(GraftError) -> HeldOutReport {
    let scale = GradientScale(batches)
    let sums = try model.map(batches) { _, batch, tape in loss(model.backbone, batch, scale, false, tape) }
    var sum = LossSum()
    for part in sums { sum += part }
    guard sum.total.isFinite else {
      try model.store.requireFinite()
      throw .notFinite("held-out loss", of: "step \(state.step)")
    }
    return HeldOutReport(
      step: state.step, tokensSeen: state.tokensSeen, elapsedSeconds: state.elapsedSeconds,
      lossPerToken: sum.total / Double(max(1, sum.targetCount)),
      bitsPerByte: byteCount.map { sum.total / log(2) / Double($0) }, targetCount: sum.targetCount)
  }

  /// Nats per target of the best model that ignores its input: the distribution of targets alone, estimated on
  /// `training` examples with add-one smoothing. A model has learned something once it is below this.
  func unigramReference(_ training: [TokenExample], vocabularySize: Int) -> Double {
    var counts = [Double](repeating: 1, count: vocabularySize)
    var total = Double(vocabularySize)
    for example in training {
      for target in example.targets where target != Batch.ignored {
        counts[Int(target)] += 1
        total += 1
      }
    }
    var nats = 0.0
    var targets = 0.0
    for batch in batches {
      for target in batch.targets where target != Batch.ignored {
        nats -= log(counts[Int(target)] / total)
        targets += 1
      }
    }
    return nats / max(1, targets)
  }
}
