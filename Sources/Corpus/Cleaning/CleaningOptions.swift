import Support

/// What cleaning can do, in the order in which it is done: left-overs of markup, which change a text, and the
/// heuristics that made C4 out of Common Crawl (Raffel et al. 2020, section 2.2), which drop lines and documents.
/// What needs a web page (its address, a language classifier) is not here.
public enum CleaningRule: String, Sendable, Hashable, CaseIterable, Codable {
  /// `<br>` and its kin become line feeds.
  case lineBreaks = "line-breaks"
  /// `&amp;`, `&nbsp;`, `&#233;` and the like become what they stand for, also those that were escaped twice.
  case htmlEntities = "html-entities"
  /// `{{…}}` is deleted, with those within it; braces of formulas are left.
  case wikiTemplates = "wiki-templates"
  /// Lines of tables, of parameters (`| name = value`) and `__NOTOC__` are deleted.
  case wikiTables = "wiki-tables"
  /// Of `[[page|text]]` and `[http://… text]` the text is left, of files, categories and other languages nothing.
  case wikiLinks = "wiki-links"
  /// Tags of HTML and MediaWiki are deleted, comments and footnotes with what is in them; other text in `<>` stays.
  case htmlTags = "html-tags"
  /// `''` and `'''` around words are deleted.
  case wikiQuotes = "wiki-quotes"
  /// "External links", "References", "See also" and the like are deleted with the lists under them.
  case wikiTailSections = "wiki-tail-sections"
  /// `== Heading ==` becomes the heading; one that is repeated at once goes.
  case wikiHeadings = "wiki-headings"
  /// `()`, `(, )`, `(; or )` and `[]` after a space, from which something was removed, are deleted, and `(; 1950)`
  /// becomes `(1950)`.
  case emptyBrackets = "empty-brackets"
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

  /// Those that take left-overs of markup out of a text.
  public static let ofMarkup: [CleaningRule] = [
    .lineBreaks, .htmlEntities, .wikiTemplates, .wikiTables, .wikiLinks, .htmlTags, .wikiQuotes, .wikiTailSections,
    .wikiHeadings, .emptyBrackets,
  ]
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
  public static let c4 = CleaningOptions(rules: c4Deduplicated.rules.subtracting([.lineDuplicate]))

  /// All rules of C4.
  public static let c4Deduplicated = CleaningOptions(
    rules: Set(CleaningRule.allCases).subtracting(CleaningRule.ofMarkup))

  /// Left-overs of HTML and wiki markup; nothing else of a text is touched.
  public static let markup = CleaningOptions(rules: Set(CleaningRule.ofMarkup))

  /// The names of sets of rules, for `named`; names of rules go, too.
  public static let names = ["c4", "c4-deduplicated", "markup", "none"]

  /// The rules that a person names: sets and single rules with commas between them.
  /// - Returns: nil for no cleaning.
  /// - Throws: `.usage` for a name that is none.
  public static func named(_ text: String?) throws(GraftError) -> CleaningOptions? {
    guard let text, text != "none" else { return nil }
    var rules: Set<CleaningRule> = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      switch name {
      case "c4": rules.formUnion(c4.rules)
      case "c4-deduplicated": rules.formUnion(c4Deduplicated.rules)
      case "markup": rules.formUnion(markup.rules)
      default:
        guard let rule = CleaningRule(rawValue: name) else {
          throw .unknownName("cleaning", name, known: names + CleaningRule.allCases.map(\.rawValue))
        }
        rules.insert(rule)
      }
    }
    return CleaningOptions(rules: rules)
  }

  var signature: String {
    let names = CleaningRule.allCases.filter(rules.contains).map(\.rawValue).joined(separator: ",")
    let words = badWords.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map(\.jsonLiteral)
    return "rules \(names); bad words \(words.joined(separator: ","))"
  }
}

/// What cleaning did: how many lines or documents each rule took (or, for citation marks, changed), or how many
/// places of markup.
public struct CleaningReport: Sendable, Hashable, Codable {
  /// By the name of a rule, how many lines, documents or places it took; a rule that took none has no entry.
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
