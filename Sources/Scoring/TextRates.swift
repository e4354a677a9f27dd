import Foundation

/// How likely a model finds a text, and what it is counted in.
public struct TextCounts: Sendable, Hashable, Codable {
  /// Minus the sum of the tokens' log-probabilities.
  public var nats: Double
  /// That were scored.
  public var tokens: Int
  /// Runs of what is no whitespace, and if asked for one for the end of each line.
  public var words: Int
  /// Unicode scalars.
  public var characters: Int
  /// Of UTF-8.
  public var bytes: Int
  /// Lines of the text.
  public var lines: Int

  /// Counts of one line or of a whole text; nothing by default.
  public init(
    nats: Double = 0, tokens: Int = 0, words: Int = 0, characters: Int = 0, bytes: Int = 0, lines: Int = 0
  ) {
    self.nats = nats
    self.tokens = tokens
    self.words = words
    self.characters = characters
    self.bytes = bytes
    self.lines = lines
  }

  /// Adds the counts of more text, each by its kind.
  public static func += (sum: inout TextCounts, more: TextCounts) { sum.add(more, times: 1) }

  mutating func add(_ more: TextCounts, times count: Int) {
    let factor = Double(count)
    nats += factor * more.nats
    tokens += count * more.tokens
    words += count * more.words
    characters += count * more.characters
    bytes += count * more.bytes
    lines += count * more.lines
  }
}

/// The same total by each unit, with 95 % bootstrap intervals over the text's lines. `per` figures are
/// log-probabilities in nats, so that they are below zero; a figure is nil where there is nothing to divide by.
public struct TextRates: Sendable, Hashable, Codable {
  /// The counts of all lines together.
  public var counts: TextCounts
  /// Σ log p divided by the tokens, words, characters or bytes of the text.
  public var perToken, perWord, perCharacter, perByte: Estimate?
  /// exp(nats / tokens) and exp(nats / words).
  public var perplexityPerToken, perplexityPerWord: Estimate?
  /// nats / ln 2 / bytes.
  public var bitsPerByte: Estimate?

  /// - Parameter lines: what each line has; a text of one line has no intervals.
  public init(lines: [TextCounts], bootstrap: BootstrapOptions = BootstrapOptions()) {
    var pool = Pool<TextCounts>()
    for line in lines { pool.append(line) }
    var sums: [TextCounts] = []
    if lines.count > 1 {
      var resampler = Resampler(
        pool, key: bootstrap.key.folded("bootstrap").folded("text"), resamples: bootstrap.resamples)
      while let multiplicities = resampler.next() {
        sums.append(Self.sum(pool.values, multiplicities))
      }
    }
    let total = Self.sum(pool.values, pool.multiplicities)
    counts = total
    func estimate(_ unit: KeyPath<TextCounts, Int>, _ figure: (Double) -> Double) -> Estimate? {
      func value(_ counts: TextCounts) -> Double? {
        guard counts[keyPath: unit] > 0 else { return nil }
        let found = figure(counts.nats / Double(counts[keyPath: unit]))
        return found.isFinite ? found : nil
      }
      return value(total).map { Estimate($0, Interval(percentilesOf: sums.compactMap(value))) }
    }
    perToken = estimate(\.tokens) { -$0 }
    perWord = estimate(\.words) { -$0 }
    perCharacter = estimate(\.characters) { -$0 }
    perByte = estimate(\.bytes) { -$0 }
    perplexityPerToken = estimate(\.tokens) { exp($0) }
    perplexityPerWord = estimate(\.words) { exp($0) }
    bitsPerByte = estimate(\.bytes) { $0 / log(2) }
  }

  private static func sum(_ values: [TextCounts], _ multiplicities: [Int]) -> TextCounts {
    var sum = TextCounts()
    for (value, count) in zip(values, multiplicities) where count > 0 { sum.add(value, times: count) }
    return sum
  }
}
