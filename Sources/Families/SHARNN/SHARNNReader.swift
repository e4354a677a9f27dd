import Autograd
import ModelKit
import Records

/// A token embedding and blocks, with dropout of embeddings, branches and last states.
struct SHARNNReader: FixedStateReader {
  /// As small as GPT's: of larger ones that are tied to the output every token predicts itself at first, behind a norm.
  static var embedding: Initializer { .normal(standardDeviation: 0.02) }

  let tokenEmbedding: Parameter
  private let blocks: [SHARNNBlock]
  private let dropout: Double

  init(_ sizes: SHARNN, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    let dropout = configuration.dropout
    self.dropout = dropout
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: sizes.width, role: .embedding, Self.embedding)
    let scopeOfDecoder = scope("decoder")
    blocks = (0..<sizes.layers).map {
      SHARNNBlock(sizes, attends: $0 == sizes.attendingLayer, dropout: dropout, in: scopeOfDecoder.block($0))
    }
  }

  func states(
    _ sequences: TokenSequences, state kept: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let (x, rows) = stream(
      sequences, through: blocks, dropout: dropout, state: kept, recomputing: recomputing, on: tape)
    return (tape.narrowed(tape.dropout(x, dropout)), rows)
  }

  var stateParts: [[RecurrentStatePart]] { blocks.map(\.stateParts) }

  func forwardOperations(_ batch: Batch) -> Double {
    blocks.reduce(0) { $0 + $1.operations(batch.decoder.lengths) }
  }
}

/// A block of SHA-RNN, whose stream is normalised before each branch (Merity 2019, figure 1): an LSTM, the head if it
/// has one, and a Boom layer, which sums up chunks of many units where others multiply them.
struct SHARNNBlock: FixedStateBlock {
  private let startNorm, streamNorm, branchNorm: Normalization
  private let lstm: LSTMLayer
  private let head: SingleHead?
  /// [feedForward, width] and [feedForward].
  private let boom, boomBias: Parameter
  private let width: Int
  private let dropout: Double

  init(_ sizes: SHARNN, attends: Bool, dropout: Double, in scope: ParameterScope) {
    self.dropout = dropout
    width = sizes.width
    func norm(_ name: String) -> Normalization {
      Normalization(.layer, width: sizes.width, epsilon: sizes.epsilon, in: scope(name))
    }
    startNorm = norm("start_norm")
    lstm = LSTMLayer(inputs: sizes.width, width: sizes.width, peepholes: false, in: scope("lstm"))
    head = attends ? SingleHead(sizes, dropout: dropout, in: scope("attention")) : nil
    streamNorm = norm("stream_norm")
    branchNorm = norm("branch_norm")
    boom = scope("boom").matrix(
      "weight", rows: sizes.feedForward, columns: sizes.width,
      .normal(standardDeviation: 1 / Double(3 * sizes.width).squareRoot()))
    boomBias = scope("boom").vector("bias", count: sizes.feedForward, .constant(0))
  }

  var stateParts: [RecurrentStatePart] { lstm.stateParts + (head?.stateParts ?? []) }

  func callAsFunction(
    _ x: Tensor, _ rows: SequenceRows, from start: [Tensor]?, on tape: Tape
  ) -> (states: Tensor, end: [Tensor]) {
    let cells = lstm.stateParts.count
    let normed = startNorm.stream(x, on: tape)
    let (states, lstmEnd) = lstm(
      tape.narrowed(normed), rows, from: start.map { Array($0.prefix(cells)) }, dropConnect: 0, on: tape)
    var (h, end) = (tape.residual(normed, states, dropout: dropout), lstmEnd)
    if let head {
      let (attended, memory) = head(h, rows, from: start.map { Array($0.dropFirst(cells)) }, on: tape)
      h = attended
      end += memory
    }
    let stream = streamNorm.stream(h, on: tape)
    let units = tape.activate(
      tape.linear(branchNorm(h, on: tape), boom), .gelu, bias: boomBias, dropout: dropout)
    return (tape.residual(stream, tape.summedChunks(units, columns: width), dropout: dropout), end)
  }

  func operations(_ lengths: [Int]) -> Double {
    2 * Double(lengths.reduce(0, +)) * Double(lstm.multipliedWeights + boom.count)
      + (head?.operations(lengths) ?? 0)
  }
}

/// The single head of SHA-RNN: only queries are multiplied with a matrix; keys and values are the normalised states
/// that it remembers, each with a gate of its columns (Merity 2019, §3).
struct SingleHead: Sendable {
  private let memoryNorm, streamNorm, queryNorm: Normalization
  /// [width, width] and [width].
  private let query, queryBias: Parameter
  /// [width] each, before σ.
  private let keyGate, valueGate: Parameter
  private let width, window: Int
  private let dropout: Double

  init(_ sizes: SHARNN, dropout: Double, in scope: ParameterScope) {
    (width, window, self.dropout) = (sizes.width, sizes.window, dropout)
    func norm(_ name: String) -> Normalization {
      Normalization(.layer, width: sizes.width, epsilon: sizes.epsilon, in: scope(name))
    }
    memoryNorm = norm("memory_norm")
    streamNorm = norm("stream_norm")
    query = scope("query").matrix(
      "weight", rows: sizes.width, columns: sizes.width,
      .normal(standardDeviation: 1 / Double(3 * sizes.width).squareRoot()))
    queryBias = scope("query").vector("bias", count: sizes.width, .constant(0))
    queryNorm = norm("query_norm")
    keyGate = scope("key").vector("gate", count: sizes.width, .constant(0))
    valueGate = scope("value").vector("gate", count: sizes.width, .constant(0))
  }

  /// The states that the next token will see, of which the last are there, and how many.
  var stateParts: [RecurrentStatePart] {
    [
      RecurrentStatePart(name: "memory", width: (window - 1) * width, isOperand: true),
      RecurrentStatePart(name: "remembered", width: 1, isOperand: false),
    ]
  }

  /// h [N, width] f32, normalised, with what the head adds, [N, width] f32; and what each sequence ends with.
  func callAsFunction(
    _ h: Tensor, _ rows: SequenceRows, from start: [Tensor]?, on tape: Tape
  ) -> (states: Tensor, end: [Tensor]) {
    let remembered = tape.remembering(memoryNorm(h, on: tape, shared: true), rows, from: start)
    let stream = streamNorm.stream(h, on: tape)
    let projected = tape.linear(tape.narrowed(stream), query, bias: queryBias)
    let queries = queryNorm(tape.widened(projected), on: tape)
    var shape = AttentionShape(
      heads: 1, headDimension: width, isCausal: true, window: window, scale: 1 / Double(width).squareRoot(), bias: nil,
      dropout: 0)
    shape.past = remembered.past
    let attended = tape.attention(
      query: HeadColumns(queries, column: 0), key: HeadColumns(tape.gatedColumns(remembered.all, keyGate), column: 0),
      value: HeadColumns(tape.gatedColumns(remembered.all, valueGate), column: 0), queryRows: rows,
      keyRows: remembered.rows, shape)
    return (tape.residual(stream, attended, dropout: dropout), remembered.end)
  }

  func operations(_ lengths: [Int]) -> Double {
    lengths.reduce(0) { $0 + 2 * Double($1 * query.count) + 4 * Double($1 * $1 * width) }
  }
}
