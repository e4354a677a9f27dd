import Compute
import Inference
import ModelKit
import Probing
import Records
import Scoring
import Support
import TaskRegistry

/// Whose hidden states are probed, and how texts are read for it.
public struct StateSource: Sendable {
  /// A checkpoint, run directory or folder of transformers.
  public var checkpoint: String
  /// Where the model of an adapter is; nil for where the adapter says.
  public var base: String?
  /// The most tokens of a text; nil for what `LayerStateReader` takes.
  public var length: Int?
  /// What the operands of products are.
  public var precision = Precision.f32
  /// How many threads read.
  public var shardCount = 1
  /// Of everything that is drawn: the untrained model, the fifth by which penalties are chosen, the bootstrap.
  public var seed: UInt64 = 0
  /// The command as typed, for the report.
  public var arguments: [String] = []
  /// Whether a text is the task's prompt, as a fine-tuned model reads it; else its fields alone, a space between them.
  public var readsPrompts = false

  /// With everything but the model as it is by default.
  public init(checkpoint: String) { self.checkpoint = checkpoint }

  /// - Throws: as `LayerStateReader.init`.
  func reader(_ weights: LayerStateReader.Weights) throws(GraftError) -> LayerStateReader {
    try LayerStateReader(
      opening: checkpoint, base: base, weights: weights, length: length, precision: precision, shardCount: shardCount)
  }

  /// The trained model and the same as it was drawn.
  func readers() throws(GraftError) -> (trained: LayerStateReader, drawn: LayerStateReader) {
    (try reader(.trained), try reader(.drawn(seed: seed)))
  }

  /// The text of an example.
  func text(_ example: Example, of task: TaskDefinition) -> String {
    readsPrompts ? example.inputs : task.textFields.map { example.fields[$0] ?? "" }.joined(separator: " ")
  }

  /// - Throws: `.usage` for a task whose only labelled split is the one that probes would be trained on.
  static func require(_ input: ProbeInput) throws(GraftError) {
    guard !input.evaluation.contains(where: input.isCrossFitted) else {
      throw GraftError(
        .usage, "split '\(input.training.name)' of task '\(input.task.name)' cannot both train probes and score them",
        hint: "name another one with `split:` or with `train-split:`.")
    }
  }
}

/// What answers to a split were worth, and what the same probe of an untrained model's states is worth beside them.
struct StateScores {
  /// 1 for every example that is right, else 0.
  static func rights(_ answers: [Int], _ labels: [Int]) -> [Double] { zip(answers, labels).map { $0 == $1 ? 1 : 0 } }

  static func differences(_ first: [Double], _ second: [Double]) -> [Double] { zip(first, second).map { $0 - $1 } }
}

/// A baseline that sees words alone, or none.
public struct StateBaseline: Codable, Sendable, Hashable {
  /// `majority` or `n-grams`.
  public var name: String
  /// Its accuracy on the split.
  public var accuracy: Estimate?

  /// Of both on some splits: `result[split]`.
  static func all(
    _ input: ProbeInput, data: DataRoot, limit: Int?, bootstrap: BootstrapOptions
  ) throws(GraftError) -> [[StateBaseline]] {
    let baselines = try Baselines(
      task: input.task, data: data, trainingSplit: input.training.name, fields: [], limit: limit)
    return input.evaluation.map { split in
      baselines.predictions(split.examples).map { name, predictions in
        let rights = zip(predictions, split.labels).map { $0.choice == $1 ? 1.0 : 0 }
        return StateBaseline(name: name, accuracy: .bootstrapMean(rights, options: bootstrap))
      }
    }
  }
}
