import Autograd
import Compute

/// What an LSTM keeps of the texts it has read, of every layer: a state and a cell per row, however long the text was.
/// It outlives the tape's arena, and no gradient flows through it.
public final class RecurrentState: CarriedState {
  /// [rows, width] each; states as wide as they are, which is exact of what the operand type holds.
  private struct Layer {
    var hidden: [Float]
    var cell: [Float]
  }

  public private(set) var lengths: [Int]
  private let width: Int
  private var layers: [Layer]

  /// Of texts of which nothing has been read: zeros.
  public init(sequences: Int, layers: Int, width: Int) {
    lengths = [Int](repeating: 0, count: sequences)
    self.width = width
    let zeros = [Float](repeating: 0, count: sequences * width)
    self.layers = [Layer](repeating: Layer(hidden: zeros, cell: zeros), count: layers)
  }

  public func select(_ parents: [Int]) {
    func selected(_ values: [Float]) -> [Float] { parents.flatMap { values[$0 * width..<($0 + 1) * width] } }
    for index in layers.indices {
      layers[index] = Layer(hidden: selected(layers[index].hidden), cell: selected(layers[index].cell))
    }
    lengths = parents.map { lengths[$0] }
  }

  /// The state of a layer as tensors.
  public func state(layer index: Int, on tape: Tape) -> LSTMState {
    let layer = layers[index]
    let state = LSTMState(
      hidden: tape.tensor(lengths.count, width, tape.operand), cell: tape.tensor(lengths.count, width, .float32))
    copy(layer.hidden, to: state.hidden)
    copy(layer.cell, to: state.cell)
    return state
  }

  private func copy(_ values: [Float], to tensor: Tensor) {
    values.withUnsafeBufferPointer { values in
      switch tensor.type {
      case .float32:
        _ = UnsafeMutableBufferPointer(start: tensor.data.assumingMemoryBound(to: Float.self), count: values.count)
          .update(from: values)
      case .bfloat16:
        convertToBFloat16(
          values,
          into: UnsafeMutableBufferPointer(
            start: tensor.data.assumingMemoryBound(to: UInt16.self), count: values.count))
      }
    }
  }

  /// Keeps what a layer ended with.
  public func keep(_ end: LSTMState, layer index: Int) {
    precondition(end.cell.rows == lengths.count, "a state of \(end.cell.rows) rows")
    layers[index] = Layer(hidden: end.hidden.floats(), cell: end.cell.floats())
  }

  /// Counts the tokens of a call once every layer has kept its state.
  public func advance(by read: [Int]) { lengths = zip(lengths, read).map { $0 + $1 } }

  /// `N.hidden` and `N.cell` of every layer N. How many tokens were read is no part of it: an LSTM does not know.
  public var arrays: [CarriedArray] {
    get {
      layers.enumerated().flatMap { index, layer in
        [
          CarriedArray(name: "\(index).hidden", width: width, values: layer.hidden),
          CarriedArray(name: "\(index).cell", width: width, values: layer.cell),
        ]
      }
    }
    set {
      precondition(newValue.map(\.name) == arrays.map(\.name), "the state of another model")
      precondition(newValue.allSatisfy { $0.values.count == lengths.count * width }, "a state of other sizes")
      for index in layers.indices {
        layers[index] = Layer(hidden: newValue[2 * index].values, cell: newValue[2 * index + 1].values)
      }
    }
  }

  public func forget() {
    let zeros = [Float](repeating: 0, count: lengths.count * width)
    for index in layers.indices { layers[index] = Layer(hidden: zeros, cell: zeros) }
    lengths = lengths.map { _ in 0 }
  }
}
