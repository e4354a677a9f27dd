import Autograd
import ModelKit
import Records

/// A layer that reads a text token by token and carries a state of fixed size from each to the next.
protocol RecurrentLayer: Sendable {
  /// What the family of models of such layers is called.
  static var name: String { get }
  /// A line for lists.
  static var summary: String { get }

  /// Declares the layer's parameters.
  /// - Parameters:
  ///   - inputs: how wide what it reads is.
  ///   - width: of the states.
  ///   - peepholes: whether gates see cells; only where the layer `takesPeepholes`.
  init(inputs: Int, width: Int, peepholes: Bool, in scope: ParameterScope)

  /// Whether its gates may see its cells.
  static var takesPeepholes: Bool { get }

  /// What it carries.
  var stateParts: [RecurrentStatePart] { get }

  /// Whether it has weights for states, some of which training can leave out.
  static var multipliesState: Bool { get }

  /// The weights that each token is multiplied with.
  var multipliedWeights: Int { get }

  /// The states at every token of `x` [N, width], and what each sequence ends with.
  /// - Parameters:
  ///   - start: what they begin with; nil for zeros.
  ///   - dropConnect: how probably a weight of the states is left out while training.
  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, dropConnect: Double, on tape: Tape
  ) -> (states: Tensor, end: [Tensor])
}

extension RecurrentLayer {
  static var takesPeepholes: Bool { false }
}

/// A layer of cells that multiply their state at every step.
protocol CellLayer: RecurrentLayer {
  static var cell: RecurrentCell { get }
  /// The first values of the inputs' biases; those of the states are 0.
  static var firstBias: Initializer { get }
  /// Whether gates read states that were multiplied with inputs.
  static var isMultiplicative: Bool { get }

  var weights: RecurrentWeights { get }
  init(_ weights: RecurrentWeights)
}

extension CellLayer {
  static var firstBias: Initializer { .constant(0) }
  static var multipliesState: Bool { true }
  static var isMultiplicative: Bool { false }

  init(inputs: Int, width: Int, peepholes: Bool, in scope: ParameterScope) {
    // The deviation of the uniform numbers that PyTorch draws.
    let drawn = Initializer.normal(standardDeviation: 1 / Double(3 * width).squareRoot())
    let height = Self.cell.gates * width
    func weight(_ name: String, columns: Int) -> Parameter {
      scope(name).matrix("weight", rows: height, columns: columns, isLinear: false, drawn)
    }
    func factor(_ name: String, columns: Int) -> Parameter {
      scope("multiplication")(name).matrix(
        "weight", rows: width, columns: columns, isLinear: false,
        .normal(standardDeviation: 1 / Double(width).squareRoot()))
    }
    func bias(_ name: String, _ initializer: Initializer) -> Parameter {
      scope(name).vector("bias", count: height, initializer)
    }
    self.init(
      RecurrentWeights(
        Self.cell, input: weight("input", columns: inputs), recurrent: weight("recurrent", columns: width),
        inputBias: bias("input", Self.firstBias), recurrentBias: bias("recurrent", .constant(0)),
        peepholes: peepholes ? scope.vector("peepholes", count: 3 * width, .constant(0)) : nil,
        multiplication: Self.isMultiplicative
          ? RecurrentMultiplication(
            input: factor("input", columns: inputs), recurrent: factor("recurrent", columns: width)) : nil))
  }

  var stateParts: [RecurrentStatePart] { Self.cell.stateParts(width: weights.width) }
  var multipliedWeights: Int {
    weights.input.count + weights.recurrent.count
      + (weights.multiplication.map { $0.input.count + $0.recurrent.count } ?? 0)
  }

  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, dropConnect: Double, on tape: Tape
  ) -> (states: Tensor, end: [Tensor]) {
    tape.recurrent(x, rows, weights, from: start, dropConnect: dropConnect)
  }
}

/// As torch.nn.RNN computes it (Elman 1990; as a language model Mikolov et al. 2010).
struct ElmanLayer: CellLayer {
  static let name = "rnn"
  static let summary = "decoder of Elman's recurrent layers"
  static let cell = RecurrentCell.elman
  let weights: RecurrentWeights
  init(_ weights: RecurrentWeights) { self.weights = weights }
}

/// As torch.nn.GRU computes it (Cho et al. 2014).
struct GRULayer: CellLayer {
  static let name = "gru"
  static let summary = "decoder of gated recurrent layers"
  static let cell = RecurrentCell.gru
  let weights: RecurrentWeights
  init(_ weights: RecurrentWeights) { self.weights = weights }
}

/// As torch.nn.LSTM computes it (Hochreiter & Schmidhuber 1997; as a language model Sundermeyer et al. 2012), with
/// peepholes as Gers & Schmidhuber 2000.
struct LSTMLayer: CellLayer {
  static let name = "lstm"
  static let takesPeepholes = true
  static let summary = "decoder of LSTM layers"
  static let cell = RecurrentCell.lstm
  /// Cells that forget little at first learn to keep more easily (Jozefowicz et al. 2015).
  static let firstBias = Initializer.parts([0, 1, 0, 0])
  let weights: RecurrentWeights
  init(_ weights: RecurrentWeights) { self.weights = weights }
}

/// An LSTM whose gates read (W x) ⊙ (U h) in the place of h, so that every input has a transition of its own (Krause et
/// al. 2016).
struct MultiplicativeLSTMLayer: CellLayer {
  static let name = "mlstm"
  static let summary = "decoder of multiplicative LSTM layers"
  static let cell = RecurrentCell.lstm
  static let firstBias = LSTMLayer.firstBias
  static let isMultiplicative = true
  let weights: RecurrentWeights
  init(_ weights: RecurrentWeights) { self.weights = weights }
}

/// A quasi-recurrent layer (Bradbury et al. 2017): a convolution of window 2 and fo-pooling.
struct QRNNLayer: RecurrentLayer {
  static let name = "qrnn"
  static let summary = "decoder of quasi-recurrent layers"
  static let multipliesState = false
  private let weights: QRNNWeights

  init(inputs: Int, width: Int, peepholes: Bool, in scope: ParameterScope) {
    let convolution = scope("convolution")
    weights = QRNNWeights(
      // The deviation of the uniform numbers that PyTorch draws for a convolution.
      convolution: convolution.matrix(
        "weight", rows: 3 * width, columns: 2 * inputs, isLinear: false,
        .normal(standardDeviation: 1 / Double(6 * inputs).squareRoot())),
      // Open forget gates, as in an LSTM.
      bias: convolution.vector("bias", count: 3 * width, .parts([0, 1, 0])))
  }

  var stateParts: [RecurrentStatePart] { weights.stateParts }
  var multipliedWeights: Int { weights.convolution.count }

  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, dropConnect: Double, on tape: Tape
  ) -> (states: Tensor, end: [Tensor]) {
    tape.qrnn(x, rows, weights, from: start)
  }
}
