import Autograd
import Checkpointing
import Corpus
import Foundation
import Inference
import ModelKit
import Records
import Support
import Tokenization

/// Loss over a fixed set of examples.
struct HeldOutLoss: Sendable {
  /// Evaluated one after another. Where state is carried, batch i of a round goes on with the texts of batch i of the
  /// round before.
  private let rounds: [[Batch]]
  private let carriesState: Bool
  /// Of the text the targets were made of; nil if the loss is not their log-probability.
  private let byteCount: Double?
  /// Which batches are of which task; empty unless there are several.
  private var parts: [(task: String, batches: Range<Int>)] = []

  /// - Parameters:
  ///   - isLogProbability: whether the loss is the negative log-probability of the targets.
  ///   - lostBytes: of the text of the targets, those that no token stands for.
  ///   - batchSize: examples per forward pass.
  init(
    _ examples: [TokenExample], converter: any LayoutConverter, tokenizer: Tokenizer,
    isLogProbability: Bool = true, lostBytes: Double = 0, batchSize: Int = 16
  ) {
    self.init(
      rounds: [Self.batches(examples, of: batchSize, converter)], carriesState: false, tokenizer: tokenizer,
      isLogProbability: isLogProbability, lostBytes: lostBytes)
  }

  /// Of texts that are read from their beginnings, a window of each at a time.
  /// - Parameters:
  ///   - windows: `windows[s][i]` is the window of text i in step s.
  ///   - batchSize: texts per forward pass.
  init(
    lanes windows: [[TokenExample]], converter: any LayoutConverter, tokenizer: Tokenizer, isLogProbability: Bool,
    lostBytes: Double, batchSize: Int = 8
  ) {
    self.init(
      rounds: windows.map { Self.batches($0, of: batchSize, converter) }, carriesState: true, tokenizer: tokenizer,
      isLogProbability: isLogProbability, lostBytes: lostBytes)
  }

  private static func batches(
    _ examples: [TokenExample], of size: Int, _ converter: any LayoutConverter
  ) -> [Batch] {
    stride(from: 0, to: examples.count, by: size).map {
      converter.batch(examples[$0..<min($0 + size, examples.count)])
    }
  }

  private init(
    rounds: [[Batch]], carriesState: Bool, tokenizer: Tokenizer, isLogProbability: Bool, lostBytes: Double
  ) {
    (self.rounds, self.carriesState) = (rounds, carriesState)
    let bytes = rounds.joined().reduce(0) { sum, batch in
      sum + batch.targets.reduce(0) { $0 + ($1 == Batch.ignored ? 0 : tokenizer.byteCount($1)) }
    }
    let all = Double(bytes) + lostBytes
    byteCount = isLogProbability && all > 0 ? all : nil
  }

  /// Whether there is nothing to evaluate.
  var isEmpty: Bool { rounds.allSatisfy(\.isEmpty) }

  /// What is held out of one task, with the bytes of its targets' texts that their tokens do not spell.
  struct TaskExamples {
    var task: String
    var examples: [TokenExample]
    var lostBytes: Double
  }

  /// Of several tasks, each of which is also measured by itself: one task's loss may rise while the mean falls.
  init(
    tasks: [TaskExamples], converter: any LayoutConverter, tokenizer: Tokenizer,
    batchSize: Int = 16
  ) {
    // A task begins with a batch of its own.
    let sets = tasks.filter { !$0.examples.isEmpty }.map { task in
      (
        task.task,
        HeldOutLoss(
          task.examples, converter: converter, tokenizer: tokenizer, lostBytes: task.lostBytes,
          batchSize: batchSize)
      )
    }
    (rounds, carriesState) = ([sets.flatMap { $0.1.rounds.joined() }], false)
    let bytes = sets.reduce(0) { $0 + ($1.1.byteCount ?? 0) }
    byteCount = bytes > 0 ? bytes : nil
    guard sets.count > 1 else { return }
    var start = 0
    for (name, set) in sets {
      let count = set.rounds.joined().count
      parts.append((name, start..<start + count))
      start += count
    }
  }

  /// Batches are dealt over the ranks; all of them report the same, but for the time.
  /// - Throws: `.internalError` if the loss is not finite; `.interrupted` or `.terminated` if the model is to stop; as
  ///   a `World`.
  func report(
    _ model: ShardedModel, loss: @escaping BatchLoss, state: TrainingState<LoopDetails>
  ) throws(GraftError) -> HeldOutReport {
    let scale = GradientScale(rounds.joined())
    // A state is touched by one shard at a time.
    nonisolated(unsafe) let states = (rounds.first ?? []).map { batch in
      carriesState ? model.backbone.writer?.makeCarriedState(sequences: batch.decoder.lengths.count) : nil
    }
    var sums: [LossSum] = []
    for round in rounds {
      sums += try model.map(round, over: model.world) { index, batch, tape in
        loss(batch, scale, states[index], false, tape)
      }
    }
    var sum = LossSum()
    for part in sums { sum += part }
    guard sum.total.isFinite else {
      try model.store.requireFinite()
      throw .notFinite("held-out loss", of: "step \(state.step)")
    }
    let tasks = parts.map { part in
      var sum = LossSum()
      for one in sums[part.batches] { sum += one }
      return HeldOutReport.TaskLoss(
        task: part.task, lossPerToken: sum.total / Double(max(1, sum.targetCount)), targetCount: sum.targetCount)
    }
    return HeldOutReport(
      step: state.step, tokensSeen: state.tokensSeen, elapsedSeconds: state.elapsedSeconds,
      lossPerToken: sum.total / Double(max(1, sum.targetCount)),
      bitsPerByte: byteCount.map { sum.total / log(2) / $0 }, targetCount: sum.targetCount,
      tasks: tasks.isEmpty ? nil : tasks)
  }

  /// How many bytes of a text the targets of an example made of it leave out: the targets have their share of what the
  /// text has more than its tokens stand for.
  /// - Parameter sourceBytes: of the text.
  static func lostBytes(
    _ targets: [TokenID], of text: [TokenID], sourceBytes: Int, tokenizer: Tokenizer
  ) -> Double {
    let spelled = text.reduce(0) { $0 + tokenizer.byteCount($1) }
    guard spelled != sourceBytes else { return 0 }
    let unknown = tokenizer.vocabulary.unknown
    func count(_ tokens: [TokenID]) -> Double {
      Double(tokens.count { $0 >= 0 && ($0 == unknown || !tokenizer.isSpecial($0)) })
    }
    return Double(sourceBytes - spelled) * count(targets) / max(1, count(text))
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
    for batch in rounds.joined() {
      for target in batch.targets where target != Batch.ignored {
        nats -= log(counts[Int(target)] / total)
        targets += 1
      }
    }
    return nats / max(1, targets)
  }
}
