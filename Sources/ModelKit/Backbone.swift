import Autograd
import Randomness
import Records
import Support

/// What a backbone hands to an objective: states, and how they become logits.
public struct BackboneOutput {
  /// [rows, width] in the operand type: the states of the decoder, or of an encoder that stands alone.
  public var hidden: Tensor
  /// Which rows are tokens, and of which sequences.
  public var rows: SequenceRows
  /// What makes logits of them.
  public var vocabularyHead: VocabularyHead

  /// States at the rows of sequences, and the head that reads them.
  public init(hidden: Tensor, rows: SequenceRows, vocabularyHead: VocabularyHead) {
    self.hidden = hidden
    self.rows = rows
    self.vocabularyHead = vocabularyHead
  }

  /// States · Eᵀ + bias at `rows`, for reading the answers of a decoder: [rows.count, V] f32, without the head's scale.
  /// The order of tokens is that of their logits; probabilities need `vocabularyHead.scale`.
  public func logits(at rows: [Int32], on tape: Tape) -> Tensor {
    tape.logits(
      vocabularyHead.states(tape.gather(hidden, rows: rows), on: tape), vocabularyHead.embedding,
      bias: vocabularyHead.bias, cap: vocabularyHead.cap)
  }

  /// What logits at `rows` are made of, one row after the other.
  public func states(at rows: [Int32], on tape: Tape) -> [Float] {
    guard !rows.isEmpty else { return [] }
    return vocabularyHead.states(tape.gather(hidden, rows: rows), on: tape).floats()
  }

  /// The row and id of every position of `batch` that has a target.
  public func targets(of batch: Batch) -> (rows: [Int32], targets: [TokenID]) {
    var found: (rows: [Int32], targets: [TokenID]) = ([], [])
    for (row, target) in zip(rows.tokenRows, batch.targets) where target != Batch.ignored {
      found.rows.append(row)
      found.targets.append(target)
    }
    return found
  }
}

extension BackboneOutput {
  /// The cross-entropy of each of `targets` after the token at its row, in nats. A row may stand there several times.
  public func losses(at rows: [Int32], of targets: [TokenID], on tape: Tape) -> [Float] {
    guard !rows.isEmpty else { return [] }
    let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows.count)
    defer { losses.deallocate() }
    _ = tape.crossEntropy(
      vocabularyHead.states(tape.gather(hidden, rows: rows), on: tape), vocabularyHead.embedding,
      bias: vocabularyHead.bias, targets: targets, logitScale: vocabularyHead.scale, gradientScale: 0,
      cap: vocabularyHead.cap, losses: losses)
    return Array(losses)
  }

  /// Summed cross-entropy at every position of `batch` that has a target; see `Tape.crossEntropy`.
  public func crossEntropy(
    _ batch: Batch, gradientScale: Double, smoothing: Double = 0, zLoss: Double = 0,
    losses: UnsafeMutableBufferPointer<Float>? = nil, samples: UnsafeMutableBufferPointer<TokenID>? = nil,
    on tape: Tape
  ) -> LossSum {
    let (rows, targets) = targets(of: batch)
    guard !rows.isEmpty else { return LossSum() }
    return tape.crossEntropy(
      vocabularyHead.states(tape.gather(hidden, rows: rows), on: tape), vocabularyHead.embedding,
      bias: vocabularyHead.bias, trainsBias: vocabularyHead.trainsBias, targets: targets,
      logitScale: vocabularyHead.scale, gradientScale: gradientScale, smoothing: smoothing, cap: vocabularyHead.cap,
      zLoss: zLoss, losses: losses,
      samples: samples)
  }
}

/// One over how many there are in the whole step, so that any split into shards and micro-batches gives the gradient of
/// the big batch.
public struct GradientScale: Sendable, Hashable {
  /// One over the targets, the positions that are read, and the answers about whole texts; 1 where there are none.
  public let perTarget, perPosition, perAnswer: Double
  /// The weight of the z-loss beside every cross-entropy over the vocabulary; see `Tape.crossEntropy`.
  public let zLoss: Double

  /// That of a step which consists of `batches`.
  public init(_ batches: some Sequence<Batch>, zLoss: Double = 0) {
    self.zLoss = zLoss
    var (targets, positions, answers) = (0, 0, 0)
    for batch in batches {
      targets += batch.targetCount
      positions += batch.positionCount
      answers += batch.answers.count
    }
    perTarget = 1 / Double(max(1, targets))
    perPosition = 1 / Double(max(1, positions))
    perAnswer = 1 / Double(max(1, answers))
  }
}

extension UpdateContext {
  /// That of a step which consists of `batches`.
  public init(_ batches: some Sequence<Batch>, key: RandomKey) {
    let lengths = batches.flatMap(\.decoder.lengths).filter { $0 > 0 }
    let tokens = lengths.reduce(0, +)
    self.init(key: key, tokens: max(1, tokens), continuations: max(1, tokens - lengths.count))
  }
}

/// The forward pass and loss of one shard's batch, of a model that it is bound to. The sequences continue the texts
/// that `state` has read, and begin where there is none.
public typealias BatchLoss =
  @Sendable (
    _ batch: Batch, _ scale: GradientScale, _ state: (any CarriedState)?, _ recomputing: Bool, _ tape: Tape
  ) -> LossSum

