import Autograd
import Checkpointing
import Compute
import Families
import ModelKit
import Optimization
import Randomness
import Records
import Testing

/// A model with everything one thread needs to train it.
final class ModelLaboratory {
  let backbone: any Backbone
  let store: ParameterStore
  let arena: Arena
  let matrices: CountingMatrixContext
  private let gradientMemory: GradientMemory
  private let copies: UnsafeMutableBufferPointer<UInt16>
  let tape: Tape
  private let precision: Precision

  convenience init(
    _ configuration: ModelConfiguration, precision: Precision = .f32,
    backend: (any MatrixBackend)? = nil,
    seed: UInt64 = 1
  ) throws {
    let (backbone, declarations) = try Families.make(configuration)
    try self.init(backbone, declarations, precision: precision, backend: backend, seed: seed)
  }

  /// A model that needs not be of a family of the table.
  init(
    _ backbone: any Backbone, _ declarations: ParameterDeclarations, precision: Precision = .f32,
    backend: (any MatrixBackend)? = nil, seed: UInt64 = 1
  ) throws {
    self.backbone = backbone
    self.precision = precision
    store = declarations.makeStore(key: RandomKey(seed: seed))
    gradientMemory = GradientMemory(count: store.count)
    copies = .allocate(capacity: store.count)
    copies.initialize(repeating: 0)
    arena = try Arena(capacity: 1 << 32)
    matrices = CountingMatrixContext(try (backend ?? MatrixBackends.choose(for: precision)).makeContext())
    let values = UnsafePointer(store.values.baseAddress!)
    tape = Tape(
      arena: arena, matrices: matrices, precision: precision,
      parameters: ParameterMemory(
        values: values,
        operands: precision == .f32 ? UnsafeRawPointer(values) : UnsafeRawPointer(copies.baseAddress!),
        gradients: gradientMemory))
    tape.adapt(declarations.lowRankPairs)
    refreshOperands()
  }

  deinit {
    copies.deallocate()
  }

  /// Brings the bf16 copy up to date with the values.
  func refreshOperands() {
    guard precision == .bf16 else { return }
    for i in copies.indices {
      let bits = store.values[i].bitPattern
      copies[i] = UInt16(truncatingIfNeeded: (bits + 0x7fff + (bits >> 16 & 1)) >> 16)
    }
  }

  /// Reads a file of transformers as commands do.
  func load(_ path: String, _ map: ForeignKeyMap) throws {
    try map.load(into: store, from: WeightFiles(SafetensorsFile(path)))
    refreshOperands()
  }

  /// One forward and backward pass into zeroed gradients (unless `keeping`); the summed loss.
  @discardableResult
  func step(
    _ batch: Batch, training: Bool = false, recomputing: Bool = false, gradientScale: Double? = nil,
    keeping: Bool = false, following state: (any CarriedState)? = nil, key: RandomKey = RandomKey(seed: 7)
  ) -> LossSum {
    if !keeping { gradientMemory.begin() }
    tape.begin(training: training, recording: true, key: key)
    let loss = loss(
      batch, scale: gradientScale ?? 1 / Double(max(1, outputCount(batch))), following: state,
      recomputing: recomputing)
    tape.backward()
    return loss
  }

  /// The matrix products of one forward pass with its loss.
  func forwardOperations(_ batch: Batch) -> Double {
    tape.begin(training: false, recording: false, key: RandomKey(seed: 0))
    let before = matrices.operations
    _ = loss(batch, scale: 1, following: nil, recomputing: false)
    return matrices.operations - before
  }

  /// What the loss is the sum over.
  private func outputCount(_ batch: Batch) -> Int {
    if backbone.answerer != nil { return batch.answers.count }
    guard let model = backbone.detector else { return batch.targetCount }
    return batch.encoder.tokens.count + (model.generator == nil ? 0 : batch.targetCount)
  }

  /// Cross-entropy of the targets; a discriminator says of every token whether its target is 1, beside its
  /// generator's cross-entropy; a model with heads answers.
  private func loss(
    _ batch: Batch, scale: Double, following state: (any CarriedState)?, recomputing: Bool
  ) -> LossSum {
    if let model = backbone.answerer {
      return model.answer(batch, recomputing: recomputing, on: tape)
        .loss(batch, gradientScale: scale, on: tape)
    }
    if let model = backbone.detector {
      let labels = batch.targets.map { Float($0 == 1 ? 1 : 0) }
      var loss = model.detect(batch, recomputing: recomputing, on: tape)
        .loss(labels, gradientScale: scale, on: tape)
      if let generator = model.generator {
        loss += generator.forward(batch, recomputing: recomputing, on: tape)
          .crossEntropy(batch, gradientScale: scale, on: tape)
      }
      return loss
    }
    return backbone.predictor!.forward(batch, following: state, recomputing: recomputing, on: tape)
      .crossEntropy(batch, gradientScale: scale, on: tape)
  }

  /// Leaves NaN (in either element type) where the next step will find uninitialised memory.
  func fillArenaWithNaN(bytes: Int) {
    arena.reset()
    let count = bytes / 4
    arena.floats(count).update(repeating: Float(bitPattern: 0x7fff_7fff), count: count)
  }

  /// Scaled logits with bias at the positions with a target, row-major; of heads, the log-probabilities or numbers.
  func logits(_ batch: Batch) -> [Float] {
    tape.begin(training: false, recording: false, key: RandomKey(seed: 0))
    if let model = backbone.answerer {
      return model.answer(batch, recomputing: false, on: tape).scores(0, on: tape).joined().map { Float($0) }
    }
    if let model = backbone.detector {
      return model.detect(batch, recomputing: false, on: tape).logits(on: tape)
    }
    let output = backbone.predictor!.forward(batch, on: tape)
    let (rows, _) = output.targets(of: batch)
    let head = output.vocabularyHead
    return output.logits(at: rows, on: tape).floats().map { $0 * Float(head.scale) }
  }

  /// A copy: a view could outlive the laboratory, whose last use an optimised build finds early.
  var gradients: [Float] { withExtendedLifetime(self) { store.values.indices.map(gradientMemory.current) } }

  /// Updates the values with the gradients as they are.
  func update(with optimizer: any Optimizer, learningRate: Double, step: Int) {
    for group in 0...store.count / GradientMemory.groupSize where group * GradientMemory.groupSize < store.count {
      gradientMemory.finish(group: group, added: 0)
    }
    optimizer.apply(
      OptimizerUpdate(
        values: store.values, gradients: UnsafeBufferPointer(gradientMemory.values), learningRate: learningRate,
        step: step),
      ShardWork(matrices: tape.matrices, precision: tape.precision, scratch: tape.arena))
    refreshOperands()
  }

  /// Gradients by our names.
  var namedGradients: [String: LoadedTensor] {
    let all = gradients
    return Dictionary(
      uniqueKeysWithValues: store.entries.map {
        ($0.name, LoadedTensor(shape: $0.shape, values: Array(all[$0.range])))
      })
  }
}

/// The largest difference as a share of the largest expected magnitude, which counts as at least `floor`.
func relativeDifference(_ got: [Float], _ expected: [Float], floor: Float = 1e-3) -> Float {
  guard got.count == expected.count else { return .infinity }
  let magnitude = expected.reduce(floor) { max($0, abs($1)) }
  return zip(got, expected).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference / magnitude)
  }
}

extension Collection<Float> {
  var areFinite: Bool { allSatisfy { $0.isFinite } }
  func areAll(_ value: Float) -> Bool { allSatisfy { $0 == value } }
}
