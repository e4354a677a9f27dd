import Records
import Support

/// What can be seen of an example without understanding it, as numbers.
///
/// - `length:FIELD`: words.
/// - `overlap:FIELD`, where there are several fields: the share of the field's distinct words that another field has,
///   too (1 for a field without words).
/// - `negation:FIELD`: how many words of `negations`, or contractions with n't.
/// - `unseen:FIELD`: the share of its words that no other training example has in any field.
/// - `typo:FIELD`: how many words look misspelt by the rule of `Misspellings`.
///
/// Worked example: premise `a dog runs`, hypothesis `a cat isn't there` have the lengths 3 and 4, the overlaps 1/3 and
/// 1/4, and no and one negation.
struct SurfaceFeatures {
  static let negations: Set<ByteString> = [
    "cannot", "neither", "never", "no", "nobody", "none", "nor", "not", "nothing", "nowhere", "without",
  ]

  let fields: [String]
  /// Training examples with each word, in any field.
  private let frequencies: [ByteString: Int]
  private let misspellings: Misspellings

  init(fields: [String], training: [Example]) {
    self.fields = fields
    var frequencies: [ByteString: Int] = [:]
    for example in training {
      let words = Set(fields.flatMap { Self.words(example, $0) })
      for word in words { frequencies[word, default: 0] += 1 }
    }
    self.frequencies = frequencies
    misspellings = Misspellings(frequencies: frequencies)
  }

  private static func words(_ example: Example, _ field: String) -> [ByteString] {
    ProbeWords.words(example.fields[field] ?? "").map { ByteString($0) }
  }

  var names: [String] {
    let kinds = ["length"] + (fields.count > 1 ? ["overlap"] : []) + ["negation", "unseen", "typo"]
    return fields.flatMap { field in kinds.map { "\($0):\(field)" } }
  }

  /// In the order of `names`.
  ///
  /// - Parameter isInTraining: whether the example itself is among those that were counted, and does not count.
  func callAsFunction(_ example: Example, isInTraining: Bool) -> [Double] {
    let own = isInTraining ? 1 : 0
    let texts = fields.map { Self.words(example, $0) }
    let distinct = texts.map { Set($0) }
    var values: [Double] = []
    for (index, words) in texts.enumerated() {
      values.append(Double(words.count))
      if fields.count > 1 {
        let shared = distinct[index].count { word in
          distinct.indices.contains { $0 != index && distinct[$0].contains(word) }
        }
        values.append(words.isEmpty ? 1 : Double(shared) / Double(distinct[index].count))
      }
      values.append(
        Double(
          words.count { Self.negations.contains($0) || $0.text.utf8.suffix(3).elementsEqual("n't".utf8) }))
      let unseen = words.filter { frequencies[$0, default: 0] <= own }
      values.append(words.isEmpty ? 0 : Double(unseen.count) / Double(words.count))
      values.append(Double(unseen.count { misspellings.contains($0.text) }))
    }
    return values
  }
}

/// Words that look misspelt: a word of at least six ASCII letters that no other training example has, and that one edit
/// (a letter left out, added or replaced, or two neighbours swapped) makes a word of at least ten training examples.
/// The first letter and the last three are not touched, or every plural and past tense would be a misspelling.
///
/// Worked example: where "standing" is frequent, `stnding` and `stnading` look misspelt; `standings` does not.
struct Misspellings: Sendable {
  static let leastLength = 6
  static let leastFrequency = 10
  private static let untouchedEnd = 3

  /// Frequent words by what is left of them after leaving out one letter or none.
  private var candidates: [String: [String]] = [:]

  init(frequencies: [ByteString: Int]) {
    for (word, count) in frequencies.sorted(by: { $0.key < $1.key })
    where count >= Self.leastFrequency && Self.isPlain(word.text, leastLength: Self.leastLength - 1) {
      for key in Self.keys(Array(word.text.utf8)) { candidates[key, default: []].append(word.text) }
    }
  }

  private static func isPlain(_ word: String, leastLength: Int) -> Bool {
    word.utf8.count >= leastLength
      && word.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
  }

  /// The word itself and the word without each of the letters that may be touched.
  private static func keys(_ word: [UInt8]) -> Set<String> {
    var keys: Set<String> = [String(decoding: word, as: UTF8.self)]
    for index in 1..<max(1, word.count - untouchedEnd) {
      var shorter = word
      shorter.remove(at: index)
      keys.insert(String(decoding: shorter, as: UTF8.self))
    }
    return keys
  }

  /// Whether a word that is rare looks like a frequent one misspelt.
  func contains(_ word: String) -> Bool {
    guard Self.isPlain(word, leastLength: Self.leastLength) else { return false }
    let letters = Array(word.utf8)
    return Self.keys(letters).contains { key in
      candidates[key]?.contains { Self.isOneEdit(letters, Array($0.utf8)) } ?? false
    }
  }

  /// Whether one edit between the first letter and the last three makes one word the other.
  static func isOneEdit(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    guard abs(first.count - second.count) <= 1, first != second else { return false }
    let shorter = min(first.count, second.count)
    var start = 0
    while start < shorter, first[start] == second[start] { start += 1 }
    var end = 0
    while end < shorter - start, first[first.count - 1 - end] == second[second.count - 1 - end] { end += 1 }
    guard start >= 1, end >= untouchedEnd else { return false }
    let (left, right) = (first.count - start - end, second.count - start - end)
    if left + right == 1 || (left == 1 && right == 1) { return true }
    return left == 2 && right == 2 && first[start] == second[start + 1] && first[start + 1] == second[start]
  }
}