/// The forward pass of a model. Families make it; gradients, shards, precision and checkpoints come with the operations
/// it is written in.
public protocol Backbone: Sendable {
  /// What the model was made from.
  var configuration: ModelConfiguration { get }
  /// What its family says of it.
  var traits: ModelTraits { get }
  /// [V, width]: the vectors that tokens enter with.
  var tokenEmbedding: Parameter { get }

  /// Floating-point operations of matrix products in one forward pass over `batch`, without padding or
  /// recomputation; a training step takes three times as many.
  func forwardOperations(_ batch: Batch) -> Double

  // What it can do. A type that conforms to one of these protocols is that itself; all others are nil.

  /// The model as one that predicts tokens.
  var predictor: (any TokenPredictor)? { get }
  /// The model as one that writes.
  var writer: (any GenerativeBackbone)? { get }
  /// The model as one that tells replaced tokens.
  var detector: (any ReplacedTokenDetector)? { get }
  /// The model as one that answers by heads.
  var answerer: HeadedModel? { get }
}

extension Backbone {
  /// Which arrays it consumes.
  public var layout: BatchLayout { traits.layout }

  public var predictor: (any TokenPredictor)? { nil }
  public var writer: (any GenerativeBackbone)? { nil }
  public var detector: (any ReplacedTokenDetector)? { nil }
  public var answerer: HeadedModel? { nil }
}

/// A model that predicts tokens.
public protocol TokenPredictor: Backbone {
  /// States at every position that may have a target.
  /// - Parameter state: what the batch's sequences continue; nil where they begin. Only a model that makes such states
  ///   is given one.
  func forward(
    _ batch: Batch, following state: (any CarriedState)?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput

  /// Says whether the second of two texts follows the first; nil without such a head.
  var nextSentenceHead: AnswerHead? { get }
}

extension TokenPredictor {
  public var predictor: (any TokenPredictor)? { self }
  public var nextSentenceHead: AnswerHead? { nil }

  /// States of sequences that begin.
  public func forward(_ batch: Batch, recomputing: Bool = false, on tape: Tape) -> BackboneOutput {
    forward(batch, following: nil, recomputing: recomputing, on: tape)
  }

  /// Summed cross-entropy of the batch's targets.
  /// - Parameters:
  ///   - smoothing: ε of smoothed labels.
  ///   - state: see `forward`.
  public func loss(
    _ batch: Batch, scale: GradientScale, smoothing: Double = 0, following state: (any CarriedState)? = nil,
    recomputing: Bool, on tape: Tape
  ) -> LossSum {
    forward(batch, following: state, recomputing: recomputing, on: tape)
      .crossEntropy(batch, gradientScale: scale.perTarget, smoothing: smoothing, zLoss: scale.zLoss, on: tape)
  }
}

/// The part of a model that reads texts, on which heads can stand.
public protocol StateReader: Sendable {
  /// [V, width]: the vectors that tokens enter with.
  var tokenEmbedding: Parameter { get }

  /// States [N, width] of the sequences of a batch in the operand type.
  func read(_ batch: Batch, recomputing: Bool, on tape: Tape) -> (hidden: Tensor, rows: SequenceRows)

  /// Floating-point operations of one forward pass.
  func forwardOperations(_ batch: Batch) -> Double
}

/// What an encoder made of inputs, for a decoder to attend to.
public struct EncodedInputs {
  /// A row for each of `rows`, in the operand type.
  public var states: Tensor
  /// Which of the rows are tokens, and of which sequences.
  public var rows: SequenceRows
  /// What each layer of a recurrent encoder ended with, the lowest first: parts of a row per sequence. A decoder can
  /// begin with it. Empty for others.
  public var ends: [[Tensor]]

  /// - Precondition: there are as many sequences as the decoder reads.
  public init(states: Tensor, rows: SequenceRows, ends: [[Tensor]] = []) {
    self.states = states
    self.rows = rows
    self.ends = ends
  }
}

/// A model that can write.
public protocol GenerativeBackbone: TokenPredictor {
  /// Encoder states that `decode` reads, any number of times where nothing is trained; by default nil, for a family
  /// without an encoder.
  func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape) -> EncodedInputs?

  /// An empty state for `decode`; by default the keys and values of a transformer.
  /// - Parameters:
  ///   - sequences: how many the batch has.
  ///   - rowsPerSequence: the most rows that one sequence may have at once.
  func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState

  /// An empty state that training may carry from window to window; by default nil, for a model that keeps more of a
  /// text the longer it is.
  func makeCarriedState(sequences: Int) -> (any CarriedState)?

  /// - Parameters:
  ///   - memory: what `encode` returned for the batch's encoder sequences.
  ///   - state: nil to read whole sequences. Else what earlier calls read, which `sequences` continue by any number of
  ///     tokens.
  /// - Returns: states of the given tokens.
  func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, state: (any SequenceState)?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput
}

extension GenerativeBackbone {
  public var writer: (any GenerativeBackbone)? { self }

  public func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape) -> EncodedInputs? { nil }

  public func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState {
    DecodingCache(sequences: sequences, rowsPerSequence: rowsPerSequence)
  }

  public func makeCarriedState(sequences: Int) -> (any CarriedState)? { nil }

  /// Reads whole sequences.
  public func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput {
    decode(sequences, memory: memory, state: nil, recomputing: recomputing, on: tape)
  }

  public func forward(
    _ batch: Batch, following state: (any CarriedState)?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput {
    let memory = encode(batch.encoder, recomputing: recomputing, on: tape)
    return decode(batch.decoder, memory: memory, state: state, recomputing: recomputing, on: tape)
  }
}
