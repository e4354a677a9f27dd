import Autograd
import Compute

/// What a recurrent model keeps of the texts it has read, of every layer, a row per text: as much however long the text
/// was. It outlives the tape's arena, and no gradient flows through it.
public final class RecurrentState: CarriedState {
  public private(set) var lengths: [Int]
  /// Of every layer.
  private let parts: [[RecurrentStatePart]]
  /// [rows, width] of every part; of the operand type as f32, which holds it exactly.
  private var layers: [[[Float]]]
  private var held: [HeldUnit] = []

  /// Of texts of which nothing has been read: zeros.
  /// - Parameter parts: what each layer carries.
  public init(sequences: Int, parts: [[RecurrentStatePart]]) {
    lengths = [Int](repeating: 0, count: sequences)
    self.parts = parts
    layers = Self.zeros(parts, rows: sequences)
  }

  private static func zeros(_ parts: [[RecurrentStatePart]], rows: Int) -> [[[Float]]] {
    parts.map { layer in layer.map { [Float](repeating: 0, count: rows * $0.width) } }
  }

  public func select(_ parents: [Int]) {
    layers = zip(layers, parts).map { layer, parts in
      zip(layer, parts).map { values, part in
        parents.flatMap { values[$0 * part.width..<($0 + 1) * part.width] }
      }
    }
    lengths = parents.map { lengths[$0] }
  }

  /// The state of a layer as tensors.
  public func state(layer index: Int, on tape: Tape) -> [Tensor] {
    zip(layers[index], parts[index]).map { values, part in
      let tensor = tape.tensor(lengths.count, part.width, part.type(tape.operand))
      copy(values, to: tensor)
      return tensor
    }
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
  public func keep(_ end: [Tensor], layer index: Int) {
    precondition(
      end.map(\.rows) == parts[index].map { _ in lengths.count } && end.map(\.columns) == parts[index].map(\.width),
      "a state of \(end.map { [$0.rows, $0.columns] })")
    layers[index] = end.map { $0.floats() }
  }

  public func hold(_ units: [HeldUnit]) {
    precondition(units.allSatisfy { (try? $0.validate(in: arrays)) != nil }, "units of another model")
    held = units
  }

  /// Sets the units that are held in what every sequence ends with, before that is kept.
  public func setHeld(atEnd end: [Tensor], layer index: Int) {
    for unit in held {
      for (part, values) in zip(parts[index], end) where unit.array == "\(index).\(part.name)" {
        set(values, 0..<values.rows, unit)
      }
    }
  }

  /// Sets the units that are held of the part that a recurrent layer also hands on, at every token.
  /// - Parameter states: [N, width], what the layer hands on.
  public func setHeld(in states: Tensor, _ rows: SequenceRows, layer index: Int) {
    for unit in held where unit.array == "\(index).\(RecurrentStatePart.handedOn)" {
      for row in rows.tokenRows { set(states, Int(row)..<Int(row) + 1, unit) }
    }
  }

  private func set(_ tensor: Tensor, _ rows: Range<Int>, _ unit: HeldUnit) {
    for row in rows {
      let place = row * tensor.columns + unit.unit
      switch tensor.type {
      case .float32: tensor.data.assumingMemoryBound(to: Float.self)[place] = unit.value
      case .bfloat16:
        withUnsafePointer(to: unit.value) { value in
          convertToBFloat16(
            UnsafeBufferPointer(start: value, count: 1),
            into: UnsafeMutableBufferPointer(
              start: tensor.data.assumingMemoryBound(to: UInt16.self) + place, count: 1))
        }
      }
    }
  }

  /// Counts the tokens of a call once every layer has kept its state.
  public func advance(by read: [Int]) { lengths = zip(lengths, read).map { $0 + $1 } }

  /// `N.hidden`, for example, of every layer N. How many tokens were read is no part of it: a recurrent layer does not
  /// know.
  public var arrays: [CarriedArray] {
    get {
      layers.indices.flatMap { index in
        zip(parts[index], layers[index]).map { part, values in
          CarriedArray(name: "\(index).\(part.name)", width: part.width, values: values)
        }
      }
    }
    set {
      let own = arrays
      precondition(newValue.map(\.name) == own.map(\.name), "the state of another model")
      precondition(newValue.map(\.values.count) == own.map(\.values.count), "a state of other sizes")
      var rest = newValue[...]
      layers = parts.map { layer in layer.map { _ in rest.removeFirst().values } }
    }
  }

  public func forget() { forget(Array(lengths.indices)) }

  public func forget(_ texts: [Int]) {
    for text in texts { lengths[text] = 0 }
    for (layer, parts) in parts.enumerated() {
      for (index, part) in parts.enumerated() {
        for text in texts {
          layers[layer][index].replaceSubrange(
            text * part.width..<(text + 1) * part.width, with: repeatElement(0, count: part.width))
        }
      }
    }
  }
}
