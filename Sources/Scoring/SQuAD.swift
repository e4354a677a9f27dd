import Records
import Support

/// The share of answers that are one of the references after `squadWords` (Rajpurkar et al. 2016).
public struct SQuADExactMatch: Metric {
  public let name = "squad-em"
  public let signature = "squad-em|norm:squad|refs:best"
  public var takesSeveralReferences: Bool { true }

  /// There is nothing to choose.
  public init() {}

  public func statistic(prediction: Prediction, reference: Reference) -> Bool {
    let answer = squadWords(prediction.text)
    return reference.texts.contains { squadWords($0) == answer }
  }

  public func score(_ statistics: [Bool], multiplicities: [Int]) -> Double {
    mean(statistics.map { $0 ? 1 : 0 }, multiplicities)
  }
}

/// The mean over examples of the F1 of words that answer and reference share, after `squadWords`, against the
/// reference where it is best (Rajpurkar et al. 2016). Where one side has no words, which is how SQuAD 2.0 writes that
/// there is no answer, it is 1 if the other has none either, else 0 (Rajpurkar et al. 2018).
///
/// Worked example: "the red house" against "a house" is house of {red, house} and {house}: precision 1/2, recall 1,
/// F1 2/3.
public struct SQuADF1: Metric {
  public let name = "squad-f1"
  public let signature = "squad-f1|norm:squad|empty:2.0|refs:best"
  public var takesSeveralReferences: Bool { true }

  /// There is nothing to choose.
  public init() {}

  public func statistic(prediction: Prediction, reference: Reference) -> Double {
    let answer = squadWords(prediction.text)
    return reference.texts.map { overlap(answer, squadWords($0)) }.max() ?? 0
  }

  public func score(_ statistics: [Double], multiplicities: [Int]) -> Double {
    mean(statistics, multiplicities)
  }

  private func overlap(_ answer: [[Unicode.Scalar]], _ gold: [[Unicode.Scalar]]) -> Double {
    guard !answer.isEmpty, !gold.isEmpty else { return answer == gold ? 1 : 0 }
    let counts = [answer, gold].map { Dictionary($0.map { ($0, 1) }, uniquingKeysWith: +) }
    return WordOverlap(shared: shared(counts[0], counts[1]), answer: answer.count, gold: gold.count).f1
  }
}

/// The words of an answer as SQuAD compares them: in lower case, without ASCII punctuation, without the articles a, an
/// and the, cut at white space.
///
/// Worked example: "The U.S. — a state-of-the-art one" has the words us, —, stateoftheart, one.
public func squadWords(_ text: String) -> [[Unicode.Scalar]] {
  let kept = lowercased(text).unicodeScalars.filter { !$0.isASCIIPunctuation }
  // An article stands between characters that are no letters or digits, white space or not: “the” goes and leaves
  // its quotation marks.
  var result: [Unicode.Scalar] = []
  for run in runs(Array(kept)) {
    result += articles.contains(run) ? [" "] : run
  }
  return result.split(whereSeparator: \.isSeparator).map(Array.init)
}

private let articles: Set<[Unicode.Scalar]> = [["a"], ["a", "n"], ["t", "h", "e"]]

/// A text cut wherever a letter or digit meets something else.
private func runs(_ text: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
  var runs: [[Unicode.Scalar]] = []
  for scalar in text {
    if let last = runs.last?.last, last.isAlphanumeric == scalar.isAlphanumeric {
      runs[runs.count - 1].append(scalar)
    } else {
      runs.append([scalar])
    }
  }
  return runs
}

extension Unicode.Scalar {
  fileprivate var isASCIIPunctuation: Bool {
    switch value {
    case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: true
    default: false
    }
  }

  /// As Python's `str.isalnum` has it, by which its regular expressions find the edges of words.
  fileprivate var isAlphanumeric: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      true
    default: false
    }
  }
}
