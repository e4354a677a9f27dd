import Foundation
import Randomness
import Support
import TaskRegistry

/// Lists of words by name, from which the slots of templates are filled.
struct Lexicon: Sendable {
  /// A word, or several that belong together by key.
  struct Entry: Sendable, Hashable {
    /// `""` is the key of a word that stands alone.
    var words: [String: String]

    static func == (left: Entry, right: Entry) -> Bool { left.key == right.key }

    func hash(into hasher: inout Hasher) { hasher.combine(key) }

    private var key: [String: ByteString] { words.mapValues { ByteString($0) } }
  }

  /// `animal` and `animal2` are different entries of one list, `pair-special` and `pair-general` words of one entry.
  struct Slot: Sendable, Hashable {
    var list: String
    /// Digits, or nothing.
    var number: String
    var key: String

    /// What is drawn for: slots that differ in their key alone get one entry.
    var entry: String { list + number }
  }

  let lists: [String: [Entry]]

  /// - Throws: `.badData` with the place of a list that cannot be used.
  init(_ value: YAMLValue?) throws(GraftError) {
    var lists: [String: [Entry]] = [:]
    for item in try value?.entries() ?? [] {
      guard item.key.allSatisfy({ $0.isASCII && $0.isLowercase }), !item.key.isEmpty else {
        throw GraftError(
          .badData, "'\(item.key)' cannot name a list of words", hint: "use lower-case letters.",
          location: item.location)
      }
      var entries: [Entry] = []
      for element in try item.value.list() {
        let entry: Entry
        if element.isMapping {
          entry = Entry(words: try element.stringMapping())
          guard !entry.words.keys.contains(""),
            Set(entry.words.keys) == Set(entries.first?.words.keys ?? entry.words.keys)
          else { throw element.error("every entry of a list has the same keys") }
          for key in entry.words.keys.sorted() where !key.allSatisfy({ $0.isASCII && $0.isLowercase }) {
            throw element.error("'\(key)' cannot be the key of a word", hint: "use lower-case letters.")
          }
        } else {
          entry = Entry(words: ["": try element.string()])
          guard entries.first.map({ $0.words.keys.contains("") }) ?? true else {
            throw element.error("every entry of a list has the same keys")
          }
        }
        guard !entries.contains(entry) else { throw element.error("the list '\(item.key)' has this twice") }
        entries.append(entry)
      }
      guard !entries.isEmpty else { throw item.value.error("the list '\(item.key)' is empty") }
      lists[item.key] = entries
    }
    self.lists = lists
  }

  /// The slot a field of a template stands for.
  ///
  /// - Throws: `.badData` with the closest name for a list or key that is not there.
  func slot(_ field: String, at location: SourceLocation) throws(GraftError) -> Slot {
    let parts = field.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let list = String(parts[0].prefix { !$0.isNumber })
    let number = String(parts[0].dropFirst(list.count))
    let key = parts.count > 1 ? parts[1] : ""
    guard let entries = lists[list], number.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      throw GraftError.unknownName(
        "list of the lexicon", list, known: lists.keys, location: location, code: .badData)
    }
    guard entries[0].words[key] != nil else {
      let known = entries[0].words.keys.map { $0.isEmpty ? list : "\(list)-\($0)" }
      throw GraftError.unknownName("slot", field, known: known, location: location, code: .badData)
    }
    return Slot(list: list, number: number, key: key)
  }

  /// An entry for every slot, those of one list all different; all combinations if they are no more than `limit`,
  /// else so many drawn by the key.
  func fillings(_ slots: [Slot], limit: Int, key: RandomKey) -> [[String: Entry]] {
    let names = slots.reduce(into: [(entry: String, list: String)]()) { names, slot in
      if !names.contains(where: { $0.entry == slot.entry }) { names.append((slot.entry, slot.list)) }
    }
    let sizes = names.map { lists[$0.list]?.count ?? 0 }
    func filling(_ choice: [Int]) -> [String: Entry]? {
      var seen: Set<String> = []
      var filled: [String: Entry] = [:]
      for (name, index) in zip(names, choice) {
        guard seen.insert("\(name.list) \(index)").inserted, let list = lists[name.list] else { return nil }
        filled[name.entry] = list[index]
      }
      return filled
    }
    var total = 1
    for size in sizes {
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      total = overflow ? Int.max : product
    }
    // Few enough to look at each.
    if total <= 10_000 {
      var all: [[String: Entry]] = []
      for number in 0..<total {
        var rest = number
        let choice = sizes.reversed().map { size in
          defer { rest /= size }
          return rest % size
        }
        if let filled = filling(choice.reversed()) { all.append(filled) }
      }
      guard all.count > limit else { return all }
      var generator = key.generator()
      return generator.permutation(all.count).prefix(limit).sorted().map { all[$0] }
    }
    var found: [[String: Entry]] = []
    var seen: Set<[Int]> = []
    var generator = key.generator()
    for _ in 0..<(20 * limit) where found.count < limit {
      let choice = sizes.map { generator.below($0) }
      if seen.insert(choice).inserted, let filled = filling(choice) { found.append(filled) }
    }
    return found
  }
}

extension TextTemplate {
  /// The text with slots filled, and `a(n)` made to agree with the word after it.
  ///
  /// - Parameter answers: the words of fields that are no slots of the lexicon.
  func filled(
    _ filling: [String: Lexicon.Entry], _ lexicon: Lexicon, _ answers: [String: String],
    at location: SourceLocation
  ) throws(GraftError) -> String {
    var words = answers
    for field in fields where answers[field] == nil {
      let slot = try lexicon.slot(field, at: location)
      words[field] = filling[slot.entry]?.words[slot.key]
    }
    var text = try rendered(words)
    for (mark, isCapital) in [("a(n) ", false), ("A(n) ", true)] {
      var pieces = text.components(separatedBy: mark)
      for index in pieces.indices.dropFirst() {
        let article = beginsWithVowelSound(String(pieces[index].prefix { $0.isLetter })) ? "an " : "a "
        pieces[index] = (isCapital ? article.capitalizedStart : article) + pieces[index]
      }
      text = pieces.joined()
    }
    return text
  }
}
