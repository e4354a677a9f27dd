import Autograd
import Compute
import Families
import Foundation
import ModelKit
import Optimization
import Randomness
import Records
import Support

/// A backbone with its parameters, dealt to a fixed number of shards. Each shard has a thread, tape, arena and
/// gradients of its own and multiplies matrices on one thread; gradients are added as a binary tree over the shards.
/// Results depend on the shard count, not on the machine's cores.
public final class ShardedModel: @unchecked Sendable {
  // Shards touch only their own state during a step; everything else changes between steps.
  public let backbone: any Backbone
  public let store: ParameterStore
  public let precision: Precision
  public let backend: any MatrixBackend
  public let shardCount: Int
  private let executor: ShardExecutor
  private var shards: [Shard] = []
  /// Ends `map` between two batches.
  var stop: StopRequest?
  /// bf16 copy of the parameters; nil under f32.
  private let operandCopy: UnsafeMutableBufferPointer<UInt16>?
  private let blockSums: UnsafeMutableBufferPointer<Double>
  /// Values that are not trained; their gradients count as 0.
  private var frozen: [Range<Int>] = []

  /// State of one shard, made on its thread.
  private final class Shard: @unchecked Sendable {
    let tape: Tape
    let gradients: UnsafeMutableBufferPointer<Float>?
    var loss = LossSum()

    init(tape: Tape, gradients: UnsafeMutableBufferPointer<Float>?) {
      self.tape = tape
      self.gradients = gradients
    }

    deinit { LargeMemory.deallocate(gradients) }
  }

  /// - Parameters:
  ///   - key: draws the first values of the parameters.
  ///   - training: whether memory for gradients is needed.
  ///   - profiling: whether the time of every operation is counted, see `profile`.
  /// - Throws: `.usage` for a backend or precision this machine lacks, `.badData` for an impossible
  ///   configuration.
  public init(
    _ configuration: ModelConfiguration, key: RandomKey, precision: Precision, shardCount: Int,
    backend backendName: String? = nil, training: Bool, profiling: Bool = false
  ) throws(GraftError) {
    backend = try MatrixBackends.choose(named: backendName, for: precision)
    let (backbone, declarations) = try Families.make(configuration)
    // Values, and in training gradients of every shard and two moments.
    let copies = training ? shardCount + 3 : 1
    guard Double(declarations.count) * 4 * Double(copies) < Double(ProcessInfo.processInfo.physicalMemory)
    else {
      throw GraftError(
        .badData, "a model of \(declarations.count) parameters does not fit this machine's memory",
        hint: "take a smaller backbone"
          + (shardCount > 1 && training ? ", or fewer --shards: each holds its own gradients." : "."))
    }
    self.backbone = backbone
    self.precision = precision
    self.shardCount = shardCount
    store = declarations.makeStore(key: key)
    executor = ShardExecutor(shardCount: shardCount)
    operandCopy = precision == .bf16 ? LargeMemory.allocate(UInt16.self, count: store.count) : nil
    blockSums = .allocate(capacity: GradientNorm.blockCount(for: store.count))
    let failures = FirstFailure()
    let made = ResultList<Shard>(count: shardCount)
    let count = store.count
    let values = UnsafePointer<Float>(store.values.baseAddress!)
    let operands = operandCopy.map { UnsafeRawPointer($0.baseAddress!) } ?? UnsafeRawPointer(values)
    nonisolated(unsafe) let (unsafeValues, unsafeOperands) = (values, operands)
    let backend = backend
    executor.run { shard in
      do throws(GraftError) {
        let gradients = training ? LargeMemory.allocate(Float.self, count: count) : nil
        let parameters = ParameterMemory(
          values: unsafeValues, operands: unsafeOperands, gradients: gradients?.baseAddress)
        let context = try backend.makeContext()
        let counting = profiling ? CountingMatrixContext(context) : nil
        let tape = Tape(
          arena: try Arena(), matrices: counting ?? context, precision: precision,
          parameters: parameters, profile: counting.map(OperationProfile.init))
        made.values[shard] = Shard(tape: tape, gradients: gradients)
      } catch {
        failures.record(error)
      }
    }
    if let failure = failures.first {
      executor.stop()
      throw failure
    }
    shards = made.values.compactMap { $0 }
    refreshOperands()
  }

  deinit {
    executor.stop()
    LargeMemory.deallocate(operandCopy)
    blockSums.deallocate()
  }

  /// Must be called after the parameters were changed from outside, for instance loaded.
  public func refreshOperands() {
    guard let operandCopy else { return }
    convertToBFloat16(UnsafeBufferPointer(store.values), into: operandCopy)
  }

  /// - Throws: `.usage` for a backbone that does not predict tokens.
  func tokenPredictor() throws(GraftError) -> any TokenPredictor {
    guard let predictor = backbone.predictor else {
      let kind = backbone.answerer != nil ? "a fine-tuned encoder" : "a discriminator"
      throw GraftError(
        .usage, "the model is \(kind) and gives tokens no probabilities",
        hint: "take the checkpoint of a language model.")
    }
    return predictor
  }

