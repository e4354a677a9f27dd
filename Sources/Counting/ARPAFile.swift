import Foundation
import Support

/// Files in the ARPA format, which SRILM, KenLM, IRSTLM and others write: log10 of probabilities, n-gram, log10 of
/// back-off weights, by length.
public enum ARPAFile {
  /// - Throws: `.usage` for a mixture, which is no single back-off model, and for words that have spaces in them;
  ///   `.inputOutput`.
  public static func write(_ model: NGramModel, to path: String) throws(GraftError) {
    guard let trie = model.tries.first, model.tries.count == 1 else {
      throw GraftError(
        .usage, "a mixture of models is not written as ARPA",
        hint: "write each model, and mix them where they are read.")
    }
    let vocabulary = model.vocabulary
    let words = (0..<vocabulary.count).map { vocabulary.word(WordID($0)) }
    if let word = words.first(where: { $0.isEmpty || $0.utf8.contains { $0 <= 0x20 } }) {
      throw GraftError(
        .usage, "the token '\(word)' has a space in it, which separates words in ARPA files",
        hint: "take a byte-level tokenizer, or words.")
    }
    try AtomicFile.write(to: path) { (writer) throws(GraftError) in
      try writer.append("\\data\\\n")
      for (index, level) in trie.levels.enumerated() {
        try writer.append("ngram \(index + 1)=\(level.logarithms.count)\n")
      }
      for length in trie.levels.indices {
        try writer.append("\n\\\(length + 1)-grams:\n")
        try append(trie, length, to: &writer, words)
      }
      try writer.append("\n\\end\\\n")
    }
  }

  private static func append(
    _ trie: NGramTrie, _ length: Int, to writer: inout FileWriter, _ words: [String]
  ) throws(GraftError) {
    let level = trie.levels[length]
    // The n-gram of each length that the present one begins with, itself included.
    var places = [Int](repeating: 0, count: length + 1)
    for node in level.logarithms.indices {
      places[length] = node
      for above in (0..<length).reversed() {
        let children = trie.levels[above].children
        while Int(children[places[above] + 1]) <= places[above + 1] { places[above] += 1 }
      }
      let text = places.enumerated().map { words[$0 == 0 ? $1 : Int(trie.levels[$0].words[$1])] }
      var line = "\(level.logarithms[node])\t\(text.joined(separator: " "))"
      if length + 1 < trie.order, level.backoffs[node] != 0 { line += "\t\(level.backoffs[node])" }
      try writer.append(line + "\n")
    }
  }

  /// Reads a model, gzip or not; of a file without `<unk>` unknown words have the probability 1e-99.
  /// - Throws: `.badData` naming the line for what is no such file.
  static func read(_ path: String) throws(GraftError) -> NGramModel {
    var reader = ARPAReader(path)
    try LineReader(try TextInput(path, isBounded: false)).forEachLine { (line, number) throws(GraftError) in
      try reader.take(line.last == 0x0D ? line.dropLast() : line, number)
    }
    let (levels, vocabulary) = try reader.finish()
    let trie = try NGramTrie(levels, vocabulary)
    let part = NGramDescription.Part(
      file: "ngrams.bin", weight: 1, smoothing: nil, counts: trie.levels.map(\.logarithms.count), parameters: [],
      cutOffs: [], tokens: nil)
    return NGramModel(
      unit: .words, vocabulary: vocabulary, description: NGramDescription(unit: .words, parts: [part]), tries: [trie])
  }
}

/// The lines of an ARPA file on their way into a trie.
private struct ARPAReader: ~Copyable {
  private let path: String
  private var table = NGramVocabulary.emptyTable()
  private var levels: [NGramLevel] = []
  /// The length whose n-grams are read; 0 before them, nil after the end.
  private var length: Int? = 0
  private var announced: [Int] = []
  /// Of the present length: the n-gram that each begins with and its last word, and what stands beside it.
  private var keys: [UInt64] = []
  private var values: [(probability: Float, backoff: Float)] = []

  init(_ path: String) { self.path = path }

  private func wrong(_ reason: String, _ number: Int?) -> GraftError {
    GraftError(
      .badData, "not a file in ARPA format: \(reason)", hint: "it is what `lmplz`, `ngram-count` and others write.",
      location: SourceLocation(file: path, line: number))
  }

