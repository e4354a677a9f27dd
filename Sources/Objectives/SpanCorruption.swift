import Randomness
import Records
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
    Corruption.density,
    ObjectiveParameter("mean-span-length", "mean tokens per span", default: 3, in: 1...100),
  ]
  public static let layouts = BatchLayout.textToText

  private let density: Double
  private let meanSpan: Double
  private let vocabulary: Vocabulary

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    density = values["noise-density"] ?? 0.15
    meanSpan = values["mean-span-length"] ?? 3
    self.vocabulary = vocabulary
    try Corruption.requireSentinels(vocabulary, for: "span corruption")
  }

  /// Noise tokens and spans of a text of `length` tokens. Rounding is half to even, as in the reference.
  func counts(length: Int) -> (noise: Int, spans: Int) {
    let length = max(length, 2)
    let noise = min(max(Int((Double(length) * density).rounded(.toNearestOrEven)), 1), length - 1)
    let spans = max(1, Int((Double(noise) / meanSpan).rounded(.toNearestOrEven)))
    return (noise, min(spans, noise, length - noise, vocabulary.sentinels.count))
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths {
    let (noise, spans) = counts(length: raw)
    return ExampleLengths(inputs: raw - noise + spans + 1, targets: noise + spans + 1)
  }

  /// Inputs of 512, end-of-sequence included, take 568 raw tokens and give targets of 114.
  public func rawLength(forSequenceLength length: Int, _ layout: BatchLayout) -> (raw: Int, targets: Int) {
    var raw = max(2, longestRaw(forSequenceLength: length, layout))
    // The reference's one special case: equal halves, targets one longer.
    if layout == .encoderDecoder, density == 0.5, lengths(ofRaw: raw).targets > length { raw -= 1 }
    return (raw, lengths(ofRaw: raw).targets)
  }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    guard tokens.count >= 2 else { return nil }
    let (noise, spans) = counts(length: tokens.count)
    var random = key.generator()
    let noiseLengths = SpanCorruption.composition(of: noise, into: spans, &random)
    let plainLengths = SpanCorruption.composition(of: tokens.count - noise, into: spans, &random)
    let mask = zip(plainLengths, noiseLengths).flatMap { plain, noise in
      [Bool](repeating: false, count: plain) + [Bool](repeating: true, count: noise)
    }
    return TokenExample(
      inputs: Corruption.replacingRuns(tokens, mask, vocabulary.sentinels) + [vocabulary.endOfSequence],
      targets: Corruption.runs(tokens, mask, vocabulary.sentinels) + [vocabulary.endOfSequence])
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
