import Compute
import Corpus
import Foundation
import Inference
import ModelKit
import Objectives
import Optimization
import Randomness
import Records
import Support

/// How fast whole training steps are: forward, backward, clipping and AdamW, with dropout, on random tokens.
public struct TrainingBenchmark: Sendable {
  public var objective: String
  public var size: BenchmarkSize
  /// The model's; nil for the first that the objective can train.
  public var family: String?
  public var precision: Precision
  /// Steps that are timed.
  public var steps: Int
  /// Steps before them.
  public var warmUpSteps = 3
  public var shards: Int
  /// Sequences of an update; nil for the size's own.
  public var batch: Int?
  /// Parts of a shard's batch that are computed one after another.
  public var microBatches = 1
  public var backend: String?
  /// What gradients travel as.
  public var gradientTraffic = GradientTraffic.f32
  /// The processes that the shards are dealt over.
  public var world: any World = Alone()
  /// Whether the time of every operation is counted, which itself takes a little.
  public var profiling = false

  public init(
    objective: String, size: BenchmarkSize, precision: Precision, steps: Int, shards: Int, backend: String?
  ) {
    self.objective = objective
    self.size = size
    self.precision = precision
    self.steps = steps
    self.shards = shards
    self.backend = backend
  }

  public struct Rate: Sendable, Codable, Hashable {
    public var median: Double
    public var best: Double
  }

  public struct Report: Sendable, Codable, Hashable {
    public var objective: String
    public var family: String
    public var size: String
    public var precision: String
    public var parameters: Int
    /// Positions through the main network in one update.
    public var tokensPerStep: Int
    public var tokensPerSecond: Rate
    /// Of every step that was timed, in order.
    public var stepSeconds: [Double]
    /// Operations of the matrix products of forward and backward passes, padding and recomputation not counted.
    public var modelGFLOPPerToken: Double
    /// The rate of matrix products alone, measured in this process with as many threads.
    public var peakGFLOPS: Double
    /// Of the median step.
    public var fractionOfPeak: Double
    /// The most memory the process has held.
    public var peakMemoryBytes: Int
    public var backend: String
    public var shards: Int
    public var steps: Int
    /// Mean loss per target of the last step, so that two builds can be told to compute the same.
    public var lastLoss: Double
    /// Processes; nil for one by itself, as the next two.
    public var ranks: Int?
    /// Bytes that the rank which sends most sends in a step.
    public var sentBytesPerStep: Int?
    /// The share of the timed steps that rank 0 waited for messages.
    public var waitingShare: Double?
    /// With profiling: per step and thread, the longest first.
    public var operations: [Operation]?
  }

  /// What one kind of operation takes of a step.
  public struct Operation: Sendable, Codable, Hashable {
    public var name: String
    public var milliseconds: Double
    /// Of the whole step.
    public var share: Double
    /// Of the milliseconds, in products of the matrix library.
    public var productMilliseconds: Double
    public var gigaFLOP: Double
    public var megabytes: Double
  }

  private static let dropout = 0.1
  private var batchSize: Int { batch ?? size.batch }

