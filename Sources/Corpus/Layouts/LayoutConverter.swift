import Records
import Support

/// Longest sequences a batch may hold, in tokens; what is longer is cut at the end, or where it is to be continued at
/// the beginning.
public struct SequenceLengths: Sendable, Hashable, Codable {
  /// Tokens of the inputs; of the layout `encoder` the start token is one of them.
  public var inputs: Int
  /// Tokens of the targets, end-of-sequence included.
  public var targets: Int

  /// Lengths in tokens, of at least 1.
  public init(inputs: Int, targets: Int) {
    self.inputs = inputs
    self.targets = targets
  }

  /// Where nothing else is said.
  public static let standard = SequenceLengths(inputs: 128, targets: 64)
}

/// Turns (inputs, targets) into the arrays one architecture consumes. Architectures and tasks meet only here.
public protocol LayoutConverter: Sendable {
  /// What the batches it makes are read by.
  static var layout: BatchLayout { get }

  /// Adds an example that has targets or, for a model with heads, an answer. Inputs and targets that are too long lose
  /// their end, but never the end-of-sequence token.
  func append(_ example: TokenExample, to batch: inout Batch)
}

extension LayoutConverter {
  /// One batch of `examples`. An example without targets has nothing to learn from and is left out.
  public func batch(_ examples: some Collection<TokenExample>) -> Batch {
    var batch = Batch(layout: Self.layout)
    for example in examples where !example.targets.isEmpty || example.answer != nil {
      append(example, to: &batch)
    }
    return batch
  }

  /// The first `limit` tokens, with the last one replaced by end-of-sequence if it was cut off.
  static func cut(_ tokens: [TokenID], to limit: Int, end: TokenID) -> [TokenID] {
    guard tokens.count > limit else { return tokens }
    var kept = Array(tokens.prefix(limit))
    if tokens.last == end, limit > 0 { kept[limit - 1] = end }
    return kept
  }

  /// The inputs as far as there is room for them, and where their second text begins. Of a pair that is answered about,
  /// the longer text loses its end until both fit or are equally long, as transformers cuts them (`longest_first`).
  static func cut(_ example: TokenExample, to room: Int, end: TokenID) -> (inputs: [TokenID], second: Int?) {
    guard let second = example.secondSegment, example.answer != nil, example.inputs.count > room, room >= 4 else {
      return (cut(example.inputs, to: room, end: end), example.secondSegment)
    }
    let (first, other) = (Array(example.inputs[..<second]), Array(example.inputs[second...]))
    let short = min(first.count, other.count, room / 2)
    let kept = first.count > other.count ? room - short : short
    return (cut(first, to: kept, end: end) + cut(other, to: room - kept, end: end), kept)
  }
}

/// For encoder-decoders. Inputs [5 6 1], targets [7 1] and start token 0 give encoder [5 6 1], decoder [0 7],
/// targets [7 1].
public struct EncoderDecoderConverter: LayoutConverter {
  /// Inputs to the encoder, targets to the decoder.
  public static let layout = BatchLayout.encoderDecoder
  private let vocabulary: Vocabulary
  private let lengths: SequenceLengths

  /// - Parameter vocabulary: gives the start and the end-of-sequence token.
  public init(vocabulary: Vocabulary, lengths: SequenceLengths) {
    self.vocabulary = vocabulary
    self.lengths = lengths
  }

  public func append(_ example: TokenExample, to batch: inout Batch) {
    let inputs = Self.cut(example.inputs, to: lengths.inputs, end: vocabulary.endOfSequence)
    let targets = Self.cut(example.targets, to: lengths.targets, end: vocabulary.endOfSequence)
    batch.encoder.append(inputs)
    batch.decoder.append([vocabulary.start] + targets.dropLast())
    batch.targets.append(contentsOf: targets)
  }
}

/// For decoders. A prompt [5 6] with targets [7 1] and start token 0 gives decoder [0 5 6 7] and targets [– – 7 1]: the
/// prompt is read, not predicted. Without start token it is decoder [5 6 7], targets [– 7 1]. With an answer in place
/// of targets it is decoder [0 5 6], targets [– – –]: heads read the last token.
public struct DecoderConverter: LayoutConverter {
  /// Inputs and targets in one sequence.
  public static let layout = BatchLayout.decoder
  private let vocabulary: Vocabulary
  private let lengths: SequenceLengths

  /// - Parameter vocabulary: gives the start and the end-of-sequence token.
  public init(vocabulary: Vocabulary, lengths: SequenceLengths) {
    self.vocabulary = vocabulary
    self.lengths = lengths
  }

