import Corpus
import Objectives
import Randomness
import Records
import Support
import Tokenization

/// What an objective makes of a text, token by token: `graft inspect objective --json` writes it.
///
/// Worked example (masked-lm): a text [a b c d] of which b is hidden is, for an encoder, the positions start, a, M, c
/// and d, of which the third is asked for b and is `masked`.
public struct ObjectiveView: Encodable, Sendable {
  /// A token with its number.
  public struct Token: Encodable, Sendable, Hashable {
    /// Its number in the vocabulary.
    public var id: TokenID
    /// Its printable form, as the vocabulary has it.
    public var token: String
  }

  /// What became of a token that an encoder is asked for.
  public enum Change: String, Encodable, Sendable {
    /// The mask stands in its place; another token does; it is asked for as it stands.
    case masked, replaced, kept
  }

  /// A place in what a model reads.
  public struct Position: Encodable, Sendable, Hashable {
    /// The token that is read there.
    public var reads: Token
    /// What is to be predicted there; nil where nothing is asked.
    public var predicts: Token?
    /// Of an encoder, what became of the token that is asked for.
    public var change: Change?
    /// Of a decoder that reads a prefix from both sides, whether the place is in it.
    public var isInPrefix: Bool?
    /// Of a pair of texts, the number of the text, 0 or 1.
    public var segment: Int?
  }

  /// A stretch of text and the example that was made of it.
  public struct Example: Encodable, Sendable {
    /// The text's own tokens.
    public var text: [Token]
    /// What an encoder reads; empty for a decoder.
    public var encoder: [Position] = []
    /// What a decoder reads; empty for an encoder.
    public var decoder: [Position] = []
    /// What is asked about the text as a whole, as next-sentence prediction asks whether its second part is from
    /// elsewhere (1); nil for nothing.
    public var answer: Float?
  }

  /// As people name it.
  public var objective: String
  /// The values of all its parameters.
  public var parameters: [String: Double]
  /// What the example is laid out for.
  public var layout: String
  /// Whether the loss is the log-probability of what is predicted; if not, the objective computes another with it.
  public var lossIsLogProbability: Bool
  /// The most tokens of text that one example is made of.
  public var longestText: Int
  /// How many stretches of that length the text has.
  public var stretches: Int
  /// Of the first stretches; those too short for an example are left out.
  public var examples: [Example] = []

  /// What is wanted of a view.
  public struct Wishes: Sendable {
    /// The objective's parameters that are not at their defaults.
    public var parameters: [String: Double] = [:]
    /// nil for the first of encoder-decoder, decoder, prefix decoder and encoder that the objective trains.
    public var layout: BatchLayout?
    /// As `sequence-length:` of pretraining, in tokens.
    public var sequenceLength = SequenceLengths.standard.inputs
    /// Determines every random choice.
    public var seed: UInt64 = 0
    /// The share of the run that is over, from 0 to 1.
    public var progress = 0.0
    /// How many examples are made at most.
    public var count = 1

    /// Everything as pretraining has it.
    public init() {}
  }

  /// - Parameter tokens: of the text, without special tokens.
  /// - Throws: `.usage` as `Objectives.make`, and for a layout that the objective does not train; `.badData` for a text
  ///   too short to make an example of.
  public init(_ name: String, _ tokens: [TokenID], _ tokenizer: Tokenizer, _ wishes: Wishes) throws(GraftError) {
    let type = try Objectives.registry(name)
    let made = try Objectives.make(name, wishes.parameters, vocabulary: tokenizer.vocabulary)
    let layout = try Self.layout(wishes.layout, of: type)
    objective = name
    parameters = type.parameters.reduce(into: [:]) { $0[$1.name] = wishes.parameters[$1.name] ?? $1.defaultValue }
    self.layout = layout.rawValue
    lossIsLogProbability = type.lossIsLogProbability
    let (raw, targets) = made.rawLength(forSequenceLength: wishes.sequenceLength, layout)
    longestText = raw
    let windows = stride(from: 0, to: tokens.count, by: raw).map { Array(tokens[$0..<min($0 + raw, tokens.count)]) }
    stretches = windows.count
    let converter = layout.converter(
      vocabulary: tokenizer.vocabulary, lengths: SequenceLengths(inputs: wishes.sequenceLength, targets: targets))
    let key = RandomKey(seed: wishes.seed)
    for (index, window) in windows.enumerated() where examples.count < wishes.count {
      let example = made.at(progress: wishes.progress).example(
        from: window, other: { windows[(index + max(1, windows.count / 2)) % windows.count] }, key: key.folded(index))
      guard let example else { continue }
      examples.append(Self.example(window, converter.batch([example]), tokenizer))
    }
    guard examples.isEmpty else { return }
    throw GraftError(
      .badData, "a text of \(tokens.count) tokens is too short for \(name)", hint: "give a sentence or more.")
  }

  /// - Throws: `.usage` for a layout that the objective does not train.
  private static func layout(
    _ wanted: BatchLayout?, of type: any PretrainingObjective.Type
  ) throws(GraftError) -> BatchLayout {
    let order: [BatchLayout] = [.encoderDecoder, .decoder, .prefixDecoder, .encoder]
    let possible = order.filter { type.layouts.contains($0) }
    guard let wanted else { return possible[0] }
    guard possible.contains(wanted) else {
      throw GraftError(
        .usage, "\(type.identifier) does not train the layout \(wanted.rawValue)",
        hint: "it trains \(possible.map(\.rawValue).joined(separator: ", ")).")
    }
    return wanted
  }

  private static func example(_ text: [TokenID], _ batch: Batch, _ tokenizer: Tokenizer) -> Example {
    func token(_ id: TokenID) -> Token { Token(id: id, token: tokenizer.token(id)) }
    func positions(_ sequence: TokenSequences, _ targets: [TokenID]) -> [Position] {
      sequence.tokens.indices.map { index in
        var position = Position(reads: token(sequence.tokens[index]))
        if index < targets.count, targets[index] != Batch.ignored { position.predicts = token(targets[index]) }
        if let prefix = sequence.prefixes.first { position.isInPrefix = index < prefix }
        if !sequence.segments.isEmpty { position.segment = Int(sequence.segments[index]) }
        if batch.layout == .encoder, let predicts = position.predicts {
          let read = position.reads.id
          position.change = read == tokenizer.vocabulary.mask ? .masked : read == predicts.id ? .kept : .replaced
        }
        return position
      }
    }
    var example = Example(text: text.map(token))
    example.encoder = positions(batch.encoder, batch.layout == .encoder ? batch.targets : [])
    example.decoder = positions(batch.decoder, batch.layout == .encoder ? [] : batch.targets)
    example.answer = batch.answers.first?.value
    return example
  }
}
