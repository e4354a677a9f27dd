import Autograd
import Checkpointing
import Corpus
import Examples
import Foundation
import ModelKit
import Tokenization

/// Loss over a fixed set of examples.
struct HeldOutLoss: Sendable {
  let batches: [Batch]
  /// Of the text the targets spell; nil if the loss is not their log-probability.
  private let byteCount: Int?
  /// Which batches are of which task; empty unless there are several.
  private var parts: [(task: String, batches: Range<Int>)] = []

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

  /// Of several tasks, each of which is also measured by itself: one task's loss may rise while the mean falls.
  init(
    tasks: [(name: String, examples: [TokenExample])], converter: any LayoutConverter, tokenizer: Tokenizer,
    batchSize: Int = 16
  ) {
    // A task begins with a batch of its own.
    let sets = tasks.filter { !$0.examples.isEmpty }.map { task in
      (task.name, HeldOutLoss(task.examples, converter: converter, tokenizer: tokenizer, batchSize: batchSize))
    }
    batches = sets.flatMap(\.1.batches)
    let bytes = sets.reduce(0) { $0 + ($1.1.byteCount ?? 0) }
    byteCount = bytes > 0 ? bytes : nil
    guard sets.count > 1 else { return }
    var start = 0
    for (name, set) in sets {
      parts.append((name, start..<start + set.batches.count))
      start += set.batches.count
    }
  }

  func report(
    _ model: ShardedModel, loss: @escaping BatchLoss, state: TrainingState<LoopDetails>
  ) -> HeldOutReport {
    let scale = GradientScale(batches)
    let sums = model.map(batches) { _, batch, tape in loss(model.backbone, batch, scale, false, tape) }
    var sum = LossSum()
    for part in sums { sum += part }
    let tasks = parts.map { part in
      var sum = LossSum()
      for one in sums[part.batches] { sum += one }
      return HeldOutReport.TaskLoss(
        task: part.task, lossPerToken: sum.total / Double(max(1, sum.targetCount)), targetCount: sum.targetCount)
    }
    return HeldOutReport(
      step: state.step, tokensSeen: state.tokensSeen, elapsedSeconds: state.elapsedSeconds,
      lossPerToken: sum.total / Double(max(1, sum.targetCount)),
      bitsPerByte: byteCount.map { sum.total / log(2) / Double($0) }, targetCount: sum.targetCount,
      tasks: tasks.isEmpty ? nil : tasks)
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
