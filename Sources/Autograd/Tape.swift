import CKernels
import Compute
import Randomness

/// Records the operations of one shard's forward pass so that their backward passes run in reverse order.
/// Operations are large and fused; each is an extension of `Tape` in a file of its own, forward above backward.
/// A tape belongs to one thread.
public final class Tape {
  /// Where activations and their gradients live until `begin`.
  public let arena: Arena
  /// Multiplies matrices on the tape's thread.
  public let matrices: any MatrixContext
  /// What operands of products are.
  public let precision: Precision
  /// Where parameters are read and their gradients added.
  public private(set) var parameters: ParameterMemory
  /// Whether dropout is applied.
  public private(set) var isTraining = false
  /// Whether a backward pass will follow.
  public private(set) var isRecording = false

  /// Counts the time of operations; nil but in a benchmark.
  public let profile: OperationProfile?

  /// Is told the weights of every attention operation that reads whole sequences, sequence by sequence. Nil, and then
  /// without cost, but where somebody wants to see them: the weights are computed again for it, naively.
  public var attentionObserver: ((AttentionWeights) -> Void)?

  /// Is told what every layer hands on; nil, and then without cost, but where somebody looks. See `observingStates`.
  var stateObserver: ((LayerStates) -> Void)?
  /// The layers at work, the outermost first.
  var layerPath: [String] = []

  /// Whether a parameter of which a gradient is needed was read since `begin`: what was computed before needs none.
  private(set) var needsGradients = false
  private var backwardSteps: [(operation: Operation, run: () -> Void)] = []
  /// Cosines and sines of rotary positions, kept from step to step: they depend on nothing else.
  private var rotaryTables: [RotaryKey: RotaryTable] = [:]
  private struct RotaryKey: Hashable {
    var positions: RotaryPositions
    var headDimension: Int
  }

  private var randomKey = RandomKey(seed: 0)
  private var drawn = 0
  /// What the step shares with the other parts of its update.
  private(set) var update = UpdateContext()

  /// - Parameter profile: one that counts the products of `matrices`, which must then be its context.
  public init(
    arena: Arena, matrices: any MatrixContext, precision: Precision, parameters: ParameterMemory,
    profile: OperationProfile? = nil
  ) {
    self.profile = profile
    self.arena = arena
    self.matrices = matrices
    self.precision = precision
    self.parameters = parameters
  }

  /// The element type of matrix operands.
  public var operand: ElementType { precision.operand }

  /// Says of which parts of the parameters no gradient is needed; what is for them alone is left out.
  public func freeze(_ ranges: [Range<Int>]) { parameters.frozen = ranges }

  /// Says what is added to matrices of linear layers.
  /// - Parameter pairs: in the order of the matrices; those of matrices that are multiplied as one have their D next to
  ///   each other.
  public func adapt(_ pairs: [LowRankPair]) { parameters.lowRankPairs = pairs }

  /// Forgets everything of the last step.
  /// - Parameters:
  ///   - key: the coordinate of this step's randomness; dropout masks are folded from it in the order
  ///   of the operations.
  ///   - update: what this step is a part of; by default of an update of one token.
  public func begin(training: Bool, recording: Bool, key: RandomKey, update: UpdateContext = UpdateContext()) {
    precondition(!recording || parameters.gradients != nil, "recording needs memory for gradients")
    backwardSteps.removeAll(keepingCapacity: true)
    arena.reset()
    profile?.skip()
    isTraining = training
    isRecording = recording
    needsGradients = parameters.frozen.isEmpty
    randomKey = key
    self.update = update
    drawn = 0
  }

  /// Runs the recorded backward steps, last first.
  public func backward() {
    while let (operation, run) = backwardSteps.popLast() {
      run()
      // Values are read again, gradients read and written; of a product there are two for each of before.
      profile?.mark(
        operation.name + ", backward", bytes: 2 * operation.bytes, operations: 2 * operation.products)
    }
  }

  /// A tensor [rows, columns] in the arena.
  /// - Parameters:
  ///   - gradient: the element type of its gradient; by default that of its values.
  ///   - zeroed: whether the values are 0 at first; else they are whatever lies there.
  public func tensor(
    _ rows: Int, _ columns: Int, _ type: ElementType, gradient: ElementType? = nil, zeroed: Bool = false
  ) -> Tensor {
    let count = rows * columns
    let data = zeroed ? arena.zeros(type, count: count) : arena.allocate(type, count: count)
    return Tensor(rows: rows, columns: columns, type: type, gradientType: gradient ?? type, data: data)
  }

  /// An operation as the profile shows it.
  private struct Operation {
    var name: String
    var bytes = 0
    var products = 0.0
  }

