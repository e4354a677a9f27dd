import Support
import Tokenization

/// What there is to choose where n-grams are counted.
public struct NGramTrainingOptions: Sendable {
  /// What `order` may be at most.
  public static let longestOrder = NGramTrie.longestOrder

  /// The greatest length.
  public var order = 5
  public var smoothing = NGramSmoothing.kneserNey
  /// By length from 1, the greatest number of occurrences that leaves an n-gram out; the last holds for all longer.
  public var cutOffs = [0]
  /// A word that occurs less often is counted as `<unk>`.
  public var minimumCount = 1
  /// What words are the tokens of; nil for words between spaces.
  public var tokenizer: Tokenizer?
  /// Whose words are taken, others being `<unk>`; nil for all that the text has.
  public var vocabulary: NGramModel?
  /// Files of text on which the weights of a mixture of orders are found.
  public var heldOut: [String] = []

  public init() {}

  /// - Throws: `.usage` for what is impossible.
  public func validate() throws(GraftError) {
    guard (1...NGramTrie.longestOrder).contains(order) else {
      throw GraftError(
        .usage, "`order:` \(order) is impossible",
        hint: "give 1 (words) to \(NGramTrie.longestOrder); 3 to 5 are usual.")
    }
    guard !cutOffs.isEmpty, cutOffs.count <= order, cutOffs[0] == 0, zip(cutOffs, cutOffs.dropFirst()).allSatisfy(<=)
    else {
      throw GraftError(
        .usage, "`cut-offs:` \(cutOffs.map(String.init).joined(separator: " ")) are impossible",
        hint: "give at most \(order) numbers that do not descend, 0 first, such as 0 0 1; rare words are left out by"
          + " `minimum-count:`.")
    }
    guard minimumCount == 1 || tokenizer == nil && vocabulary == nil else {
      throw GraftError(
        .usage, "`minimum-count:` chooses words, which a tokenizer or another model's `vocabulary:` has chosen",
        hint: "leave it out.")
    }
    guard minimumCount >= 1 else {
      throw GraftError(.usage, "`minimum-count:` \(minimumCount) is impossible", hint: "1 keeps every word.")
    }
    guard tokenizer == nil || vocabulary == nil else {
      throw GraftError(.usage, "`vocabulary:` and `tokenizer:` exclude each other", hint: "give one of them.")
    }
    guard (smoothing == .mixture) == !heldOut.isEmpty else {
      throw GraftError(
        .usage,
        smoothing == .mixture
          ? "the weights of a mixture are found on text that was not counted"
          : "`held-out:` is for the smoothing mixture",
        hint: smoothing == .mixture ? "give files with `held-out:`." : "leave it out.")
    }
  }
}

extension NGramModel {
  /// Counts n-grams and makes a model of them.
  /// - Parameter note: takes a line for people.
  /// - Throws: `.usage` for impossible options, `.badData` for files without a word, and as reading throws.
  public static func train(
    _ files: [String], _ options: NGramTrainingOptions, note: (String) -> Void = { _ in }
  ) throws(GraftError) -> NGramModel {
    try options.validate()
    let text = try CountedText(files, options)
    let order = options.smoothing == .uniform ? 1 : options.order
    let counts = NGramCounts(text.tokens, vocabularySize: text.vocabulary.count, order: order)
    let used =
      options.smoothing == .kneserNey
      ? NGramEstimator.continuationCounts(counts) : NGramEstimator.plainCounts(counts)
    var discounts: [LevelDiscount] = []
    switch options.smoothing {
    case .uniform: discounts = [.proportional(0)]
    case .mixture:
      var sentences: [[WordID]] = []
      for file in options.heldOut {
        try text.unit.forEachSentence(of: file, text.vocabulary) { sentences.append($0) }
      }
      guard !sentences.isEmpty else { throw .nothingToCount(options.heldOut) }
      discounts = MixtureWeights.fit(counts, on: sentences).map { .proportional($0) }
    case .kneserNey:
      for (index, counts) in used.enumerated() {
        let found = LevelDiscount.kneserNey(counts)
        if found == nil {
          note(
            "too few \(index + 1)-grams occur once, twice and three times to estimate their discounts, which are set to"
              + " 0.5, 1 and 1.5")
        }
        discounts.append(found ?? .fallback)
      }
    }
    let cutOffs = (0..<order).map { options.cutOffs[min($0, options.cutOffs.count - 1)] }
    let trie = try NGramTrie(
      NGramEstimator(counts, used: used, discounts: discounts).levels(cutOffs: cutOffs), text.vocabulary)
    let part = NGramDescription.Part(
      file: "ngrams.bin", weight: 1, smoothing: options.smoothing, counts: trie.levels.map(\.logarithms.count),
      parameters: discounts.map(\.parameters), cutOffs: cutOffs, tokens: text.predicted)
    let unit = options.tokenizer == nil ? NGramDescription.Unit.words : .tokens
    return NGramModel(
      unit: text.unit, vocabulary: text.vocabulary, description: NGramDescription(unit: unit, parts: [part]),
      tries: [trie])
  }
}

