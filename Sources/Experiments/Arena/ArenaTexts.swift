import Corpus
import Foundation
import Support
import Tokenization

/// The texts of an arena, as every model reads them, in a folder of their own: lines with a word in them.
///
/// Models of counts take each line for a sentence, whose end they predict. Networks read one text, in which a tokenizer
/// that keeps line feeds has them predicted as well; for one of words, which has none, lines end with the word `<eos>`,
/// as in the published figures of PTB and WikiText.
public struct ArenaTexts: Sendable {
  /// What a line ends with where line feeds are no tokens.
  static let lineEnd = "<eos>"

  public let tokenizer: Tokenizer
  /// Lines, for models of counts. What is tuned on is nil if nothing is held out.
  let lines: (training: String, tuning: String?, validation: String)
  /// The same as networks read them.
  let texts: (training: String, tuning: String?, validation: String)
  /// A hash of all that they hold.
  let contentHash: String

  /// What the texts are made of.
  public struct Sources {
    /// Files of text, gzip or not.
    public var training, validation: [String]
    /// The share of the training lines, from the end, that models are tuned on in place of being trained; 0 for none.
    public var heldOut: Double
    /// A tokenizer that exists; nil to learn one.
    public var tokenizer: Tokenizer?
    /// Of one that is learned.
    public var unit: VocabularyUnit
    public var vocabularySize: Int

    public init(
      training: [String], validation: [String], heldOut: Double, tokenizer: Tokenizer?, unit: VocabularyUnit,
      vocabularySize: Int
    ) {
      (self.training, self.validation, self.heldOut) = (training, validation, heldOut)
      (self.tokenizer, self.unit, self.vocabularySize) = (tokenizer, unit, vocabularySize)
    }
  }

  /// Writes the texts, or what of them is not there yet.
  /// - Parameter cache: texts of other files lie beside them in other folders.
  /// - Throws: `.badData` for texts without a word, or too few lines; as reading, learning and writing throw.
  public init(_ sources: Sources, in cache: String) throws(GraftError) {
    guard sources.heldOut >= 0, sources.heldOut <= 0.5 else {
      throw GraftError(.usage, "`held-out:` \(sources.heldOut) is impossible", hint: "give 0 to 0.5.")
    }
    let all = try Self.lines(of: sources.training)
    let validation = try Self.lines(of: sources.validation)
    let held = sources.heldOut == 0 ? 0 : max(1, Int((sources.heldOut * Double(all.count)).rounded()))
    guard held < all.count else {
      throw GraftError(
        .badData, "the text to train on has \(all.count) lines, of which \(held) are held out", hint: "give more text.")
    }
    let hasWords = sources.tokenizer.map { !Self.keepsLineFeeds($0) } ?? (sources.unit == .word)
    let parts = [
      ("train", all[..<(all.count - held)]), ("tune", all[(all.count - held)...]), ("validation", validation[...]),
    ].filter { !$0.1.isEmpty }
    let plain = parts.map { Self.text($0.1, ending: "") }
    let hash = ContentHash.of(Data(plain.map { ContentHash.of($0) }.joined().utf8))
    contentHash = hash
    let folder = "\(cache)/texts-\(hash.prefix(16))"
    try makeFolder(folder)
    for ((name, _), text) in zip(parts, plain) { try Self.write(text, to: "\(folder)/\(name).txt") }
    func files(_ ending: String) -> (training: String, tuning: String?, validation: String) {
      func file(_ name: String) -> String { "\(folder)/\(name)\(ending).txt" }
      return (file("train"), held > 0 ? file("tune") : nil, file("validation"))
    }
    lines = files("")
    texts = files(hasWords ? ".words" : "")
    if hasWords {
      for (name, lines) in parts {
        try Self.write(Self.text(lines, ending: " \(Self.lineEnd)"), to: "\(folder)/\(name).words.txt")
      }
    }
    tokenizer = try Self.tokenizer(sources, from: texts.training, in: folder)
    guard !hasWords || tokenizer.encode(Self.lineEnd).map(tokenizer.token) == [Self.lineEnd] else {
      throw GraftError(
        .usage, "the tokenizer has neither line feeds nor the word \(Self.lineEnd), so that no line would end",
        hint: "take one of bytes, or leave the tokenizer out.")
    }
  }

  /// The lines of files that have a word, without white space at their ends.
  private static func lines(of files: [String]) throws(GraftError) -> [[UInt8]] {
    var result: [[UInt8]] = []
    for file in files {
      try LineReader(try TextInput(file, isBounded: false)).forEachLine { (line, number) in
        var line = line
        while let last = line.last, ASCII.isSpace(last) { line.removeLast() }
        while let first = line.first, ASCII.isSpace(first) { line.removeFirst() }
        if !line.isEmpty { result.append(Array(line)) }
      }
    }
    guard !result.isEmpty else {
      throw GraftError(
        .badData, "there is no word in \(files.map { "'\($0)'" }.joined(separator: ", "))", hint: "give files of text.")
    }
    return result
  }

  private static func text(_ lines: ArraySlice<[UInt8]>, ending: String) -> Data {
    var text = Data()
    for line in lines {
      text += line
      text += Array(ending.utf8)
      text.append(0x0A)
    }
    return text
  }

  /// A file that stands there is left alone, as its folder is named by what it holds.
  private static func write(_ text: Data, to path: String) throws(GraftError) {
    if !FileManager.default.fileExists(atPath: path) { try AtomicFile.write(text, to: path) }
  }

  /// The one that is given, or that was learned before, or learned now and kept beside the texts.
  private static func tokenizer(
    _ sources: Sources, from file: String, in folder: String
  ) throws(GraftError) -> Tokenizer {
    if let tokenizer = sources.tokenizer { return tokenizer }
    let path = "\(folder)/\(sources.unit)-\(sources.vocabularySize).json"
    if FileManager.default.fileExists(atPath: path) { return try Tokenizer(contentsOf: path) }
    var options = TokenizerTrainingOptions(vocabularySize: sources.vocabularySize, sentinelCount: 0)
    options.unit = sources.unit
    if sources.unit == .word { options.minimumCount = 1 }
    let tokenizer = try Tokenizer.train(files: [file], reading: .standard, options: options)
    try tokenizer.write(to: path)
    return tokenizer
  }

  private static func keepsLineFeeds(_ tokenizer: Tokenizer) -> Bool {
    tokenizer.decodeText(tokenizer.encode("a\nb")).contains("\n")
  }
}
