import Foundation
import Support
import Tokenization

/// A language model of n-grams, or a mixture of several with the same words.
///
/// A folder has `ngrams.json` (what it is and how it was made), for each part a trie that is mapped into memory, and
/// `tokenizer.json` where its words are the tokens of one.
public struct NGramModel: Sendable {
  /// What is counted.
  public let unit: NGramUnit
  /// Its words.
  public let vocabulary: NGramVocabulary
  /// What `ngrams.json` says.
  public let description: NGramDescription
  let tries: [NGramTrie]

  init(unit: NGramUnit, vocabulary: NGramVocabulary, description: NGramDescription, tries: [NGramTrie]) {
    (self.unit, self.vocabulary, self.description, self.tries) = (unit, vocabulary, description, tries)
  }

  /// The name of the file that makes a folder a model of n-grams.
  public static let fileName = "ngrams.json"

  /// Whether a path is such a folder, its `ngrams.json`, or a file in ARPA format, by its name.
  public static func isOne(_ path: String) -> Bool {
    FileContents.exists("\(path)/\(fileName)") || Paths.name(of: path) == fileName && FileContents.exists(path)
      || isARPA(path)
  }

  static func isARPA(_ path: String) -> Bool {
    (path.hasSuffix(".arpa") || path.hasSuffix(".arpa.gz")) && FileContents.exists(path) && !Paths.isFolder(path)
  }

  /// - Parameter path: a folder, or a file in ARPA format.
  /// - Throws: `.missingInput` if there is none, `.badData` for a damaged one.
  public init(opening path: String) throws(GraftError) {
    if Self.isARPA(path) {
      self = try ARPAFile.read(path)
      return
    }
    let folder = Paths.name(of: path) == Self.fileName ? Paths.parent(of: path) : path
    guard Self.isOne(path) else {
      throw GraftError(
        .missingInput, "no n-gram model at '\(path)'",
        hint: "give a folder that `graft ngram train` made, or a file in ARPA format (.arpa).")
    }
    description = try JSONFile.read(NGramDescription.self, from: "\(folder)/\(Self.fileName)")
    try description.validate("\(folder)/\(Self.fileName)")
    var tries: [NGramTrie] = []
    for part in description.parts { tries.append(try NGramTrie(contentsOf: "\(folder)/\(part.file)")) }
    self.tries = tries
    let path = "\(folder)/\(description.parts[0].file)"
    vocabulary = try tries[0].vocabulary(path: path)
    for (trie, part) in zip(tries, description.parts) {
      let own = try trie.vocabulary(path: "\(folder)/\(part.file)")
      guard own.hasSameWords(as: vocabulary) else {
        throw GraftError(
          .badData, "the parts of '\(folder)' have different words", hint: "mix them again with `graft ngram mix`.")
      }
    }
    guard description.unit == .tokens else {
      unit = .words
      return
    }
    let (unit, words) = NGramUnit.tokens(of: try Tokenizer(contentsOf: "\(folder)/tokenizer.json"))
    guard words.hasSameWords(as: vocabulary) else {
      throw GraftError(
        .badData, "the tokenizer of '\(folder)' is not the one that its n-grams were counted with",
        hint: "put the right tokenizer.json there, or train it anew.")
    }
    self.unit = unit
  }

  /// Writes the folder, which is made if need be.
  /// - Throws: `.inputOutput`.
  public func write(to folder: String) throws(GraftError) {
    try makeFolder(folder)
    for (trie, part) in zip(tries, description.parts) { try trie.write(to: "\(folder)/\(part.file)") }
    try unit.tokenizer?.write(to: "\(folder)/tokenizer.json")
    try AtomicFile.write(try JSONFile.encode(description), to: "\(folder)/\(Self.fileName)")
  }

  /// The greatest length of its n-grams.
  public var order: Int { tries.map(\.order).max() ?? 1 }

  /// The number of n-grams by length, of all parts together.
  public var counts: [Int] {
    (0..<order).map { length in
      tries.reduce(0) { $0 + (length < $1.order ? $1.levels[length].logarithms.count : 0) }
    }
  }

  // MARK: Probabilities

  /// What a model knows of the words so far: of each part the n-grams that they end in, from one word to order - 1.
  public struct State: Sendable, Hashable {
    var contexts: [[UInt32]]
    /// Place of an n-gram that there is none of.
    static let none = UInt32.max
  }

  /// After `<s>`, as a sentence begins.
  public var start: State { state(after: NGramVocabulary.start) }

  private func state(after word: WordID) -> State {
    State(
      contexts: tries.map { trie in
        [UInt32](repeating: State.none, count: trie.order - 1).enumerated().map { $0 == 0 ? word : $1 }
      })
  }

  /// The natural logarithm of a word's probability.
  /// - Parameters:
  ///   - state: of what comes before it; on return with the word.
  ///   - length: on return of how many words the longest n-gram was that ended in the word and was known.
  public func logProbability(of word: WordID, _ state: inout State, length: inout Int) -> Double {
    length = 0
    guard tries.count > 1 else {
      return log(10) * tries[0].logarithm(of: word, &state.contexts[0], length: &length)
    }
    var sum = 0.0
    for (index, part) in description.parts.enumerated() {
      var own = 0
      sum += part.weight * pow(10, tries[index].logarithm(of: word, &state.contexts[index], length: &own))
      length = max(length, own)
    }
    return log(sum)
  }

  /// The probability of every word by number; of `<s>` 0.
  public func distribution(_ state: State) -> [Double] {
    var result = [Double](repeating: 0, count: vocabulary.count)
    for (index, part) in description.parts.enumerated() {
      tries[index].addDistribution(state.contexts[index], weight: part.weight, to: &result)
    }
    result[Int(NGramVocabulary.start)] = 0
    return result
  }
}

extension NGramTrie {
  /// log10 of the probability of a word after a context, and the context with it.
  fileprivate func logarithm(of word: WordID, _ context: inout [UInt32], length: inout Int) -> Double {
    var (result, isFound, backoff) = (0.0, false, 0.0)
    // From the longest context to the shortest, so that a context is read before it is written.
    for size in stride(from: context.count, to: 0, by: -1) {
      let node = context[size - 1]
      var next = NGramModel.State.none
      if node != NGramModel.State.none {
        next = child(of: node, in: size - 1, word) ?? NGramModel.State.none
        if !isFound, next != NGramModel.State.none {
          (result, isFound, length) = (Double(levels[size].logarithms[Int(next)]) + backoff, true, size + 1)
        }
        if !isFound { backoff += Double(levels[size - 1].backoffs[Int(node)]) }
      }
      if size < context.count { context[size] = next }
    }
    if !context.isEmpty { context[0] = word }
    if !isFound { (result, length) = (Double(levels[0].logarithms[Int(word)]) + backoff, 1) }
    return result
  }

  fileprivate func addDistribution(_ context: [UInt32], weight: Double, to result: inout [Double]) {
    var own = levels[0].logarithms.map { pow(10, Double($0)) }
    for (size, node) in context.enumerated() where node != NGramModel.State.none {
      let factor = pow(10, Double(levels[size].backoffs[Int(node)]))
      for word in own.indices { own[word] *= factor }
      let longer = levels[size + 1]
      let children = levels[size].children
      for place in Int(children[Int(node)])..<Int(children[Int(node) + 1]) {
        own[Int(longer.words[place])] = pow(10, Double(longer.logarithms[place]))
      }
    }
    for word in own.indices { result[word] += weight * own[word] }
  }
}