extension LevelDiscount {
  fileprivate var parameters: [Double] {
    switch self {
    case .absolute(let one, let two, let more): [one, two, more]
    case .proportional(let weight): [weight]
    }
  }
}

extension GraftError {
  static func nothingToCount(_ files: [String]) -> GraftError {
    GraftError(
      .badData, "there is no word in \(files.map { "'\($0)'" }.joined(separator: ", "))",
      hint: "give files of text with a sentence a line.")
  }
}

/// A text as numbers of words: sentences one after the other, each `<s>`, words, `</s>`.
private struct CountedText {
  var tokens: [WordID] = []
  var sentences = 0
  let unit: NGramUnit
  let vocabulary: NGramVocabulary

  /// Words and ends of sentences.
  var predicted: Int { tokens.count - sentences }

  init(_ files: [String], _ options: NGramTrainingOptions) throws(GraftError) {
    var (tokens, sentences): ([WordID], Int) = ([], 0)
    func append(_ ids: [WordID]) {
      tokens.append(NGramVocabulary.start)
      tokens += ids
      tokens.append(NGramVocabulary.end)
      sentences += 1
    }
    if let tokenizer = options.tokenizer {
      (unit, vocabulary) = NGramUnit.tokens(of: tokenizer)
      for file in files { try unit.forEachSentence(of: file, vocabulary, append) }
    } else if let model = options.vocabulary {
      (unit, vocabulary) = (model.unit, model.vocabulary)
      for file in files { try unit.forEachSentence(of: file, vocabulary, append) }
    } else {
      unit = .words
      var table = NGramVocabulary.emptyTable()
      for file in files {
        try unit.forEachSentence(of: file, append) { word in
          let base = word.baseAddress!
          return WordID(table.insert(base, word.count, hash: ByteStringTable.hash(base, word.count)))
        }
      }
      vocabulary = NGramVocabulary(Self.withoutRare(table, &tokens, minimumCount: options.minimumCount))
    }
    guard sentences > 0 else { throw .nothingToCount(files) }
    guard tokens.count <= NGramCounts.mostTokens else {
      throw GraftError(
        .badData, "the text has \(tokens.count) words, and \(NGramCounts.mostTokens) can be counted",
        hint: "train on parts of it and mix the models with `graft ngram mix`.")
    }
    (self.tokens, self.sentences) = (tokens, sentences)
  }

  /// The words that occur often enough, numbered in the order of their first appearance; others become `<unk>`.
  private static func withoutRare(
    _ table: consuming ByteStringTable, _ tokens: inout [WordID], minimumCount: Int
  ) -> ByteStringTable {
    guard minimumCount > 1 else { return table }
    var counts = [Int](repeating: 0, count: table.count)
    for token in tokens { counts[Int(token)] += 1 }
    var kept = NGramVocabulary.emptyTable()
    var numbers = (0..<WordID(NGramVocabulary.specials.count)).map { $0 }
    for word in numbers.count..<table.count {
      let isKept = counts[word] >= minimumCount
      numbers.append(isKept ? WordID(kept.insert(Array(table.string(word)))) : NGramVocabulary.unknown)
    }
    for index in tokens.indices { tokens[index] = numbers[Int(tokens[index])] }
    return kept
  }
}
