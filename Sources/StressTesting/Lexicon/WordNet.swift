import Foundation
import Support

/// The WordNet database (Miller 1995) as published: files `index.*`, `data.*`, `*.exc` and `cntlist.rev` in the
/// format that the manual page wndb(5WN) describes.
public struct WordNet: Sendable {
  /// The variable that names the database's folder.
  public static let environmentVariable = "GRAFT_WORDNET"
  /// Where Debian's package `wordnet-base` puts the database.
  public static let standardFolder = "/usr/share/wordnet"

  /// The raw value ends the names of the files: `index.noun`, `data.adj`.
  public enum PartOfSpeech: String, Sendable, Hashable, CaseIterable {
    /// Things and actions.
    case noun, verb
    /// Adjectives and their satellites.
    case adjective = "adj"
    /// What says how, when or where.
    case adverb = "adv"

    /// The number that sense keys have for it; adjectives have a second one, for satellites.
    var senseTypes: [Character] {
      switch self {
      case .noun: ["1"]
      case .verb: ["2"]
      case .adjective: ["3", "5"]
      case .adverb: ["4"]
      }
    }

    init?(letter: Substring) {
      switch letter {
      case "n": self = .noun
      case "v": self = .verb
      case "a", "s": self = .adjective
      case "r": self = .adverb
      default: return nil
      }
    }
  }

  /// A set of words with one meaning, by its place in the file of its part of speech.
  public struct SynsetID: Sendable, Hashable {
    /// Which file the set stands in.
    public var partOfSpeech: PartOfSpeech
    /// Where its line begins in the file, in bytes.
    public var offset: Int
  }

  /// A relation from one set, or one of its words, to another.
  public struct Pointer: Sendable, Hashable {
    /// `@` hypernym, `~` hyponym, `!` antonym …
    public var symbol: String
    /// The set it leads to.
    public var target: SynsetID
    /// From which word to which, counted from 1; 0 for the set as a whole.
    public var sourceWord: Int
    /// The word it leads to, counted from 1; 0 for the set as a whole.
    public var targetWord: Int
  }

  /// One line of a data file, without its gloss.
  public struct Synset: Sendable, Hashable {
    /// Which set it is.
    public var id: SynsetID
    /// The number of the lexicographers' file: 5 animals, 6 artefacts, 13 food …
    public var lexicographerFile: Int
    /// As written, with `_` for spaces.
    public var words: [String]
    /// In the order of the file.
    public var pointers: [Pointer]
  }

  private let index: [PartOfSpeech: WordNetFile]
  private let data: [PartOfSpeech: WordNetFile]
  private let exceptions: [PartOfSpeech: WordNetFile]
  private let counts: WordNetFile?
  /// Irregular plural of a noun.
  private let irregularPlurals: [ByteString: String]

  /// The folder to read: the option, else `$GRAFT_WORDNET`, else where Debian puts it.
  public static func folder(
    option: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    option ?? environment[environmentVariable].flatMap { $0.isEmpty ? nil : $0 } ?? standardFolder
  }

