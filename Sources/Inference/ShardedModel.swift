import Autograd
import Compute
import Families
import Foundation
import ModelKit
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
  /// Shards that this process computes, a thread each.
  public let shardCount: Int
  /// The processes that compute a step together.
  package let world: any World
  /// Which of the shards of all processes are computed here; all of them in a process by itself.
  package let ownShards: Range<Int>
  /// Shards of all processes.
  package let allShards: Int
  /// The processes with this model that `map` deals batches over; this one by itself unless it was opened with others.
  package internal(set) var readers: any World = Alone()
  /// What gradients are rounded to before two shards' are added.
  package var traffic = GradientTraffic.f32
  /// Texts that each process reads beside each other, where what it keeps of them is carried from step to step.
  package var lanesOfProcesses: [Int] = []
  package let executor: ShardExecutor
  package private(set) var shards: [Shard] = []
  /// The most texts that are looked at in one forward pass.
  package var textsAtOnce = 64
  /// Ends `map` between two batches.
  package var stop: StopRequest?
  /// bf16 copy of the parameters; nil under f32.
  package let operandCopy: UnsafeMutableBufferPointer<UInt16>?
  /// Places of the values of which there is a bf16 copy alone, in order.
  private var forgotten: [Range<Int>] = []
  /// The values that are trained, in order and apart from each other; all others have no gradients.
  package var trained: [Range<Int>] = []

  /// State of one shard, made on its thread.
  package final class Shard: @unchecked Sendable {
    package let tape: Tape
    package let gradients: GradientMemory?
    package var loss = LossSum()
    /// What each micro-batch's texts go on from; empty where texts are whole.
    package var carried: [any CarriedState] = []

    init(tape: Tape, gradients: GradientMemory?) {
      self.tape = tape
      self.gradients = gradients
    }
  }

  /// - Parameters:
  ///   - key: draws the first values of the parameters.
  ///   - training: whether memory for gradients is needed.
  ///   - profiling: whether the time of every operation is counted, see `profile`.
  ///   - world: the processes that the shards are dealt over.
  /// - Throws: `.usage` for a backend or precision this machine lacks, `.badData` for an impossible
  ///   configuration.
  public init(
    _ configuration: ModelConfiguration, key: RandomKey, precision: Precision, shardCount: Int,
    backend backendName: String? = nil, training: Bool, profiling: Bool = false, world: any World = Alone()
  ) throws(GraftError) {
    guard shardCount >= world.size else {
      throw GraftError(
        .usage, "\(shardCount) shards cannot be dealt over \(world.size) processes",
        hint: "give `shards:` a multiple of the processes, or start fewer: the result depends on the shards alone.")
    }
    (self.world, allShards) = (world, shardCount)
    ownShards = world.shares(of: shardCount)[world.rank]
    let shardCount = ownShards.count
    backend = try MatrixBackends.choose(named: backendName, for: precision)
    let (backbone, declarations) = try Families.make(configuration)
    // Values, and of those that are trained gradients of every shard and two moments.
    let numbers = training ? declarations.count + declarations.trainedCount * (shardCount + 2) : declarations.count
    guard Double(numbers) * 4 < Double(ProcessInfo.processInfo.physicalMemory) else {
      throw GraftError(
        .badData, "a model of \(declarations.count) parameters does not fit this machine's memory",
        hint: "take a smaller backbone"
          + (shardCount > 1 && training ? ", or fewer `shards:`: each holds its own gradients." : "."))
    }
    self.backbone = backbone
    self.precision = precision
    self.shardCount = shardCount
    store = declarations.makeStore(key: key)
    executor = ShardExecutor(shardCount: shardCount)
    operandCopy = precision == .bf16 ? LargeMemory.reserve(UInt16.self, count: store.count) : nil
    let failures = FirstFailure()
    let made = ResultList<Shard>(count: shardCount)
    let count = store.count
    trained = [0..<count]
    let pairs = declarations.lowRankPairs
    let values = UnsafePointer<Float>(store.values.baseAddress!)
    let operands = operandCopy.map { UnsafeRawPointer($0.baseAddress!) } ?? UnsafeRawPointer(values)
    nonisolated(unsafe) let (unsafeValues, unsafeOperands) = (values, operands)
    let backend = backend
    executor.run { shard in
      do throws(GraftError) {
        let gradients = training ? GradientMemory(count: count) : nil
        let parameters = ParameterMemory(
          values: unsafeValues, operands: unsafeOperands, gradients: gradients)
        let context = try backend.makeContext()
        let counting = profiling ? CountingMatrixContext(context) : nil
        let tape = Tape(
          arena: try Arena(), matrices: counting ?? context, precision: precision,
          parameters: parameters, profile: counting.map(OperationProfile.init))
        tape.adapt(pairs)
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
    for entry in store.entries where !entry.isFixed { refreshOperands(entry.range) }
  }

  deinit {
    executor.stop()
    LargeMemory.release(operandCopy)
  }

  /// Must be called after the parameters were changed from outside, for instance loaded.
  public func refreshOperands() {
    var start = 0
    for range in forgotten + [store.count..<store.count] {
      refreshOperands(start..<range.lowerBound)
      start = range.upperBound
    }
  }

  package func refreshOperands(_ range: Range<Int>) {
    guard let operandCopy, !range.isEmpty else { return }
    convertToBFloat16(
      UnsafeBufferPointer(rebasing: store.values[range]),
      into: UnsafeMutableBufferPointer(rebasing: operandCopy[range]))
  }

  /// Under bf16, makes the copies of the matrices that an adapter is trained beside and gives back the memory of their
  /// f32 values, which nothing reads any more: products read the copies.
  package func keepOnlyCopiesOfFixedMatrices() {
    guard operandCopy != nil else { return }
    for entry in store.entries where entry.isFixed && entry.declaration.isLinear {
      refreshOperands(entry.range)
      LargeMemory.forget(entry.range, of: store.values)
      forgotten.append(entry.range)
    }
  }

  /// - Throws: `.usage` for a backbone that does not predict tokens.
  package func tokenPredictor() throws(GraftError) -> any TokenPredictor {
    guard let predictor = backbone.predictor else {
      let kind =
        backbone.answerer == nil
        ? "a discriminator" : backbone.layout == .encoder ? "a fine-tuned encoder" : "one with heads"
      throw GraftError(
        .usage, "the model is \(kind) and gives tokens no probabilities",
        hint: "take the checkpoint of a language model.")
    }
    return predictor
  }

  /// - Throws: `.usage` for a backbone that cannot write.
  package func generativeBackbone() throws(GraftError) -> any GenerativeBackbone {
    guard let writer = backbone.writer else {
      throw GraftError(
        .usage,
        backbone.layout == .encoder && backbone.answerer == nil
          ? "a \(backbone.configuration.family) model has no decoder and cannot answer in text"
          : "the model was fine-tuned to answer by heads and cannot answer in text",
        hint: "take a t5 or gpt backbone; an encoder answers tasks with choices or numbers, once fine-tuned.")
    }
    return writer
  }

  /// Time by operation, summed over the shards; empty unless the model was made for profiling.
  package var profile: [String: OperationProfile.Entry] {
    var sum: [String: OperationProfile.Entry] = [:]
    for shard in shards {
      for (name, entry) in shard.tape.profile?.entries ?? [:] { sum[name, default: .init()] += entry }
    }
    return sum
  }

  package func resetProfile() { for shard in shards { shard.tape.profile?.reset() } }

  /// Runs `work` on every shard's thread, with its matrix products, and waits.
  package func onEachShard(_ work: @escaping @Sendable (_ shard: Int, _ matrices: any MatrixContext) -> Void) {
    executor.run { [self] shard in work(shard, shards[shard].tape.matrices) }
  }

  /// Runs `body` once per batch without gradients or dropout, batches dealt to the processes in turn, and those of a
  /// process to its shards.
  /// - Parameter world: the processes, which all have these batches; nil for `readers`.
  /// - Returns: results in the order of the batches, the same on all processes.
  /// - Throws: `.interrupted` or `.terminated` if `stop` is requested before the last batch is begun; `.badData` if
  ///   another process has other batches; as a `World`.
  public func map<Result: Codable & Sendable>(
    _ batches: [Batch], over world: (any World)? = nil,
    _ body: @escaping @Sendable (_ index: Int, _ batch: Batch, _ tape: Tape) -> Result
  ) throws(GraftError) -> [Result] {
    let world = world ?? readers
    guard world.size > 1 else { return try mapHere(batches, body) }
    try world.requireSame("texts", hash: batches.fingerprint)
    let own = batches.indices.filter { $0 % world.size == world.rank }
    let mine = try world.collected { () throws(GraftError) in
      try mapHere(own.map { batches[$0] }) { index, batch, tape in body(own[index], batch, tape) }
    }
    let all = try world.gathered(mine)
    return batches.indices.map { all[$0 % world.size][$0 / world.size] }
  }

  /// The same in this process alone. A shard that has no batch left helps the others with their products.
  private func mapHere<Result: Sendable>(
    _ batches: [Batch], _ body: @escaping @Sendable (_ index: Int, _ batch: Batch, _ tape: Tape) -> Result
  ) throws(GraftError) -> [Result] {
    let results = ResultList<Result>(count: batches.count)
    let stop = stop
    let helpers = shards.map(\.tape.matrices.helpers)
    for helper in helpers { helper?.open() }
    executor.run { [self] shard in
      for index in stride(from: shard, to: batches.count, by: shardCount) where stop?.exitCode == nil {
        let tape = shards[shard].tape
        tape.begin(training: false, recording: false, key: RandomKey(seed: 0))
        results.values[index] = body(index, batches[index], tape)
      }
      helpers[shard]?.close()
      for other in helpers { other?.help() }
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

extension [Batch] {
  /// A hash of everything that a model sees of them.
  fileprivate var fingerprint: String {
    var hash = ContentHash()
    func add(_ numbers: [some BitwiseCopyable]) { numbers.withUnsafeBytes { hash.update(bufferPointer: $0) } }
    for batch in self {
      for sequences in [batch.encoder, batch.decoder] {
        add([sequences.tokens.count, sequences.lengths.count, sequences.segments.count, sequences.prefixes.count])
        add(sequences.tokens)
        add(sequences.lengths)
        add(sequences.segments)
        add(sequences.prefixes)
      }
      add([batch.targets.count, batch.answers.count])
      add(batch.targets)
      add(batch.answers.map(\.head))
    }
    return hash.hexadecimal()
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
