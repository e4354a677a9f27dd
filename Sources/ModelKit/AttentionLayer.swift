import Autograd

/// How attention layers of a family are drawn and scaled.
public struct AttentionStyle: Sendable {
  /// Columns of what enters and leaves.
  public var width: Int
  /// How many heads there are.
  public var heads: Int
  /// Columns of one head's queries, keys and values; heads · headDimension need not be `width`.
  public var headDimension: Int
  /// Whether the projections to queries, keys and values have biases, and that of the output.
  public var hasBias, hasOutputBias: Bool
  /// Factor on the scores.
  public var scale: Double
  /// The probability with which a weight is left out while training, 0 ..< 1.
  public var dropout: Double
  /// Of the queries' projection, [heads · headDimension, width].
  public var queryInitializer: Initializer
  /// Of the projections to keys and values, each as that of the queries.
  public var keyValueInitializer: Initializer
  /// Of the output's projection, [width, heads · headDimension].
  public var outputInitializer: Initializer
  /// How many heads keys and values have; nil for as many as queries.
  public var keyValueHeads: Int?
  /// How queries and keys are turned by their positions; nil for not at all.
  public var rotary: RotaryPositions?
  /// ε of the root mean squares that queries and keys are divided by, head by head; nil for as they are.
  public var headNorm: Double?
  /// Whether normalised queries and keys have a gain each, and are turned after it: as in Qwen 3.
  public var hasHeadGains: Bool
  /// How many positions one sees on either side, itself among them; nil for all. See `AttentionShape.window`.
  public var window: Int?
  /// The distances that scores also say something of; nil for none. The rows for them are then given to `attend`.
  public var distances: DisentangledDistances?
  /// Rows of a table whose row of a token is added to its values; nil for no table.
  public var valueVocabulary: Int?

  /// What all layers of a stack have alike, or one of them.
  /// - Parameter hasOutputBias: as `hasBias` if nil.
  public init(
    width: Int, heads: Int, headDimension: Int, hasBias: Bool, hasOutputBias: Bool? = nil, scale: Double,
    dropout: Double, queryInitializer: Initializer, keyValueInitializer: Initializer, outputInitializer: Initializer,
    keyValueHeads: Int? = nil, rotary: RotaryPositions? = nil, headNorm: Double? = nil, hasHeadGains: Bool = false,
    window: Int? = nil, valueVocabulary: Int? = nil
  ) {
    self.width = width
    self.heads = heads
    self.headDimension = headDimension
    self.hasBias = hasBias
    self.hasOutputBias = hasOutputBias ?? hasBias
    self.scale = scale
    self.dropout = dropout
    self.queryInitializer = queryInitializer
    self.keyValueInitializer = keyValueInitializer
    self.outputInitializer = outputInitializer
    self.keyValueHeads = keyValueHeads
    self.rotary = rotary
    self.headNorm = headNorm
    self.hasHeadGains = hasHeadGains
    self.window = window
    self.valueVocabulary = valueVocabulary
  }

  var inner: Int { heads * headDimension }
  var keyValueInner: Int { (keyValueHeads ?? heads) * headDimension }
}

/// Multi-head attention with its four projections. Query, key and value weights lie next to each other, so
/// self-attention projects once and cross-attention projects keys and values once.
public struct AttentionLayer: Sendable {
  private let style: AttentionStyle
  private let query, key, value, output: Parameter
  private let queryBias, keyBias, valueBias: Parameter?
  /// [headDimension] each.
  private let queryGain, keyGain: Parameter?
  private let valueEmbedding: Parameter?
  /// The bias of the output projection, to be added where the result joins the residual stream.
  let outputBias: Parameter?

  /// Declares the weights of `query`, `key` and `value`, then their biases, `output`, gains of heads, and a table of
  /// values.
  public init(_ style: AttentionStyle, in scope: ParameterScope) {
    self.style = style
    let (inner, keyValueInner) = (style.inner, style.keyValueInner)
    func weight(_ name: String, _ rows: Int, _ initializer: Initializer) -> Parameter {
      scope(name).matrix("weight", rows: rows, columns: style.width, initializer)
    }
    func bias(_ name: String, _ count: Int, _ isThere: Bool) -> Parameter? {
      isThere ? scope(name).vector("bias", count: count, .constant(0)) : nil
    }
    func gain(_ name: String) -> Parameter? {
      style.hasHeadGains
        ? scope(name).vector("weight", count: style.headDimension, role: .gain, .constant(1)) : nil
    }
    query = weight("query", inner, style.queryInitializer)
    key = weight("key", keyValueInner, style.keyValueInitializer)
    value = weight("value", keyValueInner, style.keyValueInitializer)
    queryBias = bias("query", inner, style.hasBias)
    keyBias = bias("key", keyValueInner, style.hasBias)
    valueBias = bias("value", keyValueInner, style.hasBias)
    output = scope("output").matrix("weight", rows: style.width, columns: inner, style.outputInitializer)
    outputBias = bias("output", style.width, style.hasOutputBias)
    queryGain = gain("query_norm")
    keyGain = gain("key_norm")
    valueEmbedding = style.valueVocabulary.map {
      scope("value_embedding").matrix("weight", rows: $0, columns: keyValueInner, role: .embedding, .constant(0))
    }
  }

  /// Operations of matrix products for sequences of these lengths that attend among themselves.
  func operations(_ lengths: [Int]) -> Double {
    let weights = query.count + key.count + value.count + output.count
    let rows = Double(style.distances?.rows(length: max(1, lengths.max() ?? 1)).count ?? 0)
    return 2 * lengths.tokens * Double(weights) + products(lengths, lengths)
      + rows * (2 * Double(query.count + key.count) + 4 * lengths.tokens * Double(style.inner))
  }

