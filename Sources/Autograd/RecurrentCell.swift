import CKernels
import Compute

/// How a recurrent layer makes a state of its inputs and of the state before. Gates are named as in PyTorch, whose
/// order the rows of weights and biases have.
public enum RecurrentCell: Sendable, Hashable, CaseIterable {
  /// h = tanh(W x + b + U h + b') (Elman 1990).
  case elman
  /// r, z = σ(W x + b + U h + b'), n = tanh(W x + b + r · (U h + b')): h = (1 − z) · n + z · h (Cho et al. 2014, with
  /// the reset gate behind the product). Rows are those of r, z and n.
  case gru
  /// i, f, o = σ(z), g = tanh(z) of z = W x + b + U h + b': c = f · c + i · g, h = o · tanh(c) (Hochreiter &
  /// Schmidhuber 1997). Rows are those of i, f, g and o.
  case lstm

  /// How many blocks of rows, each as high as the layer is wide, weights have.
  public var gates: Int {
    switch self {
    case .elman: 1
    case .gru: 3
    case .lstm: 4
    }
  }

  /// What is carried from one token to the next.
  public func stateParts(width: Int) -> [RecurrentStatePart] {
    let hidden = RecurrentStatePart(name: RecurrentStatePart.handedOn, width: width, isOperand: true)
    switch self {
    case .elman: return [hidden]
    // What is kept of a state from token to token is kept unrounded.
    case .gru: return [RecurrentStatePart(name: RecurrentStatePart.handedOn, width: width, isOperand: false)]
    case .lstm: return [hidden, RecurrentStatePart(name: "cell", width: width, isOperand: false)]
    }
  }

  /// The part that products read, and the part that is kept in f32; nil where there is none. A GRU's products read its
  /// memory, rounded.
  var hiddenPart: Int? { self == .gru ? nil : 0 }
  var memoryPart: Int? {
    switch self {
    case .elman: nil
    case .gru: 0
    case .lstm: 1
    }
  }

  /// Numbers that a token leaves for the backward pass, for each of the width.
  var keptPerToken: Int { self == .gru ? 4 : gates }

  /// Whether what the inputs add to the gates has other gradients than what the states add.
  var separatesGradients: Bool { self == .gru }
}

/// A part of what a recurrent layer carries from one token to the next, a row per sequence.
public struct RecurrentStatePart: Sendable, Hashable {
  /// As checkpoints name it.
  public let name: String
  /// The name of a part that is also what the layer hands on to the next.
  public static let handedOn = "hidden"
  /// Columns.
  public let width: Int
  /// Whether it is in the operand type; else f32.
  public let isOperand: Bool

  /// - Parameter isOperand: whether products read it.
  public init(name: String, width: Int, isOperand: Bool) {
    (self.name, self.width, self.isOperand) = (name, width, isOperand)
  }

  /// Of its values.
  public func type(_ operand: ElementType) -> ElementType { isOperand ? operand : .float32 }
}

/// What one step reads and writes, from its first row on.
struct RecurrentStep {
  let type: ElementType
  let rows: Int
  let width: Int
  /// [rows, keptPerToken · width]: what the inputs add to the gates, then what the backward pass needs.
  let kept: UnsafeMutablePointer<Float>
  /// [rows, width] f32: the memory before.
  let before: UnsafeMutablePointer<Float>
  /// [3, width] of an LSTM; nil for none.
  let peepholes: UnsafePointer<Float>?
}

extension RecurrentCell {
  /// - Parameters:
  ///   - recurrent: [rows, gates · width], what the states before add to the gates.
  ///   - bias: as `summedBias` makes it.
  func forward(
    _ step: RecurrentStep, recurrent: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    memory: UnsafeMutablePointer<Float>, hidden: UnsafeMutableRawPointer
  ) {
    let (element, rows, columns) = (step.type.rawValue, Int64(step.rows), Int64(step.width))
    switch self {
    case .elman: graft_elman_step(element, step.kept, recurrent, bias, hidden, rows, columns)
    case .gru: graft_gru_step(element, step.kept, recurrent, bias, step.before, memory, hidden, rows, columns)
    case .lstm:
      graft_lstm_step(
        element, step.kept, recurrent, bias, step.peepholes, step.before, memory, hidden, rows, columns)
    }
  }

  /// - Parameters:
  ///   - dHidden: the gradient of the states.
  ///   - dMemory: that of the memory, which becomes that of the memory before.
  ///   - dInput: becomes that of what the inputs add to the gates.
  ///   - dRecurrent: likewise of the states; the same place unless `separatesGradients`.
  ///   - dPeepholes: that of the peepholes, which is added to; nil if none is wanted.
  func backward(
    _ step: RecurrentStep, _ dHidden: UnsafePointer<Float>, _ dMemory: UnsafeMutablePointer<Float>,
    _ dInput: UnsafeMutableRawPointer, _ dRecurrent: UnsafeMutableRawPointer,
    _ dPeepholes: UnsafeMutablePointer<Float>?
  ) {
    let (element, rows, columns) = (step.type.rawValue, Int64(step.rows), Int64(step.width))
    switch self {
    case .elman: graft_elman_step_backward(element, step.kept, dHidden, dInput, rows, columns)
    case .gru:
      graft_gru_step_backward(element, step.kept, step.before, dHidden, dMemory, dInput, dRecurrent, rows, columns)
    case .lstm:
      graft_lstm_step_backward(
        element, step.kept, step.peepholes, step.before, dHidden, dMemory, dInput, dPeepholes, rows, columns)
    }
  }

  /// The biases of the inputs and the states as steps add them: their sum, where it is a sum that is activated.
  func addBiases(
    _ input: UnsafePointer<Float>?, _ recurrent: UnsafePointer<Float>?, to sum: UnsafeMutablePointer<Float>, width: Int
  ) {
    let shared = self == .gru ? 2 * width : gates * width
    if let input { graft_add(sum, input, Int64(gates * width)) }
    guard let recurrent else { return }
    graft_add(sum, recurrent, Int64(shared))
    if self == .gru { graft_add(sum + 3 * width, recurrent + 2 * width, Int64(width)) }
  }
}
