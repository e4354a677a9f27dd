import Compute
import Randomness
import Records

@testable import Autograd

/// A tape with parameters made by hand. Memory that an operation does not write is NaN.
final class TapeLaboratory {
  let precision: Precision
  let arena: Arena
  let tape: Tape
  private let values: UnsafeMutableBufferPointer<Float>
  private let copies: UnsafeMutableBufferPointer<UInt16>
  private let gradients: GradientMemory
  private var used = 0

  static let precisions: [Precision] = [.f32, .bf16]
  /// Whether a library has them on this processor; kernels are tried without.
  private static func hasProducts(_ precision: Precision) -> Bool {
    precision == .f32 || MatrixBackends.preferredPrecision == .bf16
  }

  /// Largest difference from the twin as a share of the largest value. f32: sums of some hundred terms. bf16:
  /// operands have eight significant bits, and a few roundings follow one another.
  static func tolerance(_ precision: Precision) -> Double { precision == .f32 ? 1e-5 : 2e-2 }

  init(
    _ precision: Precision, training: Bool = false, recording: Bool = true,
    key: RandomKey = RandomKey(seed: 1), update: UpdateContext = UpdateContext()
  ) throws {
    self.precision = precision
    let capacity = 1 << 14
    values = .allocate(capacity: capacity)
    values.initialize(repeating: 0)
    copies = .allocate(capacity: capacity)
    copies.initialize(repeating: 0)
    gradients = GradientMemory(count: capacity)
    // As if all had been written in a step before.
    gradients.finish(group: 0, added: ~0)
    gradients.values.update(repeating: .nan)
    gradients.begin()
    arena = try Arena(capacity: 1 << 28)
    let first = UnsafePointer(values.baseAddress!)
    tape = Tape(
      arena: arena,
      matrices: Self.hasProducts(precision)
        ? try MatrixBackends.choose(for: precision).makeContext() : NaiveMatrices(),
      precision: precision,
      parameters: ParameterMemory(
        values: first,
        operands: precision == .f32 ? UnsafeRawPointer(first) : UnsafeRawPointer(copies.baseAddress!),
        gradients: gradients))
    arena.floats(1 << 18).update(repeating: Float(bitPattern: 0x7fff_7fff), count: 1 << 18)
    tape.begin(training: training, recording: recording, key: key, update: update)
  }

  deinit {
    values.deallocate()
    copies.deallocate()
  }

  var operand: ElementType { precision.operand }

  func parameter(_ matrix: DoubleMatrix) -> Parameter {
    let parameter = Parameter(offset: used, rows: matrix.rows, columns: matrix.columns)
    for (i, value) in matrix.values.enumerated() {
      values[used + i] = Float(value)
      copies[used + i] = bfloat16(Float(value))
    }
    used += matrix.values.count
    return parameter
  }

  func gradient(_ parameter: Parameter) -> DoubleMatrix {
    DoubleMatrix(
      parameter.rows, parameter.columns,
      floats: parameter.range.map(gradients.current))
  }

  /// An input in the operand type, or in `type`.
  func tensor(_ matrix: DoubleMatrix, _ type: ElementType? = nil, gradient: ElementType? = nil) -> Tensor {
    let type = type ?? operand
    let tensor = tape.tensor(matrix.rows, matrix.columns, type, gradient: gradient)
    write(matrix, to: tensor.data, type)
    return tensor
  }

  func value(_ tensor: Tensor) -> DoubleMatrix {
    DoubleMatrix(tensor.rows, tensor.columns, floats: tensor.floats())
  }

  /// Zeros if no operation wrote any.
  func gradient(_ tensor: Tensor) -> DoubleMatrix {
    let floats = tensor.hasGradient ? tensor.gradient.map { Tensor.floats($0, tensor.gradientType, tensor.count) } : nil
    return DoubleMatrix(
      tensor.rows, tensor.columns, floats: floats ?? [Float](repeating: 0, count: tensor.count))
  }

  /// Gives `output` a gradient and runs the backward pass.
  func backward(_ output: Tensor, _ upstream: DoubleMatrix) {
    let (pointer, accumulate) = tape.gradientTarget(output)
    precondition(!accumulate && upstream.rows == output.rows && upstream.columns == output.columns)
    write(upstream, to: pointer, output.gradientType)
    tape.backward()
  }

  private func write(_ matrix: DoubleMatrix, to pointer: UnsafeMutableRawPointer, _ type: ElementType) {
    switch type {
    case .float32:
      let floats = pointer.bindMemory(to: Float.self, capacity: matrix.values.count)
      for (i, value) in matrix.values.enumerated() { floats[i] = Float(value) }
    case .bfloat16:
      let bits = pointer.bindMemory(to: UInt16.self, capacity: matrix.values.count)
      for (i, value) in matrix.values.enumerated() { bits[i] = bfloat16(Float(value)) }
    }
  }
}

/// Round to nearest even.
func bfloat16(_ value: Float) -> UInt16 {
  UInt16(truncatingIfNeeded: (value.bitPattern + 0x7fff + (value.bitPattern >> 16 & 1)) >> 16)
}

/// The dropout mask as DESIGN describes it, from the Philox of the randomness module: the reference for every
/// operation that drops.
struct DropoutTwin {
  let threshold: UInt32
  let scale: Double
  let key: RandomKey

  /// The mask of the `draw`-th operation with dropout of a step.
  init(step: RandomKey, draw: Int, probability: Double) {
    key = step.folded(draw)
    threshold = UInt32((probability * 65536).rounded())
    scale = Double(Float(65536 / (65536 - Double(threshold))))
  }

  func multiplier(_ index: Int) -> Double {
    let (run, place) = index.quotientAndRemainder(dividingBy: 128)
    let (word, rest) = place.quotientAndRemainder(dividingBy: 32)
    let bits = key.bits(UInt64(run * 16 + rest % 16))[word]
    return (rest < 16 ? bits & 0xffff : bits >> 16) < threshold ? 0 : scale
  }

  /// Elements one after another.
  func dense(_ rows: Int, _ columns: Int) -> DoubleMatrix {
    DoubleMatrix(rows, columns, (0..<rows * columns).map(multiplier))
  }

  /// Every row begins at a multiple of 128.
  func byRows(_ rows: Int, _ columns: Int) -> DoubleMatrix {
    let stride = (columns + 127) / 128 * 128
    return DoubleMatrix(
      rows, columns, (0..<rows * columns).map { multiplier($0 / columns * stride + $0 % columns) })
  }
}

extension Tape {
  /// The loss at some rows of `hidden` [N, C].
  func crossEntropy(
    _ hidden: Tensor, _ embedding: Parameter, rows: [Int32], targets: [TokenID], logitScale: Double = 1,
    gradientScale: Double, smoothing: Double = 0, cap: Double? = nil, zLoss: Double = 0,
    losses: UnsafeMutableBufferPointer<Float>? = nil
  ) -> LossSum {
    crossEntropy(
      gather(hidden, rows: rows), embedding, targets: targets, logitScale: logitScale,
      gradientScale: gradientScale, smoothing: smoothing, cap: cap, zLoss: zLoss, losses: losses)
  }
}
