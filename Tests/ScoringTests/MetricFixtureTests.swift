import Foundation
import Records
import Support
import TestSupport
import Testing

@testable import Scoring

func equal(_ left: Double?, _ right: Double?, within tolerance: Double = 1e-12) -> Bool {
  switch (left, right) {
  case (nil, nil): true
  case (let left?, let right?): abs(left - right) <= tolerance * max(1, abs(right))
  default: false
  }
}

let noBootstrap = BootstrapOptions(resamples: 0)

@Suite struct MetricFixtureTests {
  @Test(arguments: MetricFixtures.shared.classification)
  func classification(_ fixture: MetricFixtures.Classification) throws {
    let (predictions, references) = (fixture.predictions, fixture.references)
    #expect(equal(try Accuracy().score(predictions, references), fixture.accuracy))
    #expect(equal(try Matthews().score(predictions, references), fixture.matthews))
    if let f1 = fixture.f1 { #expect(equal(try F1().score(predictions, references), f1)) }
    for (average, wanted) in [(AveragedF1.Average.macro, fixture.macro), (.micro, fixture.micro)] {
      let found = try AveragedF1(average).measure(predictions, references, bootstrap: noBootstrap)
      #expect(equal(found.value, wanted.f1), "\(average)")
      #expect(equal(found.details["precision"], wanted.precision), "\(average)")
      #expect(equal(found.details["recall"], wanted.recall), "\(average)")
    }
  }

  @Test func invalidAnswersAreMissed() throws {
    let predictions = [0, 1, 1, nil].map { Prediction(text: "", choice: $0) }
    let references = [0, 0, 1, 2].map { Reference(text: "", choice: $0) }
    #expect(equal(try AveragedF1(.macro).score(predictions, references), 4.0 / 9))
    #expect(equal(try AveragedF1(.micro).score(predictions, references), 4.0 / 7))
  }

  @Test(arguments: MetricFixtures.shared.correlation)
  func correlation(_ fixture: MetricFixtures.Correlation) throws {
    let predictions = fixture.predicted.map { Prediction(text: "\($0)") }
    let references = fixture.gold.map { Reference(text: "\($0)", number: $0) }
    let pearson = try Pearson().measure(predictions, references, bootstrap: noBootstrap)
    let spearman = try Spearman().measure(predictions, references, bootstrap: noBootstrap)
    #expect(equal(pearson.value, fixture.pearson))
    #expect(equal(spearman.value, fixture.spearman))
  }

  @Test(.tags(.slow), arguments: MetricFixtures.shared.translation)
  func translation(_ fixture: MetricFixtures.Translation) throws {
    let predictions = fixture.hypotheses.map { Prediction(text: $0) }
    let references = fixture.references.map { Reference(text: $0) }
    for (metric, wanted) in fixture.scores {
      #expect(equal(try configured(metric).score(predictions, references), wanted), "\(metric)")
    }
  }

  @Test(arguments: MetricFixtures.shared.calibration)
  func calibration(_ fixture: MetricFixtures.Calibration) throws {
    let predictions = fixture.probabilities.map { row in
      Prediction(
        text: "", choice: row.firstIndex(of: row.max() ?? 0), choiceScores: row.map { Foundation.log($0) })
    }
    let references = fixture.gold.map { Reference(text: "\($0)", choice: $0) }
    let found = try CalibrationError(bins: fixture.bins).score(predictions, references)
    #expect(equal(found, fixture.error))
  }

  @Test func calibrationNeedsProbabilities() throws {
    let generated = [Prediction(text: "a", choice: 0)]
    let score = try CalibrationError().measure(
      generated, [Reference(text: "a", choice: 0)], bootstrap: noBootstrap)
    #expect(score.value == nil)
  }

  @Test(arguments: MetricFixtures.shared.languageModel)
  func languageModel(_ fixture: MetricFixtures.LanguageModel) throws {
    let predictions = fixture.logProbabilities.map { Prediction(text: "", logProbabilities: $0) }
    let references = fixture.texts.map { Reference(text: $0) }
    let perplexity = try Perplexity().measure(predictions, references, bootstrap: noBootstrap)
    let bitsPerByte = try BitsPerByte().measure(predictions, references, bootstrap: noBootstrap)
    #expect(equal(perplexity.value, fixture.perplexity))
    #expect(equal(bitsPerByte.value, fixture.bitsPerByte))
    #expect(throws: GraftError.self) {
      try Perplexity().score([Prediction(text: "a")], [Reference(text: "a")])
    }
  }

  @Test func tokenizers() {
    for fixture in MetricFixtures.shared.tokens {
      // Compared by scalars: String equality would let é pass for e with an accent.
      #expect(
        BLEUTokenizer.mteval13a.words(fixture.text) == fixture.mteval13a.map { Array($0.unicodeScalars) },
        "13a on '\(fixture.text)'")
      #expect(
        BLEUTokenizer.international.words(fixture.text)
          == fixture.international.map { Array($0.unicodeScalars) },
        "intl on '\(fixture.text)'")
    }
  }

  @Test func studentQuantiles() {
    for fixture in MetricFixtures.shared.student {
      let quantile = studentQuantile(0.975, degreesOfFreedom: fixture.freedom)
      #expect(equal(quantile, fixture.quantile, within: 1e-9), "\(fixture.freedom)")
    }
  }

  @Test func signatures() {
    #expect(BLEU().signature == "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:graft-1")
    #expect(BLEU(tokenizer: .international).signature.contains("|tok:intl|"))
    #expect(BLEU(tokenizer: .characters, lowercase: true).signature.contains("|case:lc|eff:no|tok:char|"))
    for entry in Metrics.registry.entries { #expect(entry.plugin.name == entry.name) }
  }

  /// An option that leaves the signature as it was would make two different figures look comparable.
  @Test func everyOptionShowsInTheSignature() throws {
    let values = ["bins": "7", "lowercase": "true", "stemmer": "true"]
    for metric in Metrics.registry.entries.map(\.plugin) {
      for option in metric.optionNames {
        let value = try #require(values[option], "no value to try for the option \(option)")
        #expect(try metric.with(options: ["\(option)=\(value)"]).signature != metric.signature)
      }
    }
  }

  @Test func wrongOptionsAreRefused() throws {
    func message(_ metric: any Metric, _ option: String) -> String {
      do throws(GraftError) {
        _ = try metric.with(options: [option])
        return ""
      } catch {
        return "\(error.code) \(error)"
      }
    }
    #expect(message(BLEU(), "lowercas=true").contains("did you mean 'lowercase'?"))
    #expect(message(BLEU(), "lowercase=yes").contains("true or false"))
    #expect(message(BLEU(), "lowercase").contains("NAME=VALUE"))
    #expect(message(CalibrationError(), "bins=0").contains("from 1 to 1000"))
    #expect(message(Accuracy(), "lowercase=true").hasPrefix("usage the metric 'accuracy' has no options"))
  }
}

/// A metric as the fixtures name it: `bleu lowercase`, `rouge-1 stemmer`.
func configured(_ name: String) throws(GraftError) -> any Metric {
  let words = name.split(separator: " ").map(String.init)
  return try Metrics.registry(words[0]).with(options: words.dropFirst().map { "\($0)=true" })
}
