import Autograd
import Compute

/// What an LSTM keeps of the texts it has read, of every layer: a state and a cell per row, however long the text was.
/// It outlives the tape's arena, and no gradient flows through it.
public final class RecurrentState: SequenceState {
  private struct Layer {
    /// [rows, width] in the operand type, as bytes.
    var hidden: [UInt8]
    /// [rows, width].
    var cell: [Float]
  }

  public private(set) var lengths: [Int]
  private var layers: [Layer] = []

  /// Of texts of which nothing has been read.
  public init(sequences: Int) { lengths = [Int](repeating: 0, count: sequences) }

  public func select(_ parents: [Int]) {
    let count = lengths.count
    func selected<Value>(_ values: [Value]) -> [Value] {
      let width = values.count / max(1, count)
      return parents.flatMap { values[$0 * width..<($0 + 1) * width] }
    }
    for index in layers.indices {
      layers[index] = Layer(hidden: selected(layers[index].hidden), cell: selected(layers[index].cell))
    }
    lengths = parents.map { lengths[$0] }
  }

  /// The state of a layer as tensors; nil before anything was read.
  public func state(layer index: Int, on tape: Tape) -> LSTMState? {
    guard index < layers.count, !lengths.isEmpty else { return nil }
    let layer = layers[index]
    let width = layer.cell.count / lengths.count
    let state = LSTMState(
      hidden: tape.tensor(lengths.count, width, tape.operand), cell: tape.tensor(lengths.count, width, .float32))
    layer.hidden.withUnsafeBytes { bytes in
      UnsafeMutableRawBufferPointer(start: state.hidden.data, count: bytes.count).copyMemory(from: bytes)
    }
    layer.cell.withUnsafeBytes { bytes in
      UnsafeMutableRawBufferPointer(start: state.cell.data, count: bytes.count).copyMemory(from: bytes)
    }
    return state
  }

  /// Keeps what a layer ended with; layers come in order.
  public func keep(_ end: LSTMState, layer index: Int) {
    precondition(index <= layers.count && end.cell.rows == lengths.count, "a state of \(end.cell.rows) rows")
    let (hidden, cell) = (end.hidden, end.cell)
    let layer = Layer(
      hidden: Array(UnsafeRawBufferPointer(start: hidden.data, count: hidden.count * hidden.type.size)),
      cell: cell.floats())
    if index == layers.count { layers.append(layer) } else { layers[index] = layer }
  }

  /// Counts the tokens of a call once every layer has kept its state.
  public func advance(by read: [Int]) { lengths = zip(lengths, read).map { $0 + $1 } }
}
