import Foundation
import Support

/// How often words occur with classes.
///
/// Counted are examples that contain a word, so that a word that an example repeats counts once, as support,
/// productivity and competency do.
struct CueCounts: Sendable {
  /// In order of first appearance.
  private(set) var words: [String] = []
  /// words × classes.
  private(set) var counts: [Int] = []
  /// Examples of each class.
  private(set) var classTotals: [Int]
  /// The distinct words of each example, as their numbers.
  private(set) var examples: [[Int32]] = []
  private var numbers: [ByteString: Int32] = [:]

  var classCount: Int { classTotals.count }
  var total: Int { classTotals.reduce(0, +) }

  init(texts: [[String]], labels: [Int], classCount: Int) {
    classTotals = [Int](repeating: 0, count: classCount)
    for (words, label) in zip(texts, labels) {
      classTotals[label] += 1
      var present: [Int32] = []
      for word in words {
        let number: Int32
        let key = ByteString(word)
        if let known = numbers[key] {
          number = known
        } else {
          number = Int32(self.words.count)
          numbers[key] = number
          self.words.append(word)
          counts += [Int](repeating: 0, count: classCount)
        }
        if !present.contains(number) { present.append(number) }
      }
      for number in present { counts[Int(number) * classCount + label] += 1 }
      examples.append(present)
    }
  }

  /// Examples of a class that contain a word.
  func count(_ word: Int, _ label: Int) -> Int { counts[word * classCount + label] }

  /// Examples that contain a word.
  func count(_ word: Int) -> Int { (0..<classCount).reduce(0) { $0 + count(word, $1) } }

  func number(of word: String) -> Int? { numbers[ByteString(word)].map(Int.init) }

  /// Pointwise mutual information of words and classes, in nats, with `smoothing` added to every count
  /// (Gururangan et al. 2018, section 3):
  ///
  ///     PMI(w, c) = log( p(w, c) / (p(w) · p(c)) ),  p(w, c) = (n(w, c) + s) / Σ (n + s)
  ///
  /// with p(w) and p(c) the sums of p(w, c) over classes and over words. The large s of 100 puts frequent words before
  /// rare ones that happen to occur with one class only.
  ///
  /// Worked example, two words, two classes, s = 1: n = [3 0; 1 2] becomes [4 1; 2 3], of 10; p(first, first) = .4,
  /// p(first word) = .5, p(first class) = .6, PMI = log(.4 / .3) = .288.
  /// - Returns: words × classes.
  func pointwiseMutualInformation(smoothing: Double) -> [Double] {
    let total = Double(counts.reduce(0, +)) + smoothing * Double(counts.count)
    var byClass = [Double](repeating: 0, count: classCount)
    for word in words.indices {
      for label in 0..<classCount { byClass[label] += Double(count(word, label)) + smoothing }
    }
    var result: [Double] = []
    result.reserveCapacity(counts.count)
    for word in words.indices {
      let ofWord = Double(count(word)) + smoothing * Double(classCount)
      for label in 0..<classCount {
        let joint = Double(count(word, label)) + smoothing
        // Without smoothing a word that a class never has is infinitely unlike it.
        result.append(joint > 0 ? log(joint * total / (ofWord * byClass[label])) : -.infinity)
      }
    }
    return result
  }
}
