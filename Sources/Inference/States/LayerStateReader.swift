import Autograd
import Compute
import Corpus
import ModelKit
import Randomness
import Records
import Support
import Tokenization

/// What one place of a model holds of some texts, or of the tokens of some texts: a vector each.
public struct PlaceStates: Sendable, Hashable, Codable {
  /// `embedding`, `3` for the stream after block 3, `0.hidden`, `0.cell`, `output`; see `LayerStates`.
  public var place: String
  /// Numbers of a vector.
  public var width: Int
  /// Row after row.
  public var values: [Float]
}

/// Reads the hidden states of every layer off a model of any family: of a decoder or an encoder those of the text, of
/// an encoder-decoder those of its encoder.
public struct LayerStateReader: Sendable {
  /// Whose states they are.
  public enum Weights: Sendable, Hashable {
    /// The checkpoint's.
    case trained
    /// The same model as it is before training, drawn anew: what a probe finds there was not learned (Hewitt & Liang
    /// 2019 ask for such a control of every probe).
    case drawn(seed: UInt64)
  }

  private let model: ShardedModel
  private let codec: TextCodec
  private let converter: any LayoutConverter
  /// Looks at every layer.
  private let pass: @Sendable (Batch, Tape) -> Void
  /// The most tokens of a text, beside a start token.
  public let length: Int
  /// What the model was made from.
  public let configuration: ModelConfiguration

  /// Opens a checkpoint, run directory or folder of transformers.
  /// - Parameters:
  ///   - base: where the model of an adapter is; nil for where the adapter says.
  ///   - length: the most tokens of a text; nil for all positions of the model, at most 512, and 2048 where it has no
  ///     limit.
  /// - Throws: as `ModelFolder.open`; `.usage` for a length that the model does not have.
  public init(
    opening path: String, base: String? = nil, weights: Weights = .trained, length: Int? = nil,
    precision: Precision = .f32, shardCount: Int
  ) throws(GraftError) {
    let (saved, configuration, tokenizer) = try ModelFolder.open(path, base: base)
    let traits = try configuration.traits()
    var drawn: RandomKey?
    if case .drawn(let seed) = weights { drawn = RandomKey(seed: seed) }
    if traits.layout == .encoderDecoder {
      model = try ShardedModel(
        configuration, key: drawn ?? RandomKey(seed: 0), precision: precision, shardCount: shardCount, training: false)
      if drawn == nil { try saved.load(into: model.store) }
      model.refreshOperands()
      let writer = try model.generativeBackbone()
      pass = { batch, tape in _ = writer.encode(batch.encoder, recomputing: false, on: tape) }
    } else {
      let opened = try saved.openedToRead(
        configuration, drawn: drawn, precision: precision, shardCount: shardCount)
      model = opened.model
      pass = { batch, tape in _ = opened.backbone.vectors(batch, .last, on: tape) }
    }
    self.configuration = configuration
    let room = traits.longestSequence ?? SequenceLengths.longest
    let asked = length ?? (traits.longestSequence == nil ? 2048 : min(512, room))
    guard (3...room).contains(asked) else {
      throw GraftError(
        .usage, "texts of \(asked) tokens are not possible: the model has \(room) positions",
        hint: "give `input-length:` from 3 to \(room).")
    }
    self.length = traits.layout == .encoderDecoder ? asked : asked - 1
    let codec = TextCodec(tokenizer)
    // A language model goes on after a text; what it has read by the text's last token is not yet that it ended.
    self.codec = traits.layout.isOneSequence ? try codec.laidOut(for: configuration, nil) : codec
    converter = traits.layout.converter(
      vocabulary: tokenizer.vocabulary,
      lengths: SequenceLengths(inputs: traits.layout.isOneSequence ? asked - 1 : asked, targets: 1))
  }

  /// Tokens of a text as the model reads it, with its end where the model was trained to see one.
  public func tokens(_ text: String) -> [TokenID] { codec.prompt(text) }

  /// Tokens of a text with the bytes that each stands for, without an end.
  public func locatedTokens(_ text: String) -> [LocatedToken] {
    Array(text.utf8).withUnsafeBytes { codec.tokenizer.makeEncoder().encodeWithOffsets($0) }
  }

  /// How many of the texts are longer than the model reads, so that their ends have no part in their states.
  public func cutCount(_ texts: [String]) -> Int { texts.count { codec.prompt($0).count > length } }