  mutating func take(_ line: ArraySlice<UInt8>, _ number: Int) throws(GraftError) {
    guard length != nil, !line.isEmpty else { return }
    if line.first == UInt8(ascii: "\\") {
      let text = String(decoding: line, as: UTF8.self)
      if text == "\\data\\" { return }
      try endLevel(number)
      if text == "\\end\\" {
        length = nil
        return
      }
      let next = (length ?? 0) + 1
      guard text == "\\\(next)-grams:", next <= announced.count else {
        throw wrong("'\(text.prefix(40))' where '\\\(next)-grams:' or '\\end\\' is due", number)
      }
      length = next
    } else if length == 0 {
      let text = String(decoding: line, as: UTF8.self)
      guard text.hasPrefix("ngram ") else { return }
      let parts = text.dropFirst(6).split(separator: "=").map { $0.filter { $0 != " " } }
      guard parts.count == 2, Int(parts[0]) == announced.count + 1, let count = Int(parts[1]), count >= 0,
        announced.count < NGramTrie.longestOrder
      else { throw wrong("'\(text.prefix(40))'", number) }
      announced.append(count)
    } else {
      try takeNGram(line, number)
    }
  }

  private mutating func takeNGram(_ line: ArraySlice<UInt8>, _ number: Int) throws(GraftError) {
    let length = length ?? 1
    let fields = line.split { $0 == 0x20 || $0 == 0x09 }
    func number32(_ field: ArraySlice<UInt8>) -> Float? { Float(String(decoding: field, as: UTF8.self)) }
    guard fields.count == length + 1 || fields.count == length + 2, let probability = number32(fields[0]),
      let backoff = fields.count == length + 1 ? 0 : number32(fields[length + 1]),
      probability <= 0, !probability.isNaN, backoff.isFinite || backoff < 0
    else { throw wrong("'\(String(decoding: line.prefix(60), as: UTF8.self))' is no \(length)-gram", number) }
    values.append((max(probability, NGramLevel.never), max(backoff, NGramLevel.never)))
    guard length > 1 else {
      keys.append(UInt64(table.insert(Array(fields[1]))))
      return
    }
    var ids: [WordID] = []
    for field in fields[1...length] {
      guard let id = table.index(of: Array(field)) else {
        throw wrong("'\(String(decoding: field, as: UTF8.self))' is not among the 1-grams", number)
      }
      ids.append(WordID(id))
    }
    var node = Int(ids[0])
    for (level, id) in ids.dropFirst().dropLast().enumerated() {
      let range = Int(levels[level].children[node])..<Int(levels[level].children[node + 1])
      node = lowerBound(levels[level + 1].words, range, id)
      guard node < range.upperBound, levels[level + 1].words[node] == id else {
        throw wrong("a \(length)-gram without the \(length - 1)-gram that it begins with", number)
      }
    }
    keys.append(UInt64(node) << 32 | UInt64(ids[length - 1]))
  }

  /// Puts the n-grams of a length in order.
  private mutating func endLevel(_ number: Int) throws(GraftError) {
    guard let length, length > 0 else { return }
    guard announced[length - 1] == keys.count else {
      throw wrong("\(keys.count) \(length)-grams of the \(announced[length - 1]) announced", number)
    }
    var level = NGramLevel()
    let isLast = length == announced.count
    let order = keys.indices.sorted { keys[$0] < keys[$1] }
    guard zip(order, order.dropFirst()).allSatisfy({ keys[$0] < keys[$1] }) else {
      throw wrong("a \(length)-gram stands there twice", number)
    }
    if length == 1 {
      level.logarithms = [Float](repeating: NGramLevel.never, count: table.count)
      if !isLast { level.backoffs = [Float](repeating: 0, count: table.count) }
      for (key, value) in zip(keys, values) {
        level.logarithms[Int(key)] = value.probability
        if !isLast { level.backoffs[Int(key)] = value.backoff }
      }
    } else {
      level.words = order.map { WordID(truncatingIfNeeded: keys[$0]) }
      level.logarithms = order.map { values[$0].probability }
      if !isLast { level.backoffs = order.map { values[$0].backoff } }
      let above = levels[length - 2].logarithms.count
      var children = [UInt32](repeating: 0, count: above + 1)
      for key in keys { children[Int(key >> 32) + 1] += 1 }
      for index in 0..<above { children[index + 1] += children[index] }
      levels[length - 2].children = children
    }
    levels.append(level)
    keys = []
    values = []
  }

  consuming func finish() throws(GraftError) -> (levels: [NGramLevel], vocabulary: NGramVocabulary) {
    guard length == nil, !announced.isEmpty, levels.count == announced.count else {
      throw wrong("it ends before '\\end\\'", nil)
    }
    return (levels, NGramVocabulary(table))
  }
}
