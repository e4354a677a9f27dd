/// Which arrays an architecture consumes.
public enum BatchLayout: String, Sendable, CaseIterable, Hashable {
  /// Inputs in the encoder, targets in the decoder (T5).
  case encoderDecoder = "encoder-decoder"
  /// Inputs and targets in one sequence, of which a position sees those before it (GPT).
  case decoder
  /// Inputs alone; targets stand at their positions, or there is an answer about the whole (BERT).
  case encoder
  /// As `decoder`, but all positions of the inputs see each other (UniLM, the prefix LM of Raffel et al. 2020).
  case prefixDecoder = "prefix-decoder"
}

extension BatchLayout {
  /// Those that read inputs and write targets.
  public static let textToText: Set<BatchLayout> = [.encoderDecoder, .decoder, .prefixDecoder]

  /// Whether prompt and answer stand in one sequence, as in a decoder alone.
  public var isOneSequence: Bool { self == .decoder || self == .prefixDecoder }
}

/// One example as token ids. For a decoder, `inputs` is the prompt and `targets` the continuation; a text to
/// model as it stands has empty inputs. For an encoder, `targets` has one entry per input, `Batch.ignored` where
/// nothing is asked.
public struct TokenExample: Sendable, Hashable {
  /// What is read; of a text to be modelled as it stands, nothing.
  public var inputs: [TokenID]
  /// What is to be predicted.
  public var targets: [TokenID]
  /// What an encoder is to answer about the whole text; it may then have no targets.
  public var answer: Answer?
  /// Where the second text of a pair begins in an encoder's inputs.
  public var secondSegment: Int?
  /// Whether the targets go on with the text that the inputs begin, so that inputs that are too long lose their
  /// beginning instead of their end.
  public var isContinuation = false
  /// Whether the targets are the inputs' own tokens, one per input and `Batch.ignored` where nothing is asked: a
  /// decoder that reads its inputs from both sides predicts each one place before it stands.
  public var predictsInputs = false
  /// Whether a decoder reads no start token before the inputs. Without inputs it does: something must predict the first
  /// target.
  public var omitsStart = false

  /// An example whose targets do not continue the inputs and whose decoder begins with the start token.
  public init(inputs: [TokenID], targets: [TokenID], answer: Answer? = nil, secondSegment: Int? = nil) {
    self.inputs = inputs
    self.targets = targets
    self.answer = answer
    self.secondSegment = secondSegment
  }

  /// The targets of a text as it stands, to be predicted by a decoder that has read the text up to `token` and keeps
  /// its state: [5 6 7] behind 4 reads [4 5 6], no start token.
  public func continuing(after token: TokenID) -> TokenExample {
    precondition(inputs.isEmpty, "a text that is modelled as it stands has no inputs")
    var example = self
    (example.inputs, example.omitsStart) = ([token], true)
    return example
  }
}

/// What an encoder's head is to say about a text.
public struct Answer: Sendable, Hashable {
  /// The number of the head, in the order of the model's tasks.
  public var head: Int
  /// The index of the choice, or the number a task asks for.
  public var value: Float

  /// - Parameter head: the number of the head, in the order of the model's tasks.
  public init(head: Int, value: Float) {
    self.head = head
    self.value = value
  }
}

/// Sequences of different lengths laid end to end: no position is spent on padding.
public struct TokenSequences: Sendable, Hashable {
  /// The sequences' tokens, one sequence after another.
  public var tokens: [TokenID] = []
  /// How many tokens each sequence has; their sum is the number of tokens.
  public var lengths: [Int] = []
  /// Which text of a pair each token belongs to, 0 or 1; empty if all belong to one.
  public var segments: [Int32] = []
  /// How many tokens at the beginning of each sequence see each other in a decoder; empty if none do.
  public var prefixes: [Int] = []

  /// No sequences.
  public init() {}

  /// The same as a model reads them that tells `count` kinds of segment apart: to one that tells fewer than two, both
  /// texts of a pair belong to one.
  public func telling(segments count: Int) -> TokenSequences {
    var result = self
    if count < 2 { result.segments = [] }
    return result
  }

  /// Adds a sequence; its prefix, if there are any, is up to the caller.
  /// - Parameter second: where its second text begins, if it is a pair.
  public mutating func append(_ sequence: some Collection<TokenID>, secondFrom second: Int? = nil) {
    if second != nil || !segments.isEmpty {
      // Sequences before the first pair belong to one text.
      segments += repeatElement(0, count: tokens.count - segments.count)
      segments += (0..<sequence.count).map { $0 < second ?? sequence.count ? 0 : 1 }
    }
    tokens.append(contentsOf: sequence)
    lengths.append(sequence.count)
  }
}

/// What one shard consumes in one step.
///
/// Worked example (encoder-decoder, start token 0): inputs [5 6 1], targets [7 1] gives
/// encoder [5 6 1], decoder [0 7], targets [7 1]. A decoder with prompt [5 6] and targets [7 1] gives
/// decoder [0 5 6 7], targets [-1 -1 7 1]; if it reads its prompt from both sides, the prefix is 3 tokens long. An
/// encoder with inputs [5 9 7] of which 9 hides a 6 gives encoder [0 5 9 7], targets [-1 -1 6 -1].
public struct Batch: Sendable, Hashable {
  /// A position without a target.
  public static let ignored: TokenID = -1

  /// What the arrays are for.
  public var layout: BatchLayout
  /// Empty for decoders.
  public var encoder = TokenSequences()
  /// Empty for an encoder.
  public var decoder = TokenSequences()
  /// One per decoder token, or per encoder token of an encoder; `ignored` where there is nothing to predict.
  public var targets: [TokenID] = []
  /// One per sequence of a model with heads, which answers about whole texts, else empty. They do not count as targets.
  public var answers: [Answer] = []

  /// A batch without sequences.
  public init(layout: BatchLayout) { self.layout = layout }

  /// Positions that have something to predict, over which a loss is averaged.
  public var targetCount: Int { targets.reduce(0) { $0 + ($1 == Batch.ignored ? 0 : 1) } }
  /// Tokens that the model reads, over which speed is measured.
  public var positionCount: Int { encoder.tokens.count + decoder.tokens.count }
}
