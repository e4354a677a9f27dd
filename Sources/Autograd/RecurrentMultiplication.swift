import CKernels
import Compute
import Foundation

/// What a multiplicative layer of width H over inputs of width I multiplies its states with before its gates read them
/// (Krause et al. 2016).
public struct RecurrentMultiplication: Sendable, Hashable {
  /// [H, I] and [H, H].
  public let input, recurrent: Parameter

  public init(input: Parameter, recurrent: Parameter) { (self.input, self.recurrent) = (input, recurrent) }
}

/// m = (W x) ⊙ (U h), which gates read in the place of h (eq. 9), for the tokens of one layer in the order of the
/// schedule.
struct MultipliedStates {
  unowned let tape: Tape
  let weights: RecurrentMultiplication
  private let recurrent: DroppedWeights
  /// Rows of spare places, which products read, among them.
  private let padded: Int
  /// W x and U h: [padded, H].
  private let factors, states: UnsafeMutablePointer<Float>
  /// m, zero in spare places: [padded, H] in the operand type.
  let products: UnsafeMutableRawPointer

  private var width: Int { weights.recurrent.columns }
  private var type: ElementType { tape.operand }
  private var size: Int { tape.operand.size }

  /// - Parameter dropConnect: how probably a weight of the states is left out while training.
  init(_ weights: RecurrentMultiplication, _ dropConnect: Double, padded: Int, on tape: Tape) {
    (self.tape, self.weights, self.padded) = (tape, weights, padded)
    recurrent = DroppedWeights(weights.recurrent, dropConnect, on: tape)
    let count = padded * weights.recurrent.columns
    factors = tape.arena.floats(count)
    states = tape.arena.floats(count)
    products = tape.arena.zeros(tape.operand, count: count)
  }

  /// Multiplies the inputs of all tokens, [padded, I] in the operand type.
  func read(inputs: UnsafeRawPointer) {
    let columns = weights.input.columns
    tape.matrices.multiply(
      padded, width, columns, .rows(inputs, stride: columns),
      .transposed(tape.operands(weights.input), stride: columns), into: factors, resultStride: width,
      operands: type, result: .float32, accumulate: false)
  }

  /// What the gates of the `live` tokens from place `first` on read, given the states `hidden` [live, H] before them.
  func multiply(_ hidden: UnsafeRawPointer, first: Int, live: Int) -> UnsafeRawPointer {
    let product = products + first * width * size
    tape.matrices.multiply(
      live, width, width, .rows(hidden, stride: width), .transposed(recurrent.operands, stride: width),
      into: states + first * width, resultStride: width, operands: type, result: .float32, accumulate: false)
    graft_multiply_states(
      type.rawValue, factors + first * width, states + first * width, product, Int64(live * width))
    return UnsafeRawPointer(product)
  }

  /// The gradients of W x and U h, zero where none were found: [padded, H] each in the operand type.
  struct Gradients {
    let factors, states: UnsafeMutableRawPointer
  }

  func makeGradients() -> Gradients {
    let count = padded * width
    return Gradients(factors: tape.arena.zeros(type, count: count), states: tape.arena.zeros(type, count: count))
  }

  /// From the gradient d [live, H] of a step's m, which becomes that of the states before.
  func backward(_ d: UnsafeMutablePointer<Float>, _ gradients: Gradients, first: Int, live: Int) {
    let (place, dStates) = (first * width, gradients.states + first * width * size)
    graft_multiply_states_backward(
      type.rawValue, factors + place, states + place, d, gradients.factors + place * size, dStates,
      Int64(live * width))
    tape.matrices.multiply(
      live, width, width, .rows(dStates, stride: width), .rows(recurrent.operands, stride: width), into: d,
      resultStride: width, operands: type, result: .float32, accumulate: false)
  }

  /// Adds the gradients of the weights, given what they were multiplied with: inputs [padded, I] and states
  /// [padded, H] in the operand type.
  func addWeightGradients(_ gradients: Gradients, inputs: UnsafeRawPointer, hidden: UnsafeRawPointer) {
    func multiply(
      _ weight: Parameter, _ d: UnsafeRawPointer, _ operand: UnsafeRawPointer,
      into result: UnsafeMutablePointer<Float>, accumulate: Bool
    ) {
      tape.matrices.multiply(
        weight.rows, weight.columns, padded, .transposed(d, stride: width), .rows(operand, stride: weight.columns),
        into: result, resultStride: weight.columns, operands: type, result: .float32, accumulate: accumulate)
    }
    if let gradient = tape.gradient(weights.input) {
      multiply(weights.input, gradients.factors, inputs, into: gradient, accumulate: true)
    }
    recurrent.addGradient { result, accumulate in
      multiply(weights.recurrent, gradients.states, hidden, into: result, accumulate: accumulate)
    }
  }

  /// Adds what the inputs of all tokens have through W to their gradient [padded, I].
  func addInputGradient(_ gradients: Gradients, to dInputs: UnsafeMutablePointer<Float>) {
    let columns = weights.input.columns
    tape.matrices.multiply(
      padded, columns, width, .rows(gradients.factors, stride: width),
      .rows(tape.operands(weights.input), stride: columns), into: dInputs, resultStride: columns, operands: type,
      result: .float32, accumulate: true)
  }
}
