import Autograd
import Records

/// How an encoder answers a task: by one of its choices or by a number.
public struct AnswerFormat: Sendable, Codable, Hashable {
  /// The task's name.
  public var task: String
  /// Nil for a number.
  public var choices: [String]?

  /// - Parameter choices: the answers there are, in the order of the head's outputs; nil for a number.
  public init(task: String, choices: [String]?) {
    self.task = task
    self.choices = choices
  }
}

/// Reads an answer off the state of an encoder's first token: a linear layer, its activation, dropout and one output
/// per choice, or one for a number. With tanh this is BERT's pooler and classifier (Devlin et al. 2019), with GELU
/// ELECTRA's classification head.
public struct AnswerHead: Sendable {
  /// What the head answers, and to which task.
  public let format: AnswerFormat
  private let dense: DenseHead

  /// Declares the head's parameters: a linear layer [width, width] with bias, and one output per choice, or one.
  public init(
    _ format: AnswerFormat, width: Int, activation: Activation, dropout: Double, initializer: Initializer,
    in scope: ParameterScope
  ) {
    self.format = format
    dense = DenseHead(
      outputs: format.choices?.count ?? 1, width: width, activation: activation, dropout: dropout,
      initializer: initializer, in: scope)
  }

  /// Floating-point operations per answer.
  public var operations: Double { dense.operations }

  /// Summed cross-entropy of the choices, or squared error of the numbers.
  /// - Parameters:
  ///   - first: [n, width], the states of the first tokens.
  ///   - answers: the index of the choice, or the number, of each.
  func loss(_ first: Tensor, _ answers: [Float], gradientScale: Double, on tape: Tape) -> LossSum {
    let states = dense.hidden(first, on: tape)
    guard format.choices != nil else {
      return tape.scalarLoss(
        .squaredError, states, dense.output, bias: dense.outputBias, targets: answers,
        gradientScale: gradientScale)
    }
    return tape.crossEntropy(
      states, dense.output, bias: dense.outputBias, targets: answers.map { TokenID($0) },
      gradientScale: gradientScale)
  }

  /// For every row of `first`, the log-probability of each choice, or the number alone.
  func scores(_ first: Tensor, on tape: Tape) -> [[Double]] {
    let states = dense.hidden(first, on: tape)
    guard let choices = format.choices else {
      return tape.scalars(states, dense.output, bias: dense.outputBias).map { [Double($0)] }
    }
    let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: first.rows)
    defer { losses.deallocate() }
    let byChoice = choices.indices.map { choice in
      _ = tape.crossEntropy(
        states, dense.output, bias: dense.outputBias,
        targets: [TokenID](repeating: TokenID(choice), count: first.rows), gradientScale: 0, losses: losses)
      return losses.map { -Double($0) }
    }
    return (0..<first.rows).map { row in byChoice.map { $0[row] } }
  }
}

/// A model that predicts tokens and, with such a head, whether two texts belong together.
public protocol NextSentencePredictor: TokenPredictor {
  /// The head; nil in a model whose configuration has none.
  var nextSentenceHead: AnswerHead? { get }
}

/// What a fine-tuned encoder hands over: its states and the heads that read them.
public struct AnswerOutput {
  var hidden: Tensor
  var rows: SequenceRows
  var heads: [AnswerHead]

  /// - Parameters:
  ///   - hidden: [rows, width] in the operand type, of which the first row of each sequence is read.
  ///   - heads: in the order of the model's tasks, as `Answer.head` counts them.
  public init(hidden: Tensor, rows: SequenceRows, heads: [AnswerHead]) {
    self.hidden = hidden
    self.rows = rows
    self.heads = heads
  }

  private func first(of sequences: [Int], on tape: Tape) -> Tensor {
    tape.gather(hidden, rows: sequences.map { Int32(rows.offsets[$0]) })
  }

  /// The summed loss of the batch's answers.
  public func loss(_ batch: Batch, gradientScale: Double, on tape: Tape) -> LossSum {
    var sum = LossSum()
    for (index, head) in heads.enumerated() {
      let sequences = batch.answers.indices.filter { batch.answers[$0].head == index }
      guard !sequences.isEmpty else { continue }
      sum += head.loss(
        first(of: sequences, on: tape), sequences.map { batch.answers[$0].value },
        gradientScale: gradientScale, on: tape)
    }
    return sum
  }

  /// What head number `index` says to every sequence: log-probabilities of its choices, or its number.
  public func scores(_ index: Int, on tape: Tape) -> [[Double]] {
    heads[index].scores(first(of: Array(rows.offsets.indices), on: tape), on: tape)
  }
}
