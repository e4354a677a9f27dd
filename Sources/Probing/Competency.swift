import Foundation
import Scoring

/// Whether single words predict labels, where by the competency hypothesis none should (Gardner et al. 2021,
/// "Competency Problems: On Finding and Removing Artifacts in Language Data").
///
/// For a word that n examples contain, p̂ is the share of them with label y; under the null it is p₀ = 1 / |Y|, and
///
///     z = (p̂ − p₀) / √(p₀ (1 − p₀) / n)
///
/// A word is an artifact if z is beyond the critical value of a one-sided test at α / (number of tests), Bonferroni's
/// correction for one test per word and label.
///
/// Worked example: three labels, 60 examples with "sleeping", 48 of them contradiction: p̂ = .8, z = (.8 − .3333) /
/// √(.2222 / 60) = 7.67. With 1000 words of a vocabulary, α = .01 / 3000 and the critical z is 4.50.
///
/// Where classes are not equally frequent, p₀ = 1 / |Y| makes artifacts of all frequent words of the greater class. So
/// the test that the self-test of probes rests on is another: the exact binomial tail against the class's own share of
/// the examples, which also holds for rare words, where z's normal approximation promises too much.
struct Competency: Sendable {
  let counts: CueCounts
  /// α before correction.
  let level: Double

  /// One test per word and label.
  var tests: Int { counts.words.count * counts.classCount }
  var correctedLevel: Double { level / Double(max(1, tests)) }
  /// p₀.
  var null: Double { 1 / Double(counts.classCount) }
  var criticalZ: Double { Self.normalQuantile(upperTail: correctedLevel) }

  func z(_ word: Int, _ label: Int) -> Double {
    let n = Double(counts.count(word))
    return (Double(counts.count(word, label)) / n - null) / (null * (1 - null) / n).squareRoot()
  }

  /// The probability of so many examples with the label, or more, if the word had nothing to do with it.
  func exactP(_ word: Int, _ label: Int) -> Double {
    BinomialTest.upperTail(
      counts.count(word, label), of: counts.count(word),
      probability: Double(counts.classTotals[label]) / Double(counts.total))
  }

  /// Whether z is beyond the critical value.
  func isArtifact(_ word: Int, _ label: Int) -> Bool { z(word, label) > criticalZ }

  /// Whether the exact test against the class's share is significant after correction.
  func isExactArtifact(_ word: Int, _ label: Int) -> Bool {
    let (n, k) = (counts.count(word), counts.count(word, label))
    let share = Double(counts.classTotals[label]) / Double(counts.total)
    // At or below its expectation no count is significant at any level below a half or so.
    return Double(k) > Double(n) * share && exactP(word, label) < correctedLevel
  }

  /// The p̂ on the critical curve for a word in n examples; above 1 where n is too small for any.
  static func criticalShare(_ n: Double, null: Double, criticalZ: Double) -> Double {
    null + criticalZ * (null * (1 - null) / n).squareRoot()
  }

  /// The z that a standard normal variable exceeds with a probability, by bisection.
  static func normalQuantile(upperTail probability: Double) -> Double {
    var (lower, upper) = (-40.0, 40.0)
    for _ in 0..<200 {
      let middle = (lower + upper) / 2
      if erfc(middle / 2.0.squareRoot()) / 2 > probability { lower = middle } else { upper = middle }
    }
    return (lower + upper) / 2
  }
}
