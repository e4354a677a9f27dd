import Autograd
import Records

/// How a head answers a task: by one of its choices or by a number.
public struct AnswerFormat: Sendable, Codable, Hashable {
  /// The task's name.
  public var task: String
  /// Nil for a number.
  public var choices: [String]?
  /// Whether it is about two texts, which the head compares; nil for no.
  public var comparesTexts: Bool?

  /// - Parameter choices: the answers there are, in the order of the head's outputs; nil for a number.
  public init(task: String, choices: [String]?, comparesTexts: Bool = false) {
    self.task = task
    self.choices = choices
    self.comparesTexts = comparesTexts ? true : nil
  }

  /// How the head is shown a task: a head that compares reads both texts, any other as the model does.
  public func layout(or other: TextLayout) -> TextLayout { comparesTexts == true ? .segments : other }
}

/// Reads an answer off one state, which stands for a text (`Pooling`): a linear layer, its activation, dropout and one
/// output per choice, or one for a number. With tanh this is BERT's pooler and classifier (Devlin et al. 2019), with
/// GELU ELECTRA's classification head; in ModernBERT a norm stands before the dropout.
public struct AnswerHead: Sendable {
  /// What the head answers, and to which task.
  public let format: AnswerFormat
  private let dense: DenseHead

  /// Declares the head's parameters: a linear layer [width, width] with bias, of a head that compares two texts
  /// [width, 4 · width], and one output per choice, or one.
  /// - Parameter norm: ε of a LayerNorm behind the activation, which has no bias and leaves the first layer none; nil
  ///   for no norm.
  public init(
    _ format: AnswerFormat, width: Int, activation: Activation, norm: Double? = nil, dropout: Double,
    initializer: Initializer,
    in scope: ParameterScope
  ) {
    self.format = format
    dense = DenseHead(
      outputs: format.choices?.count ?? 1, inputs: format.comparesTexts == true ? 4 * width : width, width: width,
      activation: activation, norm: norm, dropout: dropout,
      initializer: initializer, in: scope)
  }

  /// Floating-point operations per answer.
  public var operations: Double { dense.operations }

  /// Summed cross-entropy of the choices, or squared error of the numbers.
  /// - Parameters:
  ///   - pooled: [n, width], the states that the answers are read off, or [n, 4 · width], two of each compared.
  ///   - answers: the index of the choice, or the number, of each.
  func loss(_ pooled: Tensor, _ answers: [Float], gradientScale: Double, on tape: Tape) -> LossSum {
    let states = dense.hidden(pooled, on: tape)
    guard format.choices != nil else {
      return tape.scalarLoss(
        .squaredError, states, dense.output, bias: dense.outputBias, targets: answers,
        gradientScale: gradientScale)
    }
    return tape.crossEntropy(
      states, dense.output, bias: dense.outputBias, targets: answers.map { TokenID($0) },
      gradientScale: gradientScale)
  }

  /// For every row of `pooled`, the log-probability of each choice, or the number alone.
  func scores(_ pooled: Tensor, on tape: Tape) -> [[Double]] {
    let states = dense.hidden(pooled, on: tape)
    guard let choices = format.choices else {
      return tape.scalars(states, dense.output, bias: dense.outputBias).map { [Double($0)] }
    }
    let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: pooled.rows)
    defer { losses.deallocate() }
    let byChoice = choices.indices.map { choice in
      _ = tape.crossEntropy(
        states, dense.output, bias: dense.outputBias,
        targets: [TokenID](repeating: TokenID(choice), count: pooled.rows), gradientScale: 0, losses: losses)
      return losses.map { -Double($0) }
    }
    return (0..<pooled.rows).map { row in byChoice.map { $0[row] } }
  }
}

/// Off what of a text an answer is read.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
  /// The first token, as in encoders, which see all of the text from everywhere.
  case first
  /// The last token, as in decoders, which have read all of it there.
  case last
  /// The mean over all tokens.
  case mean
}

/// What a model with heads hands over: its states and the heads that read them.
public struct AnswerOutput {
  var hidden: Tensor
  var rows: SequenceRows
  var heads: [AnswerHead]
  var pooling: Pooling

  /// - Parameters:
  ///   - hidden: [rows, width] in the operand type.
  ///   - heads: in the order of the model's tasks, as `Answer.head` counts them.
  public init(hidden: Tensor, rows: SequenceRows, heads: [AnswerHead], pooling: Pooling = .first) {
    self.hidden = hidden
    self.rows = rows
    self.heads = heads
    self.pooling = pooling
  }

  /// [sequences.count, 4 · width]: the mean of each text of these sequences, compared. A sequence of one text is
  /// compared with itself.
  private func compared(_ sequences: [Int], on tape: Tape) -> Tensor {
    var (runs, pairs): ([Range<Int>], [(first: Int, second: Int)]) = ([], [])
    for sequence in sequences {
      let run = rows.offsets[sequence]..<rows.offsets[sequence] + max(1, rows.lengths[sequence])
      let second = run.first { rows.segments[$0] == 1 } ?? run.upperBound
      let texts = [run.lowerBound..<second, second..<run.upperBound].filter { !$0.isEmpty }
      pairs.append((runs.count, runs.count + texts.count - 1))
      runs += texts
    }
    return tape.narrowed(tape.compared(tape.widened(tape.mean(hidden, over: runs)), pairs))
  }

  /// [sequences.count, width]: what stands for each of these sequences.
  func pooled(_ sequences: [Int], on tape: Tape) -> Tensor {
    let runs = sequences.map { rows.offsets[$0]..<rows.offsets[$0] + max(1, rows.lengths[$0]) }
    return switch pooling {
    case .first: tape.gather(hidden, rows: runs.map { Int32($0.lowerBound) })
    case .last: tape.gather(hidden, rows: runs.map { Int32($0.upperBound - 1) })
    case .mean: tape.mean(hidden, over: runs)
    }
  }

  /// The summed loss of the batch's answers.
  public func loss(_ batch: Batch, gradientScale: Double, on tape: Tape) -> LossSum {
    var sum = LossSum()
    for (index, head) in heads.enumerated() {
      let sequences = batch.answers.indices.filter { batch.answers[$0].head == index }
      guard !sequences.isEmpty else { continue }
      sum += head.loss(
        read(by: head, sequences, on: tape), sequences.map { batch.answers[$0].value },
        gradientScale: gradientScale, on: tape)
    }
    return sum
  }

  /// What head number `index` says to every sequence: log-probabilities of its choices, or its number.
  public func scores(_ index: Int, on tape: Tape) -> [[Double]] {
    heads[index].scores(read(by: heads[index], Array(rows.offsets.indices), on: tape), on: tape)
  }

  private func read(by head: AnswerHead, _ sequences: [Int], on tape: Tape) -> Tensor {
    head.format.comparesTexts == true ? compared(sequences, on: tape) : pooled(sequences, on: tape)
  }
}