  /// Ends the forward pass of an operation and registers its backward pass, which is dropped when nothing is
  /// recorded.
  /// - Parameters:
  ///   - name: for the profile.
  ///   - tensors: what the forward pass reads and writes outside products of the matrix library.
  ///   - products: floating-point operations of products that do not go through the matrix library.
  func record(
    _ name: String, touching tensors: @autoclosure () -> [Tensor] = [],
    products: @autoclosure () -> Double = 0, _ step: @escaping () -> Void
  ) {
    var operation = Operation(name: name)
    if let profile {
      operation.bytes = tensors().reduce(0) { $0 + $1.count * $1.type.size }
      operation.products = products()
      profile.mark(name, bytes: operation.bytes, operations: operation.products)
    }
    if isRecording, needsGradients { backwardSteps.append((operation, step)) }
  }

  /// Ends an operation that has changed `x` where it lies: the result has the memory of `x`, and `backward` turns the
  /// result's gradient into that of `x` in place.
  /// - Precondition: no other operation reads `x`.
  func inPlace(
    _ name: String, _ x: Tensor, _ backward: @escaping (_ out: Tensor, _ gradient: UnsafeMutableRawPointer) -> Void
  ) -> Tensor {
    let out = Tensor(rows: x.rows, columns: x.columns, type: x.type, gradientType: x.gradientType, data: x.data)
    record(name, touching: [x]) {
      guard out.hasGradient, let d = out.gradient else { return }
      precondition(!x.hasGradient, "\(name): its input is read by this operation only")
      backward(out, d)
      (x.gradient, x.hasGradient) = (d, true)
    }
    return out
  }

  /// Memory for a contribution to `tensor`'s gradient, and whether it must be added to what is there. The
  /// contribution must cover every element.
  func gradientTarget(_ tensor: Tensor) -> (pointer: UnsafeMutableRawPointer, accumulate: Bool) {
    if tensor.hasGradient, let gradient = tensor.gradient {
      precondition(
        tensor.gradientType == .float32, "a tensor read by several operations needs an f32 gradient")
      return (gradient, true)
    }
    let pointer = reserveGradient(tensor)
    tensor.hasGradient = true
    return (pointer, false)
  }

  /// Memory for the gradient without a value yet.
  @discardableResult
  func reserveGradient(_ tensor: Tensor) -> UnsafeMutableRawPointer {
    if let pointer = tensor.gradient { return pointer }
    let pointer = arena.allocate(tensor.gradientType, count: tensor.count)
    tensor.gradient = pointer
    return pointer
  }

  func values(_ parameter: Parameter) -> UnsafePointer<Float> {
    noteReading(parameter)
    return parameters.values + parameter.offset
  }

  func operands(_ parameter: Parameter) -> UnsafeRawPointer {
    noteReading(parameter)
    return parameters.operands + parameter.offset * operand.size
  }

  private func noteReading(_ parameter: Parameter) {
    if !needsGradients, !parameters.isFrozen(parameter) { needsGradients = true }
  }

  /// Where the gradient of a parameter is added; nil where none is needed.
  func gradient(_ parameter: Parameter) -> UnsafeMutablePointer<Float>? {
    guard let memory = gradientMemory(of: parameter) else { return nil }
    memory.prepare(parameter.range)
    return memory.values.baseAddress! + parameter.offset
  }

  /// Where the gradients of some rows of a table are added; ids below 0 are none.
  func gradient(_ table: Parameter, ofRows ids: some Sequence<Int32>) -> UnsafeMutablePointer<Float>? {
    guard let memory = gradientMemory(of: table) else { return nil }
    for id in ids where id >= 0 {
      let start = table.offset + Int(id) * table.columns
      memory.prepare(start..<start + table.columns)
    }
    return memory.values.baseAddress! + table.offset
  }

  /// Where the gradient of a parameter is written as a whole, and whether it must be added to what is there.
  func gradientSum(_ parameter: Parameter) -> (pointer: UnsafeMutablePointer<Float>, accumulate: Bool)? {
    guard let memory = gradientMemory(of: parameter) else { return nil }
    let isFirst = memory.prepareToOverwrite(parameter.range)
    return (memory.values.baseAddress! + parameter.offset, !isFirst)
  }

  private func gradientMemory(of parameter: Parameter) -> GradientMemory? {
    guard let memory = parameters.gradients else {
      preconditionFailure("a backward pass needs memory for gradients")
    }
    return parameters.isFrozen(parameter) ? nil : memory
  }

  /// The same for a kernel that writes it in any case; what it writes of a frozen one is lost, in the arena.
  func gradientOrScratch(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
    gradient(parameter) ?? arena.floats(parameter.count)
  }

