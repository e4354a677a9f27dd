import Foundation
import Records
import Support
import TestSupport
import Testing

@testable import Scoring

/// Metrics of texts against sacrebleu, rouge-score and torchmetrics.
@Suite struct TextMetricTests {
  @Test(arguments: MetricFixtures.shared.squad)
  func squad(_ fixture: MetricFixtures.QuestionAnswering) throws {
    let predictions = fixture.predictions.map { Prediction(text: $0) }
    let references = fixture.references.map { Reference(text: $0[0], alternatives: Array($0.dropFirst())) }
    // The reference counts in single precision.
    #expect(equal(try SQuADExactMatch().score(predictions, references), fixture.exactMatch, within: 1e-6))
    #expect(equal(try SQuADF1().score(predictions, references), fixture.f1, within: 1e-6))
  }

  @Test func squadWordsLoseCaseArticlesAndPunctuation() {
    func words(_ text: String) -> [String] {
      squadWords(text).map { word in word.reduce(into: "") { $0.unicodeScalars.append($1) } }
    }
    #expect(words("The U.S. — a state-of-the-art one") == ["us", "—", "stateoftheart", "one"])
    #expect(words("“the” end") == ["“", "”", "end"])
    #expect(words("An. THE!") == [])
  }

  @Test(.tags(.slow), arguments: MetricFixtures.shared.rouge)
  func rouge(_ fixture: MetricFixtures.Summaries) throws {
    let predictions = fixture.predictions.map { Prediction(text: $0) }
    let references = fixture.references.map { Reference(text: $0[0], alternatives: Array($0.dropFirst())) }
    for (metric, wanted) in fixture.scores {
      let found = try configured(metric).measure(predictions, references, bootstrap: noBootstrap)
      #expect(equal(found.value, wanted.f1), "\(metric)")
      #expect(equal(found.details["precision"], wanted.precision), "\(metric)")
      #expect(equal(found.details["recall"], wanted.recall), "\(metric)")
    }
  }

  /// Of the two subsequences of length 2 the one that drops a word of the first text from its end.
  @Test func commonSubsequences() {
    #expect(commonSubsequence([1, 2, 3, 4], [1, 3, 5, 4]) == [0, 2, 3])
    #expect(commonSubsequence([1, 2, 3], [2, 1, 3]) == [0, 2])
    #expect(commonSubsequence([], [1]) == [])
  }

  @Test func stems() {
    var wrong: [String] = []
    for (word, stem) in TextFixtures.shared.stems {
      let found = String(decoding: porterStem(Array(word.utf8)), as: UTF8.self)
      if found != stem { wrong.append("\(word): \(found), not \(stem)") }
    }
    #expect(
      wrong.isEmpty, "\(wrong.count) of \(TextFixtures.shared.stems.count): \(wrong.sorted().prefix(20))")
  }

  @Test func lowerCase() {
    #expect(lowercased("ΟΔΟΣ ΣΕ") == "οδος σε")
    #expect(
      lowercased("Σ ΑΣ. Α\u{0301}Σ' Σ'Α").unicodeScalars.elementsEqual("σ ας. α\u{0301}ς' σ'α".unicodeScalars)
    )
    #expect(lowercased("İ").unicodeScalars.elementsEqual("i\u{0307}".unicodeScalars))
    #expect(lowercased("STRASSE ẞ") == "strasse ß")
  }

  /// 2,000 pairs with punctuation, numbers and Unicode: all together, in groups of fifty, and a hundred alone.
  @Test(.tags(.slow)) func randomSentencesScoreAsInSacreBLEU() throws {
    let fixtures = TextFixtures.shared
    #expect(fixtures.hypotheses.count == 2000)
    for part in fixtures.parts {
      let predictions = fixtures.hypotheses[part.from..<part.to].map { Prediction(text: $0) }
      let references = fixtures.references[part.from..<part.to].map { Reference(text: $0) }
      for (metric, wanted) in part.scores {
        let found = try configured(metric).score(predictions, references)
        #expect(equal(found, wanted), "\(metric), pairs \(part.from) to \(part.to)")
      }
    }
  }

  @Test(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)))
  func multi30kScoresAsInSacreBLEU() throws {
    let folder = try #require(RealData.root?.path) + "/multi30k"
    let german = try FileContents.lines("\(folder)/test_2016_flickr.de.gz")
    let systems = [
      "source": try FileContents.lines("\(folder)/test_2016_flickr.en.gz"),
      // Without every fifth word.
      "shortened": german.map { line in
        line.split(separator: " ", omittingEmptySubsequences: false).enumerated()
          .filter { $0.offset % 5 != 4 }.map(\.element).joined(separator: " ")
      },
      "capitals": german.map { $0.uppercased() },
    ]
    let references = german.map { Reference(text: $0) }
    #expect(references.count == 1000)
    for (system, scores) in TextFixtures.shared.multi30k {
      let predictions = try #require(systems[system]).map { Prediction(text: $0) }
      for (metric, wanted) in scores {
        #expect(equal(try configured(metric).score(predictions, references), wanted), "\(system), \(metric)")
      }
    }
  }
}
