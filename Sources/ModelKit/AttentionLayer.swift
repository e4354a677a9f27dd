import Autograd

/// How attention layers of a family are drawn and scaled.
public struct AttentionStyle: Sendable {
  public var width: Int
  public var heads: Int
  public var headDimension: Int
  public var hasBias: Bool
  /// Factor on the scores.
  public var scale: Double
  public var dropout: Double
  public var queryInitializer: Initializer
  public var keyValueInitializer: Initializer
  public var outputInitializer: Initializer

  public init(
    width: Int, heads: Int, headDimension: Int, hasBias: Bool, scale: Double, dropout: Double,
    queryInitializer: Initializer, keyValueInitializer: Initializer, outputInitializer: Initializer
  ) {
    self.width = width
    self.heads = heads
    self.headDimension = headDimension
    self.hasBias = hasBias
    self.scale = scale
    self.dropout = dropout
    self.queryInitializer = queryInitializer
    self.keyValueInitializer = keyValueInitializer
    self.outputInitializer = outputInitializer
  }

  var inner: Int { heads * headDimension }
}

/// Multi-head attention with its four projections. Query, key and value weights lie next to each other, so
/// self-attention projects once and cross-attention projects keys and values once.
public struct AttentionLayer: Sendable {
  private let style: AttentionStyle
  private let query, key, value, output: Parameter
  private let queryBias, keyBias, valueBias: Parameter?
  /// The bias of the output projection, to be added where the result joins the residual stream.
  let outputBias: Parameter?

  public init(_ style: AttentionStyle, in scope: ParameterScope) {
    self.style = style
    let inner = style.inner
    func weight(_ name: String, _ initializer: Initializer) -> Parameter {
      scope(name).matrix("weight", rows: inner, columns: style.width, initializer)
    }
    func bias(_ name: String, _ count: Int) -> Parameter? {
      style.hasBias ? scope(name).vector("bias", count: count, .constant(0)) : nil
    }
    query = weight("query", style.queryInitializer)
    key = weight("key", style.keyValueInitializer)
    value = weight("value", style.keyValueInitializer)
    queryBias = bias("query", inner)
    keyBias = bias("key", inner)
    valueBias = bias("value", inner)
    output = scope("output").matrix("weight", rows: style.width, columns: inner, style.outputInitializer)
    outputBias = bias("output", style.width)
  }

  private func stackedBias(_ biases: [Parameter?]) -> Parameter? {
    let present = biases.compactMap { $0 }
    guard let first = present.first, let last = present.last else { return nil }
    return Parameter(offset: first.offset, rows: 1, columns: last.offset + last.count - first.offset)
  }

  private func shape(isCausal: Bool, bias: Tensor?) -> AttentionShape {
    AttentionShape(
      heads: style.heads, headDimension: style.headDimension, isCausal: isCausal, scale: style.scale,
      bias: bias, dropout: style.dropout)
  }

  /// Self-attention over normalised x [N, width]; returns [N, width] before the output bias.
  /// - Parameter cache: keeps keys and values; if it has any of earlier positions, they are attended to as well.
  func attend(
    _ x: Tensor, _ rows: SequenceRows, isCausal: Bool, bias: Tensor?, cache: CachedLayer? = nil, on tape: Tape
  ) -> Tensor {
    let inner = style.inner
    let projected = tape.linear(
      x, .stacked([query, key, value]), bias: stackedBias([queryBias, keyBias, valueBias]))
    if let cache {
      cache.append(projected, rows, column: inner)
      if cache.hasPast {
        let attended = tape.cachedAttention(
          query: HeadColumns(projected, column: 0), rows: rows, over: cache.positions(of: rows),
          shape(isCausal: true, bias: bias))
        return tape.linear(attended, output)
      }
    }
    let attended = tape.attention(
      query: HeadColumns(projected, column: 0), key: HeadColumns(projected, column: inner),
      value: HeadColumns(projected, column: 2 * inner), queryRows: rows, keyRows: rows,
      shape(isCausal: isCausal, bias: bias))
    return tape.linear(attended, output)
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
      value: HeadColumns(keysAndValues, column: style.inner), queryRows: rows, keyRows: memoryRows,
      shape(isCausal: false, bias: nil))
    return tape.linear(attended, output)
  }
}
