import Records
import Support

/// ROUGE (Lin 2004), the mean over examples of the F1 of what answer and reference share, equal to the rouge-score
/// package. Words are runs of the letters a to z and digits in lower case. Of several references the one with the
/// greatest F1 counts.
///
/// Worked example: "the cat sat" against "the cat is sad": ROUGE-1 shares two words, precision 2/3, recall 2/4, F1 4/7;
/// ROUGE-2 one pair, precision 1/2, recall 1/3, F1 2/5; the longest common subsequence has two words, so that ROUGE-L
/// is 4/7.
public struct ROUGE: Metric {
  /// What is shared.
  public enum Unit: String, Sendable, Hashable {
    /// Single words (ROUGE-1).
    case words = "rouge-1"
    /// Pairs of neighbouring words (ROUGE-2).
    case pairs = "rouge-2"
    /// The longest common subsequence of words.
    case sequence = "rouge-l"
    /// Of every sentence of the reference the words that are on its longest common subsequence with any sentence of the
    /// answer; a sentence is a line of the text.
    case sentences = "rouge-lsum"
  }

  /// Which of the ROUGE family this is; its raw value is the metric's name.
  public let unit: Unit
  /// Whether words of more than three letters are compared by their stems.
  public var stemmer: Bool

  /// - Parameter stemmer: whether words are compared by Porter's stems, which the rouge-score package leaves off by
  ///   default.
  public init(_ unit: Unit, stemmer: Bool = false) {
    self.unit = unit
    self.stemmer = stemmer
  }

  public static var options: [MetricOption<ROUGE>] {
    [.flag("stemmer", \.stemmer)]
  }

  public var name: String { unit.rawValue }
  public var signature: String {
    "\(name)|tok:a-z0-9|stem:\(stemmer ? "porter-nltk" : "no")|refs:best|version:graft-1"
  }
  public var input: MetricInput { .sentences }
  public var takesSeveralReferences: Bool { true }

  public func statistic(prediction: Prediction, reference: Reference) -> WordOverlap {
    let overlaps = reference.texts.map { overlap(prediction.text, $0) }
    return overlaps.dropFirst().reduce(overlaps[0]) { $1.f1 > $0.f1 ? $1 : $0 }
  }

  public func score(_ statistics: [WordOverlap], multiplicities: [Int]) -> Double {
    mean(statistics.map(\.f1), multiplicities)
  }

  public func details(_ statistics: [WordOverlap], multiplicities: [Int]) -> [String: Double] {
    [
      "precision": mean(statistics.map(\.precision), multiplicities),
      "recall": mean(statistics.map(\.recall), multiplicities),
    ]
  }

  private func overlap(_ answer: String, _ gold: String) -> WordOverlap {
    var numbers = WordNumbers<[UInt8]>()
    if unit == .sentences {
      let answers = answer.split(atEach: "\n").filter { !$0.isEmpty }.map { numbers.number(words($0)) }
      let golds = gold.split(atEach: "\n").filter { !$0.isEmpty }.map { numbers.number(words($0)) }
      return sentenceOverlap(answers, golds)
    }
    let answer = numbers.number(words(answer))
    let gold = numbers.number(words(gold))
    switch unit {
    case .words, .sentences:
      return WordOverlap(
        shared: shared(ngrams(answer, 1), ngrams(gold, 1)), answer: answer.count, gold: gold.count)
    case .pairs:
      return WordOverlap(
        shared: shared(ngrams(answer, 2), ngrams(gold, 2)), answer: answer.count - 1, gold: gold.count - 1)
    case .sequence:
      return WordOverlap(
        shared: commonSubsequence(gold, answer).count, answer: answer.count, gold: gold.count)
    }
  }

  /// Lin's section 3.2, where no word counts more often than either side has it.
  private func sentenceOverlap(_ answers: [[Int32]], _ golds: [[Int32]]) -> WordOverlap {
    var leftInAnswers = Dictionary(answers.joined().map { ($0, 1) }, uniquingKeysWith: +)
    var leftInGolds = Dictionary(golds.joined().map { ($0, 1) }, uniquingKeysWith: +)
    var hits = 0
    for gold in golds {
      let places = answers.reduce(into: Set<Int>()) { $0.formUnion(commonSubsequence(gold, $1)) }
      for word in places.sorted().map({ gold[$0] })
      where leftInAnswers[word, default: 0] > 0 && leftInGolds[word, default: 0] > 0 {
        hits += 1
        leftInAnswers[word, default: 0] -= 1
        leftInGolds[word, default: 0] -= 1
      }
    }
    return WordOverlap(
      shared: hits, answer: answers.reduce(0) { $0 + $1.count }, gold: golds.reduce(0) { $0 + $1.count })
  }

  private func words(_ text: String) -> [[UInt8]] {
    let words = lowercased(text).utf8.split { byte in
      !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }.map(Array.init)
    return stemmer ? words.map { $0.count > 3 ? porterStem($0) : $0 } : words
  }
}

/// The places in `first` of a longest common subsequence with `second`. Of several, the one found from the ends by
/// dropping a word of `first` where dropping either leaves as much: which words are on it decides ROUGE-Lsum.
func commonSubsequence(_ first: [Int32], _ second: [Int32]) -> [Int] {
  let width = second.count + 1
  var lengths = [Int32](repeating: 0, count: (first.count + 1) * width)
  for (row, word) in first.enumerated() {
    for (column, other) in second.enumerated() {
      let place = (row + 1) * width + column + 1
      lengths[place] =
        word == other ? lengths[place - width - 1] + 1 : max(lengths[place - width], lengths[place - 1])
    }
  }
  var places: [Int] = []
  var (row, column) = (first.count, second.count)
  while row > 0, column > 0 {
    if first[row - 1] == second[column - 1] {
      places.append(row - 1)
      row -= 1
      column -= 1
    } else if lengths[row * width + column - 1] > lengths[(row - 1) * width + column] {
      column -= 1
    } else {
      row -= 1
    }
  }
  return places.reversed()
}
