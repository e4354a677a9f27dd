import Autograd
import Checkpointing
import Corpus
import Examples
import Foundation
import Tokenization

/// Loss over a fixed set of examples.
struct HeldOutLoss: Sendable {
  let batches: [Batch]
  private let byteCount: Int

  /// - Parameter batchSize: examples per forward pass.
  init(_ examples: [TokenExample], converter: any LayoutConverter, tokenizer: Tokenizer, batchSize: Int = 16)
  {
    let batches = stride(from: 0, to: examples.count, by: batchSize).map {
      converter.batch(examples[$0..<min($0 + batchSize, examples.count)])
    }
    self.batches = batches
    byteCount = batches.reduce(0) { sum, batch in
      sum + batch.targets.reduce(0) { $0 + ($1 == Batch.ignored ? 0 : tokenizer.byteCount($1)) }
    }
  }

  func report(
    _ model: ShardedModel, loss: @escaping BatchLoss, state: TrainingState<LoopDetails>
  ) -> HeldOutReport {
    let sums = model.map(batches) { _, batch, tape in
      loss(model.backbone.forward(batch, on: tape), batch, 0, tape)
    }
    var sum = LossSum()
    for part in sums { sum += part }
    return HeldOutReport(
      step: state.step, tokensSeen: state.tokensSeen, elapsedSeconds: state.elapsedSeconds,
      lossPerToken: sum.total / Double(max(1, sum.targetCount)),
      bitsPerByte: sum.total / log(2) / Double(max(1, byteCount)), targetCount: sum.targetCount)
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