  /// - Throws: `.usage` for an objective, precision or backend that is not there, or impossible numbers.
  public func run() throws(GraftError) -> Report {
    var settings = TrainingSettings()
    guard warmUpSteps >= 0 else { throw GraftError(.usage, "`warm-up:` must not be negative") }
    (settings.steps, settings.shards, settings.microBatches) = (steps, shards, microBatches)
    settings.batchSize = batchSize
    try settings.validate()
    let vocabulary = Vocabulary(
      size: size.vocabularySize, sentinels: (1...100).map { TokenID(size.vocabularySize - $0) })
    let objective = try Objectives.make(objective, vocabulary: vocabulary)
    let configuration = try size.model(for: objective, family: family, dropout: Self.dropout)
    let key = RandomKey(seed: 0)
    let model = try ShardedModel(
      configuration, key: key.folded("parameters"), precision: precision, shardCount: shards,
      backend: backend, training: true, profiling: profiling, world: world)
    model.traffic = gradientTraffic
    let optimizer = try Optimizers.make("adamw", parameters: model.store.entries.map { TrainedParameter($0) })
    let batches = batches(objective, model.backbone.layout, vocabulary, key.folded("tokens"))
    let targets = batches.joined().reduce(0) { $0 + $1.targetCount }
    let positions = batches.joined().reduce(0) { $0 + $1.positionCount }
    let modelOperations = batches.joined().reduce(0.0) { $0 + 3 * model.backbone.forwardOperations($1) }

    var seconds: [Double] = []
    let lossOfBatch = try objective.loss(of: model.backbone)
    var loss = 0.0
    var (sentBefore, waitedBefore) = (0, 0.0)
    for step in 0..<warmUpSteps + steps {
      if step == warmUpSteps {
        model.resetProfile()
        (sentBefore, waitedBefore) = (world.sentBytes, world.waitedSeconds)
      }
      let start = ContinuousClock.now
      model.accumulate(batches, key: key.folded(step), recomputing: false, loss: lossOfBatch)
      let sum = try model.lossOfAllShards()
      _ = try model.update(optimizer, learningRate: 1e-4, maximumNorm: 1, step: step + 1)
      if step >= warmUpSteps { seconds.append(start.secondsUntilNow) }
      loss = sum.total / Double(targets)
    }
    let waited = (world.waitedSeconds - waitedBefore) / seconds.reduce(0, +)
    let sent = try world.gathered((world.sentBytes - sentBefore) / steps).max()
    let profile = profiling ? profile(model, seconds: seconds.reduce(0, +)) : nil
    let sorted = seconds.sorted()
    let median = Double(positions) / sorted[sorted.count / 2]
    let peak =
      try MatrixBenchmark.peak(backend: model.backend, precision: precision, threads: model.shardCount)
      * Double(world.size)
    let perToken = modelOperations / Double(positions) / 1e9
    return Report(
      objective: self.objective, family: configuration.family, size: size.name, precision: precision.rawValue,
      parameters: model.store.count, tokensPerStep: positions,
      tokensPerSecond: Rate(median: median, best: Double(positions) / sorted[0]), stepSeconds: seconds,
      modelGFLOPPerToken: perToken, peakGFLOPS: peak, fractionOfPeak: median * perToken / peak,
      peakMemoryBytes: ProcessMemory.peakBytes, backend: model.backend.signature, shards: shards,
      steps: steps, lastLoss: loss, ranks: world.size > 1 ? world.size : nil,
      sentBytesPerStep: world.size > 1 ? sent : nil, waitingShare: world.size > 1 ? waited : nil, operations: profile)
  }

  private func profile(_ model: ShardedModel, seconds: Double) -> [Operation] {
    let threadSeconds = seconds * Double(model.shardCount)
    let perStep = 1 / Double(steps * model.shardCount)
    var operations = model.profile.map { name, entry in
      Operation(
        name: name, milliseconds: entry.seconds * perStep * 1e3, share: entry.seconds / threadSeconds,
        productMilliseconds: entry.productSeconds * perStep * 1e3, gigaFLOP: entry.operations * perStep / 1e9,
        megabytes: entry.bytes * perStep / 1e6)
    }
    let counted = operations.reduce(0) { $0 + $1.milliseconds }
    let waiting = seconds / Double(steps) * 1e3 - counted
    operations.append(
      Operation(
        name: "waiting for each other", milliseconds: waiting,
        share: 1 - operations.reduce(0) { $0 + $1.share }, productMilliseconds: 0, gigaFLOP: 0, megabytes: 0))
    return operations.sorted { ($0.milliseconds, $0.name) > ($1.milliseconds, $1.name) }
  }

  /// The same batch for every step. An encoder-decoder reads whole sequences and writes a quarter as much; an encoder
  /// is asked for what the objective hides.
  private func batches(
    _ objective: any PretrainingObjective, _ layout: BatchLayout, _ vocabulary: Vocabulary, _ key: RandomKey
  ) -> [[Batch]] {
    let converter = layout.converter(
      vocabulary: vocabulary, lengths: SequenceLengths(inputs: size.length, targets: size.length))
    var generator = key.generator()
    func tokens(_ count: Int) -> [TokenID] {
      (0..<count).map { _ in TokenID(generator.below(vocabulary.size - 200)) + 100 }
    }
    let examples = (0..<batchSize).compactMap { index -> TokenExample? in
      switch layout {
      case .encoderDecoder: TokenExample(inputs: tokens(size.length), targets: tokens(size.length / 4))
      case .decoder, .prefixDecoder: TokenExample(inputs: [], targets: tokens(size.length))
      case .encoder: objective.example(from: tokens(size.length - 1), key: key.folded(index))
      }
    }
    return (0..<shards).map { shard in
      (0..<microBatches).map { part in
        converter.batch(
          examples[
            ShardExecutor.slice(
              examples.count, shard: shard * microBatches + part, of: shards * microBatches)])
      }
    }
  }
}

extension TrainingBenchmark.Report: KindedFile {
  public static let kind = FileKind.trainingBenchmark
}