  /// The same for sequences that attend to others, one each.
  func operations(_ lengths: [Int], over memory: [Int]) -> Double {
    2 * lengths.tokens * Double(query.count + output.count) + 2 * memory.tokens * Double(key.count + value.count)
      + products(lengths, memory)
  }

  /// Of all queries with all keys, and of the weights with all values.
  private func products(_ queries: [Int], _ keys: [Int]) -> Double {
    zip(queries, keys).reduce(0) { $0 + 4 * Double(style.inner) * Double($1.0 * $1.1) }
  }

  private func stackedBias(_ biases: [Parameter?]) -> Parameter? {
    let present = biases.compactMap { $0 }
    guard let first = present.first, let last = present.last else { return nil }
    return Parameter(offset: first.offset, rows: 1, columns: last.offset + last.count - first.offset)
  }

  /// - Parameter window: of self-attention.
  private func shape(isCausal: Bool, bias: Tensor?, window: Int? = nil) -> AttentionShape {
    AttentionShape(
      heads: style.heads, keyValueHeads: style.keyValueHeads, headDimension: style.headDimension,
      isCausal: isCausal, window: window, scale: style.scale, bias: bias, dropout: style.dropout)
  }

  /// Self-attention over normalised x [N, width]; returns [N, width] before the output bias.
  /// - Parameters:
  ///   - relative: rows for the distances that sequences this long have, [rows, width] f32, where the style says any.
  ///   - cache: keeps keys and values; if it has any of earlier positions, they are attended to as well.
  func attend(
    _ x: Tensor, _ rows: SequenceRows, isCausal: Bool, bias: Tensor?, relative: Tensor? = nil,
    cache: CachedLayer? = nil, on tape: Tape
  ) -> Tensor {
    let inner = style.inner
    var projected = tape.linear(
      x, .stacked([query, key, value]), bias: stackedBias([queryBias, keyBias, valueBias]))
    projected = place(projected, rows, on: tape)
    if let valueEmbedding {
      projected = tape.addEmbedding(rows, valueEmbedding, to: projected, column: inner + style.keyValueInner)
    }
    if let cache {
      cache.append(projected, rows, column: inner)
      if cache.hasPast {
        let attended = tape.cachedAttention(
          query: HeadColumns(projected, column: 0), rows: rows,
          over: cache.positions(of: rows, window: style.window), shape(isCausal: true, bias: bias))
        return tape.linear(attended, output)
      }
    }
    var shape = shape(isCausal: isCausal, bias: bias, window: style.window)
    shape.positions = relative.flatMap { positions($0, rows, on: tape) }
    let attended = tape.attention(
      query: HeadColumns(projected, column: 0), key: HeadColumns(projected, column: inner),
      value: HeadColumns(projected, column: inner + style.keyValueInner), queryRows: rows, keyRows: rows,
      shape)
    return tape.linear(attended, output)
  }

  /// Turns queries and keys by their positions and divides them by their root mean squares, as far as the style says.
  private func place(_ projected: Tensor, _ rows: SequenceRows, on tape: Tape) -> Tensor {
    var projected = projected
    let (keyHeads, d) = (style.keyValueHeads ?? style.heads, style.headDimension)
    func normalize() {
      guard let headNorm = style.headNorm else { return }
      projected = tape.normalizeHeads(projected, heads: style.heads + keyHeads, headDimension: d, epsilon: headNorm)
    }
    if let queryGain, let keyGain {
      normalize()
      projected = tape.scaleHeads(projected, [(queryGain, style.heads), (keyGain, keyHeads)])
    }
    if let rotary = style.rotary {
      projected = tape.rotate(projected, rows, rotary, heads: style.heads + keyHeads, headDimension: d)
    }
    if queryGain == nil { normalize() }
    return projected
  }

  /// Rows for distances as this layer's queries and keys have them.
  private func positions(_ relative: Tensor, _ rows: SequenceRows, on tape: Tape) -> DisentangledPositions? {
    style.distances.map { distances in
      let dropped = tape.narrowed(tape.dropout(relative, style.dropout))
      return DisentangledPositions(
        tape.linear(dropped, .stacked([query, key]), bias: stackedBias([queryBias, keyBias])), distances,
        reach: rows.reach)
    }
  }

  /// Cross-attention of normalised x [N, width] over `memory` [M, width].
  /// - Parameter cache: keeps the keys and values of `memory`, which are computed in the first call only.
  func attend(
    _ x: Tensor, _ rows: SequenceRows, over memory: Tensor, _ memoryRows: SequenceRows,
    cache: CachedLayer? = nil, on tape: Tape
  ) -> Tensor {
    let queries = tape.linear(x, query, bias: queryBias)
    if let cache, cache.hasPast {
      let attended = tape.cachedAttention(
        query: HeadColumns(queries, column: 0), rows: rows, over: cache.memoryPositions(of: rows),
        shape(isCausal: false, bias: nil))
      return tape.linear(attended, output)
    }
    let keysAndValues = tape.linear(memory, .stacked([key, value]), bias: stackedBias([keyBias, valueBias]))
    cache?.keepMemory(keysAndValues, memoryRows)
    let attended = tape.attention(
      query: HeadColumns(queries, column: 0), key: HeadColumns(keysAndValues, column: 0),
      value: HeadColumns(keysAndValues, column: style.keyValueInner), queryRows: rows, keyRows: memoryRows,
      shape(isCausal: false, bias: nil))
    return tape.linear(attended, output)
  }
}
