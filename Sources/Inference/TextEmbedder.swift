import Compute
import Corpus
import ModelKit
import Records
import Support
import Tokenization

/// One vector for a whole text, off a model's states: sentence embeddings (Reimers and Gurevych 2019).
public struct TextEmbedder: Sendable {
  let model: ShardedModel
  private let backbone: HeadedModel
  let codec: TextCodec
  private let converter: any LayoutConverter
  /// The most tokens of a text, special ones included.
  public let length: Int
  /// How states become a vector.
  public let style: EmbeddingStyle
  /// Values of a vector.
  public var width: Int { backbone.width }

  /// Opens a checkpoint, run directory or folder of transformers; heads that it has are left aside.
  /// - Parameters:
  ///   - base: where the model of an adapter is; nil for where the adapter says.
  ///   - pooling: nil for what the folder says, as those of sentence-transformers do, else the mean of all tokens.
  ///   - isNormalized: whether vectors have length 1; nil for what the folder says, else they have not.
  ///   - length: the most tokens of a text, special ones included; nil for what the folder says, else for all positions
  ///     of the model, at most 512.
  ///   - readers: the processes that open it together and share what is to be read.
  /// - Throws: as `ModelFolder.open`; `.usage` for a model on which no heads stand, whose states belong to no whole
  ///   text.
  public init(
    opening path: String, base: String? = nil, pooling: Pooling? = nil, isNormalized: Bool? = nil, length: Int? = nil,
    precision: Precision = .f32, shardCount: Int, readers: any World = Alone()
  ) throws(GraftError) {
    let (saved, configuration, tokenizer) = try ModelFolder.open(path, base: base)
    let published = pooling == nil || isNormalized == nil ? try PublishedEmbedding(folder: saved.path) : nil
    guard try configuration.traits().layout != .encoderDecoder else {
      throw GraftError(
        .usage, "a \(configuration.family) model reads a text without a state that stands for all of it",
        hint: "take an encoder or a decoder.")
    }
    (model, backbone) = try saved.openedToRead(
      configuration, precision: precision, shardCount: shardCount, readers: readers)
    codec = TextCodec(tokenizer)
    style = EmbeddingStyle(
      pooling: pooling ?? published?.style.pooling ?? .mean,
      isNormalized: isNormalized ?? published?.style.isNormalized ?? false)
    let room = try configuration.traits().longestSequence ?? SequenceLengths.longest
    let asked = length ?? min(published?.length ?? 512, room)
    guard (3...room).contains(asked) else {
      throw GraftError(
        .usage, "texts of \(asked) tokens are not possible: the model has \(room) positions",
        hint: "give `input-length:` from 3 to \(room).")
    }
    self.length = asked
    converter = backbone.layout.converter(
      vocabulary: tokenizer.vocabulary,
      lengths: SequenceLengths(inputs: backbone.layout == .encoder ? asked : asked - 1, targets: 1))
  }

  /// How many of the texts are longer than the model reads, so that their ends have no part in their vectors.
  public func cutCount(_ texts: [String]) -> Int { texts.count { codec.tokens($0).count + 1 > length } }

  /// The vector of each text, of `width` values.
  /// - Throws: `.internalError` naming a text with a value that is not finite.
  public func embeddings(_ texts: [String]) throws(GraftError) -> [[Float]] {
    let encoded = texts.map { codec.tokens($0) }
    let groups = inputGroups(encoded, of: model.textsAtOnce)
    let batches = groups.map { group in
      converter.batch(
        group.map { TokenExample(inputs: encoded[$0], targets: [], answer: Answer(head: 0, value: 0)) })
    }
    let (backbone, style) = (backbone, style)
    let found = try model.map(batches) { _, batch, tape in
      backbone.vectors(batch, style.pooling, on: tape).map { style.isNormalized ? Self.normalized($0) : $0 }
    }
    var result = [[Float]](repeating: [], count: texts.count)
    for (group, vectors) in zip(groups, found) {
      for (index, vector) in zip(group, vectors) {
        guard vector.allSatisfy(\.isFinite) else {
          throw .notFinite("embedding", of: ExampleNames().name(index, text: texts[index]))
        }
        result[index] = vector
      }
    }
    return result
  }

  /// Of length 1; a vector of zeros stays one.
  private static func normalized(_ vector: [Float]) -> [Float] {
    let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 ? vector.map { Float(Double($0) / length) } : vector
  }

  /// The cosine of the angle between two vectors of equal width, -1 to 1; 0 if one of them is zero.
  public static func cosine(_ first: [Float], _ second: [Float]) -> Double {
    var (product, one, other) = (0.0, 0.0, 0.0)
    for (a, b) in zip(first, second) {
      product += Double(a) * Double(b)
      one += Double(a) * Double(a)
      other += Double(b) * Double(b)
    }
    return one > 0 && other > 0 ? product / (one * other).squareRoot() : 0
  }
}

/// How the states of a text's tokens become one vector.
public struct EmbeddingStyle: Sendable, Hashable {
  public var pooling: Pooling
  /// Whether vectors have length 1.
  public var isNormalized: Bool

  public init(pooling: Pooling, isNormalized: Bool = false) {
    (self.pooling, self.isNormalized) = (pooling, isNormalized)
  }
}
