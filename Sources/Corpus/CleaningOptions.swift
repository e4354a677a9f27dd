import Support

/// The heuristics that made C4 out of Common Crawl (Raffel et al. 2020, section 2.2), in the order in which
/// they are applied. What needs a web page (its address, a language classifier) is not here.
public enum CleaningRule: String, Sendable, Hashable, CaseIterable, Codable {
  /// A document of more than 190,000 characters is dropped.
  case documentTooLong = "document-too-long"
  /// A line with a word of more than 1,000 characters is dropped.
  case lineLongWord = "line-long-word"
  /// `[1]`, `[edit]` and `[citation needed]` are deleted from a line.
  case citationMarks = "citation-marks"
  /// A line that does not end in `.`, `?`, `!` or `"`, or that ends in `...`, is dropped.
  case lineEndMark = "line-end-mark"
  /// A line of fewer than five words is dropped.
  case lineTooShort = "line-too-short"
  /// A document with "lorem ipsum" is dropped.
  case documentLoremIpsum = "document-lorem-ipsum"
  /// A line that speaks of JavaScript is dropped.
  case lineJavascript = "line-javascript"
  /// A document with `{` is dropped: it is likely to be code.
  case documentCurlyBracket = "document-curly-bracket"
  /// A line of legal boilerplate ("privacy policy", "terms of use" …) is dropped.
  case linePolicy = "line-policy"
  /// A document with one of `CleaningOptions.badWords` standing alone is dropped.
  case documentBadWord = "document-bad-word"
  /// A line that was in an earlier document or earlier in this one is dropped (case and outer white space
  /// aside).
  case lineDuplicate = "line-duplicate"
  /// A document with fewer than three sentences left is dropped.
  case documentTooFewSentences = "document-too-few-sentences"
}

/// Which cleaning is done.
public struct CleaningOptions: Sendable, Hashable {
  /// They are applied in the order of `CleaningRule`.
  public var rules: Set<CleaningRule>
  /// Lower-case words for `documentBadWord`; none are built in.
  public var badWords: Set<String>

  /// Some rules, with the words that `documentBadWord` looks for.
  public init(rules: Set<CleaningRule>, badWords: Set<String> = []) {
    self.rules = rules
    self.badWords = badWords
  }

  /// All rules but the removal of repeated lines. Mind that text whose lines are broken at a fixed width
  /// loses most of them: the rules take a line for a paragraph.
  public static let c4 = CleaningOptions(rules: Set(CleaningRule.allCases).subtracting([.lineDuplicate]))

  /// All rules.
  public static let c4Deduplicated = CleaningOptions(rules: Set(CleaningRule.allCases))

  var signature: String {
    let names = CleaningRule.allCases.filter(rules.contains).map(\.rawValue).joined(separator: ",")
    let words = badWords.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map(\.jsonLiteral)
    return "rules \(names); bad words \(words.joined(separator: ","))"
  }
}

/// What cleaning did: how many lines or documents each rule took (or, for citation marks, changed).
public struct CleaningReport: Sendable, Hashable, Codable {
  /// By the name of a rule, how many lines or documents it took; a rule that took none has no entry.
  public private(set) var counts: [String: Int] = [:]
  /// Documents that were looked at.
  public var documentsRead = 0
  /// Documents of which something was left.
  public var documentsKept = 0
  /// Lines that were looked at: those that are not blank, up to where a rule dropped the document.
  public var linesRead = 0
  /// Lines that were left.
  public var linesKept = 0
  /// Bytes of the documents as they were.
  public var bytesRead = 0
  /// Bytes of what was left of them.
  public var bytesKept = 0

  /// A report about nothing yet.
  public init() {}

  /// How many lines or documents a rule took.
  public subscript(rule: CleaningRule) -> Int {
    get { counts[rule.rawValue] ?? 0 }
    set { counts[rule.rawValue] = newValue == 0 ? nil : newValue }
  }

  /// Adds what cleaning did elsewhere, as to the shards of a corpus.
  public static func += (left: inout CleaningReport, right: CleaningReport) {
    for rule in CleaningRule.allCases { left[rule] += right[rule] }
    left.documentsRead += right.documentsRead
    left.documentsKept += right.documentsKept
    left.linesRead += right.linesRead
    left.linesKept += right.linesKept
    left.bytesRead += right.bytesRead
    left.bytesKept += right.bytesKept
  }
}