  /// - Throws: `.usage` for a backbone that cannot write.
  func generativeBackbone() throws(GraftError) -> any GenerativeBackbone {
    guard let writer = backbone.writer else {
      throw GraftError(
        .usage, "a \(backbone.configuration.family) model has no decoder and cannot answer in text",
        hint: "take a t5 or gpt backbone; an encoder answers tasks with choices or numbers, once fine-tuned.")
    }
    return writer
  }

  /// The most bytes of activations any shard has held.
  public var peakActivationBytes: Int { shards.map(\.tape.arena.peakBytes).max() ?? 0 }

  /// Time by operation, summed over the shards; empty unless the model was made for profiling.
  var profile: [String: OperationProfile.Entry] {
    var sum: [String: OperationProfile.Entry] = [:]
    for shard in shards {
      for (name, entry) in shard.tape.profile?.entries ?? [:] { sum[name, default: .init()] += entry }
    }
    return sum
  }

  func resetProfile() { for shard in shards { shard.tape.profile?.reset() } }

  /// Runs `work` on every shard's thread, with its matrix products, and waits.
  func onEachShard(_ work: @escaping @Sendable (_ shard: Int, _ matrices: any MatrixContext) -> Void) {
    executor.run { [self] shard in work(shard, shards[shard].tape.matrices) }
  }

  /// Forward and backward passes of one step. Gradients end in each shard's own memory.
  ///
  /// - Parameters:
  ///   - batches: micro-batches by shard: `batches[shard][microBatch]`.
  ///   - key: the step's randomness.
  public func accumulate(
    _ batches: [[Batch]], key: RandomKey, recomputing: Bool, loss: @escaping BatchLoss
  ) -> LossSum {
    precondition(batches.count == shardCount, "\(batches.count) lists of batches for \(shardCount) shards")
    let scale = GradientScale(batches.joined())
    executor.run { [self] shard in
      let state = shards[shard]
      state.tape.profile?.skip()
      state.gradients?.update(repeating: 0)
      state.tape.profile?.mark("clear gradients", bytes: store.count * 4)
      state.loss = LossSum()
      for (index, batch) in batches[shard].enumerated() where batch.positionCount > 0 {
        let tape = state.tape
        tape.begin(training: true, recording: true, key: key.folded(shard).folded(index))
        state.loss += loss(batch, scale, recomputing, tape)
        tape.backward()
      }
      for range in frozen { state.gradients.map { $0[range].update(repeating: 0) } }
    }
    var total = LossSum()
    for shard in shards { total += shard.loss }
    return total
  }

  /// Adds the shards' gradients, clips by global norm and updates the parameters.
  /// - Parameter isLossFinite: whether the loss that the gradients are of is a number.
  /// - Returns: the norm before clipping.
  /// - Throws: `.internalError` naming the first parameter whose gradient is not finite, or the loss; nothing is
  ///   updated.
  public func update(
    _ optimizer: any Optimizer, learningRate: Double, maximumNorm: Double?, step: Int,
    isLossFinite: Bool = true
  ) throws(GraftError) -> Double {
    guard let sum = shards[0].gradients else { preconditionFailure("this model was made without gradients") }
    nonisolated(unsafe) let gradients = sum
    nonisolated(unsafe) let parts = shards.compactMap(\.gradients)
    let blocks = blockSums.count
    executor.run { [self] shard in
      let profile = shards[shard].tape.profile
      profile?.skip()
      // A block is added and squared while it is in cache.
      for block in ShardExecutor.slice(blocks, shard: shard, of: shardCount) {
        let start = block * GradientNorm.blockSize
        let range = start..<min(start + GradientNorm.blockSize, store.count)
        Self.addAsTree(parts, range)
        GradientNorm.sumBlocks(block..<block + 1, of: UnsafeBufferPointer(gradients), into: blockSums)
      }
      profile?.mark("add gradients", bytes: store.count * 4 * (shardCount + 1) / shardCount)
    }
    let norm = GradientNorm.norm(blockSums: blockSums)
    guard norm.isFinite else { throw notFinite(gradients, step) }
    guard isLossFinite else { throw Self.notFinite("the loss", step) }
    let update = OptimizerUpdate(
      values: store.values, gradients: UnsafeBufferPointer(gradients), learningRate: learningRate,
      gradientScale: Float(GradientNorm.clippingFactor(norm: norm, maximum: maximumNorm)), step: step,
      bfloat16Copy: operandCopy)
    let hands = Self.deal(optimizer.units, to: shardCount)
    executor.run { [self] shard in
      let tape = shards[shard].tape
      tape.profile?.skip()
      // What the step has put there is not needed any more.
      tape.arena.reset()
      let work = ShardWork(matrices: tape.matrices, precision: precision, scratch: tape.arena)
      for unit in hands[shard] { optimizer.apply(update, toUnit: unit, work) }
      tape.profile?.mark("optimizer")
    }
    return norm
  }