  /// Sets the gradients of those frozen parts to 0 that were written because the rest of `parameter` was.
  func clearFrozenParts(of parameter: Parameter) {
    for range in parameters.frozen where range.overlaps(parameter.range) {
      let part = range.clamped(to: parameter.range)
      parameters.gradients?.values[part].update(repeating: 0)
    }
  }

  /// The table of at least `length` positions.
  func rotaryTable(_ positions: RotaryPositions, headDimension: Int, length: Int) -> RotaryTable {
    let key = RotaryKey(positions: positions, headDimension: headDimension)
    if let table = rotaryTables[key], table.length >= length { return table }
    // Sequences that grow by a token at a time do not make a table each.
    let table = RotaryTable(
      positions, headDimension: headDimension, length: max(length, 2 * (rotaryTables[key]?.length ?? 32)))
    rotaryTables[key] = table
    return table
  }

  /// The key of the next operation that draws.
  func nextKey() -> RandomKey {
    defer { drawn += 1 }
    return randomKey.folded(drawn)
  }

  /// The mask of the next dropout operation; the identity outside training.
  func nextDropout(_ probability: Double) -> graft_dropout { dropout(probability, nextKey()) }

  /// The same, one for all parts of the update.
  func nextSharedDropout(_ probability: Double) -> graft_dropout {
    defer { drawn += 1 }
    return dropout(probability, update.key.folded(drawn))
  }

  private func dropout(_ probability: Double, _ key: RandomKey) -> graft_dropout {
    guard isTraining, probability > 0 else {
      return graft_dropout(key0: 0, key1: 0, threshold: 0, scale: 1)
    }
    let threshold = min(65535, max(1, Int((probability * 65536).rounded())))
    return graft_dropout(
      key0: key.word0, key1: key.word1, threshold: UInt32(threshold),
      scale: Float(65536.0 / Double(65536 - threshold)))
  }

  /// Runs `body`, and keeps nothing but its result where there will be no backward pass through it: where nothing is
  /// recorded, or it read frozen parameters only and so did all before it.
  public func settled(_ body: () -> Tensor) -> Tensor {
    guard !isRecording || !needsGradients else { return body() }
    let mark = arena.mark
    let transient = body()
    return isRecording && needsGradients ? transient : keepOnly([transient], from: mark)[0]
  }

  /// Gives back what was allocated after `mark`, but for some tensors, which are moved there.
  private func keepOnly(_ transient: [Tensor], from mark: Int) -> [Tensor] {
    arena.release(to: mark)
    var kept = transient
    // From the lowest on, so that none is overwritten before it is moved.
    for index in transient.indices.sorted(by: { transient[$0].data < transient[$1].data }) {
      let tensor = transient[index]
      let bytes = tensor.count * tensor.type.size
      let place = arena.allocate(bytes: bytes)
      place.copyMemory(from: tensor.data, byteCount: bytes)
      kept[index] = Tensor(
        rows: tensor.rows, columns: tensor.columns, type: tensor.type, gradientType: tensor.gradientType, data: place)
    }
    return kept
  }

  /// Runs `body` without keeping its activations and runs it again in the backward pass (activation
  /// recomputation, Chen et al. 2016). Dropout masks repeat because they are keyed.
  /// - Parameters:
  ///   - inputs: every tensor from outside that `body` reads.
  ///   - body: builds operations on this tape and returns one tensor.
  public func recomputed(_ inputs: [Tensor], _ body: @escaping () -> Tensor) -> Tensor {
    recomputed(inputs) { [body()] }[0]
  }

  /// The same of a body that returns several tensors, which it has made.
  public func recomputed(_ inputs: [Tensor], _ body: @escaping () -> [Tensor]) -> [Tensor] {
    guard isRecording else { return body() }
    let firstDraw = drawn
    let mark = arena.mark
    isRecording = false
    let transient = body()
    isRecording = true
    let outputs = keepOnly(transient, from: mark)
    record("keep inputs") { [unowned self] in
      guard outputs.contains(where: \.hasGradient) else { return }
      for input in inputs { self.reserveGradient(input) }
      let mark = self.arena.mark
      let outer = self.backwardSteps
      let lastDraw = self.drawn
      self.backwardSteps = []
      self.drawn = firstDraw
      for (again, output) in zip(body(), outputs) where output.hasGradient {
        (again.gradient, again.hasGradient) = (output.gradient, true)
      }
      self.backward()
      self.backwardSteps = outer
      self.drawn = lastDraw
      self.arena.release(to: mark)
    }
    return outputs
  }
}