  /// - Throws: `.missingInput` that names the package, if a file is not there.
  public init(folder: String) throws(GraftError) {
    func file(_ name: String) throws(GraftError) -> WordNetFile {
      let path = "\(folder)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else {
        throw GraftError(
          .missingInput, "no WordNet database in '\(folder)': '\(name)' is not there",
          hint: "install it with `apt-get install wordnet-base`, or name its folder with `wordnet:` DIR or "
            + "\(Self.environmentVariable).")
      }
      return try WordNetFile(path)
    }
    var (index, data, exceptions) = (
      [PartOfSpeech: WordNetFile](), [PartOfSpeech: WordNetFile](), [PartOfSpeech: WordNetFile]()
    )
    for part in PartOfSpeech.allCases {
      index[part] = try file("index.\(part.rawValue)")
      data[part] = try file("data.\(part.rawValue)")
      exceptions[part] = try file("\(part.rawValue).exc")
    }
    (self.index, self.data, self.exceptions) = (index, data, exceptions)
    let frequencies = "\(folder)/cntlist.rev"
    counts = FileManager.default.fileExists(atPath: frequencies) ? try WordNetFile(frequencies) : nil
    var plurals: [ByteString: String] = [:]
    for line in try FileContents.lines("\(folder)/noun.exc") {
      let forms = line.split(separator: " ").map(String.init)
      // Of several, the first in the alphabet.
      guard forms.count == 2 else { continue }
      if plurals[ByteString(forms[1])] == nil { plurals[ByteString(forms[1])] = forms[0] }
    }
    irregularPlurals = plurals
  }

  /// The meanings of a base form, the most frequent first; none if it has none of this part of speech.
  ///
  /// - Throws: `.badData` for a line that does not have the format.
  public func senses(_ lemma: String, _ part: PartOfSpeech) throws(GraftError) -> [SynsetID] {
    guard let file = index[part], !lemma.isEmpty, let line = file.lines(beginningWith: "\(lemma) ").first
    else {
      return []
    }
    // lemma pos synset_cnt p_cnt [ptr_symbol...] sense_cnt tagsense_cnt synset_offset...
    let cells = String(decoding: line, as: UTF8.self).split(separator: " ")
    // A count beyond the line must not be calculated with.
    guard cells.count > 3, let synsets = Int(cells[2]), let pointers = Int(cells[3]),
      (1...cells.count).contains(synsets), (0...cells.count).contains(pointers),
      cells.count == 6 + pointers + synsets
    else { throw file.error("the entry of '\(lemma)' does not have the form of an index") }
    var senses: [SynsetID] = []
    for cell in cells.suffix(synsets) {
      guard let offset = Int(cell) else {
        throw file.error("'\(cell)' in the entry of '\(lemma)' is no offset")
      }
      senses.append(SynsetID(partOfSpeech: part, offset: offset))
    }
    return senses
  }

  /// - Throws: `.badData` if there is no such line or it does not have the format.
  public func synset(_ id: SynsetID) throws(GraftError) -> Synset {
    guard let file = data[id.partOfSpeech], let line = file.line(startingAt: id.offset) else {
      throw GraftError(.badData, "no line of the WordNet database begins at \(id.offset)")
    }
    // synset_offset lex_filenum ss_type w_cnt word lex_id [word lex_id...] p_cnt [ptr...] [frames...] | gloss
    let cells = String(decoding: line, as: UTF8.self).split(separator: " ")
    let malformed = file.error("the line at \(id.offset) does not have the form of a synset")
    guard cells.count > 5, Int(cells[0]) == id.offset, let lexicographerFile = Int(cells[1]),
      let wordCount = Int(cells[3], radix: 16), (1...cells.count).contains(wordCount),
      cells.count > 4 + 2 * wordCount, let pointerCount = Int(cells[4 + 2 * wordCount]),
      (0...cells.count).contains(pointerCount), cells.count >= 5 + 2 * wordCount + 4 * pointerCount
    else { throw malformed }
    var synset = Synset(id: id, lexicographerFile: lexicographerFile, words: [], pointers: [])
    for word in 0..<wordCount {
      // An adjective may say where it stands: `galore(ip)`.
      synset.words.append(String(cells[4 + 2 * word].prefix { $0 != "(" }))
    }
    for pointer in 0..<pointerCount {
      let start = 5 + 2 * wordCount + 4 * pointer
      guard let offset = Int(cells[start + 1]), let part = PartOfSpeech(letter: cells[start + 2]),
        let places = Int(cells[start + 3], radix: 16), places >= 0
      else { throw malformed }
      synset.pointers.append(
        Pointer(
          symbol: String(cells[start]), target: SynsetID(partOfSpeech: part, offset: offset),
          sourceWord: places >> 8, targetWord: places & 0xff))
    }
    return synset
  }

  /// The base form of a word, by the list of exceptions or the rules of detachment of morphy(7WN), of nouns here
  /// those of the plural; nil if the word is in no form of this part of speech.
  public func baseForm(_ word: String, _ part: PartOfSpeech) throws(GraftError) -> String? {
    if let line = exceptions[part]?.lines(beginningWith: "\(word) ").first {
      let forms = String(decoding: line, as: UTF8.self).split(separator: " ")
      if forms.count > 1 { return String(forms[1]) }
    }
    if try !senses(word, part).isEmpty { return word }
    guard part == .noun else { return nil }
    for (suffix, ending) in Self.pluralEndings where word.hasSuffix(suffix) {
      let base = String(word.dropLast(suffix.count)) + ending
      if try !senses(base, part).isEmpty { return base }
    }
    return nil
  }

  private static let pluralEndings = [
    ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y"),
    ("s", ""),
  ]

  /// The plural of a noun, by the list of exceptions or the rules of spelling.
  public func plural(_ noun: String) -> String {
    if let irregular = irregularPlurals[ByteString(noun)] { return irregular }
    if ["s", "x", "z", "ch", "sh"].contains(where: noun.hasSuffix) { return noun + "es" }
    if noun.hasSuffix("y"), let before = noun.dropLast().last, !"aeiou".contains(before) {
      return noun.dropLast() + "ies"
    }
    return noun + "s"
  }

  /// How often a base form was met as this part of speech in the texts WordNet's authors tagged; 0 without those
  /// counts.
  public func count(_ lemma: String, _ part: PartOfSpeech) -> Int {
    // sense_key sense_number tag_cnt, where a sense key is lemma%type:…
    (counts?.lines(beginningWith: "\(lemma)%") ?? []).reduce(0) { sum, line in
      let cells = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard cells.count == 3, let count = Int(cells[2]), count > 0,
        let type = cells[0].unicodeScalars.dropFirst(lemma.unicodeScalars.count + 1).first.map(
          Character.init),
        part.senseTypes.contains(type)
      else { return sum }
      return sum + min(count, 1_000_000)
    }
  }

  /// Whether a base form is mostly of this part of speech: at least two thirds of the times it was tagged, or, if it
  /// never was, the only part of speech it has.
  public func isMostly(_ part: PartOfSpeech, _ lemma: String) throws(GraftError) -> Bool {
    let total = PartOfSpeech.allCases.reduce(0) { $0 + count(lemma, $1) }
    if total > 0 { return 3 * count(lemma, part) >= 2 * total }
    for other in PartOfSpeech.allCases where other != part {
      if try !senses(lemma, other).isEmpty { return false }
    }
    return try !senses(lemma, part).isEmpty
  }
}