  /// The dearest unit first, each to the shard that has least to do; ties go to the lower index, so the same units are
  /// always dealt alike.
  static func deal(_ units: [OptimizerUnit], to shards: Int) -> [[Int]] {
    var hands = [[Int]](repeating: [], count: shards)
    var loads = [Double](repeating: 0, count: shards)
    for unit in units.indices.sorted(by: { (units[$1].cost, $0) < (units[$0].cost, $1) }) {
      let shard = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
      hands[shard].append(unit)
      loads[shard] += units[unit].cost
    }
    return hands
  }

  /// Leaves all but `trained` as they are: no gradients are computed of whole layers, and none counts in the norm.
  func freeze(allBut trained: [TrainedParameter]) {
    var end = 0
    frozen = []
    for range in trained.map(\.entry.range) + [store.count..<store.count] {
      if range.lowerBound > end { frozen.append(end..<range.lowerBound) }
      end = range.upperBound
    }
    for shard in shards { shard.tape.freeze(frozen) }
  }

  /// Exchanges the values that are trained and those that are to be evaluated and kept, if these are others.
  func takeEvaluationValues(of optimizer: any Optimizer) {
    if optimizer.exchangeEvaluationValues(with: store.values) { refreshOperands() }
  }

  /// Runs `body` with the values that are to be evaluated and kept in place of those that are trained.
  func withEvaluationValues<Result>(
    of optimizer: any Optimizer, _ body: () throws(GraftError) -> Result
  ) throws(GraftError) -> Result {
    takeEvaluationValues(of: optimizer)
    defer { takeEvaluationValues(of: optimizer) }
    return try body()
  }

  /// Adds all parts to the first, as a binary tree: ((0 + 1) + (2 + 3)) + …; neighbours are added before their sum
  /// meets the next, so that they may be added elsewhere with the same bits. Sums on the way are left in the parts.
  static func addAsTree(_ parts: [UnsafeMutableBufferPointer<Float>], _ range: Range<Int>) {
    var distance = 1
    while distance < parts.count {
      for part in stride(from: 0, to: parts.count - distance, by: 2 * distance) {
        add(parts[part + distance], to: parts[part], range)
      }
      distance *= 2
    }
  }

  private func notFinite(_ gradients: UnsafeMutableBufferPointer<Float>, _ step: Int) -> GraftError {
    let culprit = store.entries.first { entry in gradients[entry.range].contains { !$0.isFinite } }
    return Self.notFinite(culprit.map { "the gradient of '\($0.name)'" } ?? "the gradient's norm", step)
  }

  private static func notFinite(_ what: String, _ step: Int) -> GraftError {
    GraftError(
      .internalError, "\(what) is not finite at update \(step)",
      hint: "lower the learning rate or lengthen the warm-up; checkpoints up to here are intact; --non-finite says what"
        + " else can be done.")
  }

  /// The gradient of every parameter after `accumulate`, summed over the shards; for tests.
  public func gradientSum() -> [Float] {
    var sum = [Float](repeating: 0, count: store.count)
    for shard in shards {
      guard let gradients = shard.gradients else { continue }
      for i in sum.indices { sum[i] += gradients[i] }
    }
    return sum
  }

  /// Runs `body` once per batch without gradients or dropout, batches dealt to the shards in turn.
  /// - Returns: results in the order of the batches.
  /// - Throws: `.interrupted` or `.terminated` if `stop` is requested before the last batch is begun.
  public func map<Result: Sendable>(
    _ batches: [Batch], _ body: @escaping @Sendable (_ index: Int, _ batch: Batch, _ tape: Tape) -> Result
  ) throws(GraftError) -> [Result] {
    let results = ResultList<Result>(count: batches.count)
    let stop = stop
    executor.run { [self] shard in
      for index in stride(from: shard, to: batches.count, by: shardCount) where stop?.exitCode == nil {
        let tape = shards[shard].tape
        tape.begin(training: false, recording: false, key: RandomKey(seed: 0))
        results.values[index] = body(index, batches[index], tape)
      }
    }
    let found = results.values.compactMap { $0 }
    if found.count < batches.count, let code = stop?.exitCode {
      throw GraftError(code, "stopped while the model was looked at")
    }
    return found
  }

  private final class ResultList<Value>: @unchecked Sendable {
    // Each slot is written by one shard. Memory is fixed, so slots can be written concurrently.
    let values: UnsafeMutableBufferPointer<Value?>
    init(count: Int) {
      values = .allocate(capacity: count)
      values.initialize(repeating: nil)
    }
    deinit {
      values.deinitialize()
      values.deallocate()
    }
  }
}

/// Keeps the first error that any shard met.
final class FirstFailure: @unchecked Sendable {
  private let lock = NSLock()
  private var failure: GraftError?

  func record(_ error: GraftError) {
    lock.withLock { if failure == nil { failure = error } }
  }

  var first: GraftError? { lock.withLock { failure } }
}