  /// Of every place a vector for each text, by what is taken of its tokens' states.
  /// - Throws: `.internalError` naming a text with a value that is not finite.
  public func pooled(_ texts: [String], _ poolings: [Pooling]) throws(GraftError) -> [Pooling: [PlaceStates]] {
    let found = try read(texts.map { codec.prompt($0) }) { states in
      let values = states.values.floats()
      let width = states.values.columns
      return zip(states.rows.offsets, states.rows.lengths).map { offset, length in
        poolings.flatMap { Self.pooled(values, width, offset..<offset + max(1, length), $0) }
      }
    }
    var result: [Pooling: [PlaceStates]] = [:]
    for place in found {
      let width = (place.rows.first?.count ?? 0) / max(1, poolings.count)
      if let bad = place.rows.firstIndex(where: { !$0.allSatisfy(\.isFinite) }) {
        throw .notFinite("state", of: ExampleNames().name(bad, text: texts[bad]))
      }
      for (index, pooling) in poolings.enumerated() {
        let part = index * width..<(index + 1) * width
        result[pooling, default: []].append(
          PlaceStates(place: place.name, width: width, values: place.rows.flatMap { $0[part] }))
      }
    }
    return result
  }

  /// Of every place a vector for each token of each text, text after text; what stands before a text, as a start token,
  /// has none.
  /// - Parameter texts: of at most `length` tokens.
  /// - Throws: as `pooled`.
  public func states(ofTokens texts: [[TokenID]]) throws(GraftError) -> [PlaceStates] {
    precondition(texts.allSatisfy { $0.count <= length }, "a text of more than \(length) tokens")
    let counts = texts.map(\.count)
    let found = try read(texts) { states in
      let values = states.values.floats()
      let width = states.values.columns
      return states.rows.offsets.indices.map { sequence in
        let end = states.rows.offsets[sequence] + states.rows.lengths[sequence]
        return Array(values[states.rows.offsets[sequence] * width..<end * width])
      }
    }
    return found.map { place in
      let tokens = counts.reduce(0, +)
      var values: [Float] = []
      var width = 0
      for (row, count) in zip(place.rows, counts) where count > 0 {
        // Behind what the layout puts before a text.
        width = place.widths
        values += row.suffix(count * width)
      }
      precondition(values.count == tokens * width, "states of other tokens than those read")
      return PlaceStates(place: place.name, width: width, values: values)
    }
  }

  private struct Place: Codable, Sendable {
    var name: String
    var widths: Int
    /// Of every text.
    var rows: [[Float]]
  }

  /// Runs the model over token sequences and gathers what `taking` makes of every place, for every sequence.
  private func read(
    _ encoded: [[TokenID]], _ taking: @escaping @Sendable (LayerStates) -> [[Float]]
  ) throws(GraftError) -> [Place] {
    let longest = max(1, min(length, encoded.map(\.count).max() ?? 1))
    // Long texts are read fewer at once, so that memory is bounded.
    let groups = inputGroups(encoded, of: max(1, min(model.textsAtOnce, 16_384 / longest)))
    let isEncoderDecoder = model.backbone.layout == .encoderDecoder
    let end = codec.vocabulary.endOfSequence
    let batches = groups.map { group in
      converter.batch(
        group.map { index in
          var example = TokenExample(
            inputs: encoded[index], targets: isEncoderDecoder ? [end] : [],
            answer: isEncoderDecoder ? nil : Answer(head: 0, value: 0))
          example.omitsStart = codec.layout == .continuation && codec.omitsStart
          return example
        })
    }
    let pass = pass
    let found = try model.map(batches) { _, batch, tape in
      var places: [Place] = []
      tape.observingStates {
        places.append(Place(name: $0.place, widths: $0.values.columns, rows: taking($0)))
      } _: {
        pass(batch, tape)
      }
      return places
    }
    guard var result = found.first else { return [] }
    for index in result.indices {
      var rows = [[Float]](repeating: [], count: encoded.count)
      for (group, places) in zip(groups, found) {
        for (text, row) in zip(group, places[index].rows) { rows[text] = row }
      }
      result[index].rows = rows
    }
    return result
  }

  private static func pooled(_ values: [Float], _ width: Int, _ rows: Range<Int>, _ pooling: Pooling) -> [Float] {
    switch pooling {
    case .first: return Array(values[rows.lowerBound * width..<(rows.lowerBound + 1) * width])
    case .last: return Array(values[(rows.upperBound - 1) * width..<rows.upperBound * width])
    case .mean:
      var sums = [Double](repeating: 0, count: width)
      for row in rows { for column in 0..<width { sums[column] += Double(values[row * width + column]) } }
      return sums.map { Float($0 / Double(rows.count)) }
    }
  }
}
