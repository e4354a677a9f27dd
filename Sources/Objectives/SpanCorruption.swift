import Examples
import Randomness
import Support

/// T5's span corruption (Raffel et al. 2020, `random_spans_noise_mask`): spans of the text are replaced by one
/// sentinel each; the targets are the spans, each behind its sentinel.
///
/// Worked example, sentinels S0 S1: tokens [a b c d e f g h], noise at c and g h gives
/// inputs [a b S0 d e f S1 </s>] and targets [S0 c S1 g h </s>].
public struct SpanCorruption: PretrainingObjective {
  public static let identifier = "span-corruption"
  public static let summary = "replace spans by sentinels and predict the spans (T5)"
  public static let parameters = [
    ObjectiveParameter(
      "noise-density", "fraction of tokens that is corrupted", default: 0.15, in: 0.01...0.9),
    ObjectiveParameter("mean-span-length", "mean tokens per span", default: 3, in: 1...100),
  ]
  public static let layouts: Set<BatchLayout> = [.encoderDecoder]

  private let density: Double
  private let meanSpan: Double
  private let vocabulary: Vocabulary

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    density = values["noise-density"] ?? 0.15
    meanSpan = values["mean-span-length"] ?? 3
    self.vocabulary = vocabulary
    guard !vocabulary.sentinels.isEmpty else {
      throw GraftError(
        .usage, "the tokenizer has no sentinel tokens, which span corruption needs",
        hint: "train one with `graft tokenizer train --sentinels 100`.")
    }
  }

  /// Noise tokens and spans of a text of `length` tokens. Rounding is half to even, as in the reference.
  func counts(length: Int) -> (noise: Int, spans: Int) {
    let length = max(length, 2)
    let noise = min(max(Int((Double(length) * density).rounded(.toNearestOrEven)), 1), length - 1)
    let spans = max(1, Int((Double(noise) / meanSpan).rounded(.toNearestOrEven)))
    return (noise, min(spans, noise, length - noise, vocabulary.sentinels.count))
  }

  /// The most raw tokens whose inputs, end-of-sequence included, fit `length`: 512 gives 568 and targets of 114.
  public func rawLength(forSequenceLength length: Int) -> (raw: Int, targets: Int) {
    func lengths(_ raw: Int) -> (inputs: Int, targets: Int) {
      let (noise, spans) = counts(length: raw)
      return (raw - noise + spans + 1, noise + spans + 1)
    }
    var raw = max(2, length / 2)
    while lengths(raw + 1).inputs <= length { raw += 1 }
    // The reference's one special case: equal halves, targets one longer.
    if density == 0.5, lengths(raw).targets > length { raw -= 1 }
    return (raw, lengths(raw).targets)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    guard tokens.count >= 2 else { return nil }
    let (noise, spans) = counts(length: tokens.count)
    var random = key.generator()
    let noiseLengths = SpanCorruption.composition(of: noise, into: spans, &random)
    let plainLengths = SpanCorruption.composition(of: tokens.count - noise, into: spans, &random)
    var example = TokenExample(inputs: [], targets: [])
    example.inputs.reserveCapacity(tokens.count - noise + spans + 1)
    example.targets.reserveCapacity(noise + spans + 1)
    var position = 0
    for span in 0..<spans {
      example.inputs.append(contentsOf: tokens[position..<position + plainLengths[span]])
      position += plainLengths[span]
      example.inputs.append(vocabulary.sentinels[span])
      example.targets.append(vocabulary.sentinels[span])
      example.targets.append(contentsOf: tokens[position..<position + noiseLengths[span]])
      position += noiseLengths[span]
    }
    example.inputs.append(vocabulary.endOfSequence)
    example.targets.append(vocabulary.endOfSequence)
    return example
  }

  /// A uniformly drawn way to write `total` as a sum of `parts` positive numbers: `parts - 1` of the
  /// `total - 1` gaps are cuts.
  static func composition(of total: Int, into parts: Int, _ random: inout KeyedGenerator) -> [Int] {
    var cuts = (0..<total - 1).map { $0 < parts - 1 }
    random.shuffle(&cuts)
    var lengths = [1]
    for isCut in cuts {
      if isCut { lengths.append(1) } else { lengths[lengths.count - 1] += 1 }
    }
    return lengths
  }
}