  public func append(_ example: TokenExample, to batch: inout Batch) {
    let (cut, second) = Self.cut(example, to: lengths.inputs, end: vocabulary.endOfSequence)
    let inputs = example.isContinuation ? example.inputs.suffix(lengths.inputs) : cut[...]
    let targets = Self.cut(example.targets, to: lengths.targets, end: vocabulary.endOfSequence)
    let start = example.omitsStart && !inputs.isEmpty ? [] : [vocabulary.start]
    batch.decoder.append(start + inputs + targets.dropLast(), secondFrom: second.map { start.count + $0 })
    if let answer = example.answer { batch.answers.append(answer) }
    batch.targets.append(
      contentsOf: repeatElement(Batch.ignored, count: start.count + inputs.count - (targets.isEmpty ? 0 : 1)))
    batch.targets.append(contentsOf: targets)
  }
}

/// For decoders that read their prompt from both sides: the decoder's arrays, and the start token and the prompt are
/// the prefix. A prompt [5 6] with targets [7 1] has a prefix of 3. Inputs [5 9 7] that are predicted themselves, 9
/// hiding a 6, give decoder [0 5 9], targets [– 6 –] and a prefix of 3.
public struct PrefixDecoderConverter: LayoutConverter {
  /// Inputs and targets in one sequence, of which the inputs are read from both sides.
  public static let layout = BatchLayout.prefixDecoder
  private let decoder: DecoderConverter
  private let vocabulary: Vocabulary
  private let lengths: SequenceLengths

  /// - Parameter vocabulary: gives the start and the end-of-sequence token.
  public init(vocabulary: Vocabulary, lengths: SequenceLengths) {
    (self.vocabulary, self.lengths) = (vocabulary, lengths)
    decoder = DecoderConverter(vocabulary: vocabulary, lengths: lengths)
  }

  public func append(_ example: TokenExample, to batch: inout Batch) {
    let start = batch.targets.count
    if example.predictsInputs {
      precondition(example.inputs.count == example.targets.count, "targets stand at the inputs")
      batch.decoder.append([vocabulary.start] + example.inputs.prefix(lengths.targets).dropLast())
      batch.targets.append(contentsOf: example.targets.prefix(lengths.targets))
      batch.decoder.prefixes.append(batch.targets.count - start)
      return
    }
    decoder.append(example, to: &batch)
    // The last token of the prompt is the one that predicts the first target, if there is one.
    let prompt = batch.targets[start...].prefix { $0 == Batch.ignored }.count
    batch.decoder.prefixes.append(min(prompt + 1, batch.targets.count - start))
  }
}

/// For encoders, whose targets stand at the positions of their inputs. Inputs [5 9 7] with targets [– 6 –] and start
/// token 0 give encoder [0 5 9 7] and targets [– – 6 –]: the start is where an answer about the whole text is read.
public struct EncoderConverter: LayoutConverter {
  /// Inputs alone, with targets at their positions or an answer about the whole.
  public static let layout = BatchLayout.encoder
  private let vocabulary: Vocabulary
  private let lengths: SequenceLengths

  /// - Parameter vocabulary: gives the start and the end-of-sequence token.
  public init(vocabulary: Vocabulary, lengths: SequenceLengths) {
    self.vocabulary = vocabulary
    self.lengths = lengths
  }

  public func append(_ example: TokenExample, to batch: inout Batch) {
    precondition(
      example.answer != nil && example.targets.isEmpty || example.inputs.count == example.targets.count,
      "an encoder's targets stand at its inputs")
    let (inputs, second) = Self.cut(example, to: lengths.inputs - 1, end: vocabulary.endOfSequence)
    batch.encoder.append([vocabulary.start] + inputs, secondFrom: second.map { $0 + 1 })
    batch.targets.append(Batch.ignored)
    if let answer = example.answer { batch.answers.append(answer) }
    batch.targets.append(
      contentsOf: example.targets.isEmpty
        ? [TokenID](repeating: Batch.ignored, count: inputs.count)
        : Array(example.targets.prefix(inputs.count)))
  }
}

extension BatchLayout {
  /// What makes batches of this layout.
  public func converter(vocabulary: Vocabulary, lengths: SequenceLengths) -> any LayoutConverter {
    switch self {
    case .encoderDecoder: EncoderDecoderConverter(vocabulary: vocabulary, lengths: lengths)
    case .decoder: DecoderConverter(vocabulary: vocabulary, lengths: lengths)
    case .encoder: EncoderConverter(vocabulary: vocabulary, lengths: lengths)
    case .prefixDecoder: PrefixDecoderConverter(vocabulary: vocabulary, lengths: lengths)
    }
  }
}
