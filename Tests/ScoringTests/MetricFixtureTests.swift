import Examples
import Foundation
import Testing

@testable import Scoring

/// What scikit-learn, scipy and sacrebleu said; see Tests/Fixtures/metrics.
struct MetricFixtures: Decodable {
  struct Classification: Decodable, CustomTestStringConvertible {
    var name: String
    var gold: [Int]
    var predicted: [Int]
    var accuracy: Double
    var matthews: Double
    var f1: Double?
    var testDescription: String { name }
  }
  struct Correlation: Decodable, CustomTestStringConvertible {
    var name: String
    var gold: [Double]
    var predicted: [Double]
    var pearson: Double?
    var spearman: Double?
    var testDescription: String { name }
  }
  struct Translation: Decodable, CustomTestStringConvertible {
    var name: String
    var hypotheses: [String]
    var references: [String]
    var bleu: Double
    var international: Double
    var chrf: Double
    var testDescription: String { name }
    enum CodingKeys: String, CodingKey {
      case name, hypotheses, references, bleu, chrf
      case international = "bleu-intl"
    }
  }
  struct Tokens: Decodable {
    var text: String
    var mteval13a: [String]
    var international: [String]
    enum CodingKeys: String, CodingKey {
      case text
      case mteval13a = "13a"
      case international = "intl"
    }
  }
  struct Student: Decodable {
    var freedom: Int
    var quantile: Double
  }
  var classification: [Classification]
  var correlation: [Correlation]
  var translation: [Translation]
  var tokens: [Tokens]
  var student: [Student]

  static let shared: MetricFixtures = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/metrics/metrics.json")
    do {
      return try JSONDecoder().decode(MetricFixtures.self, from: Data(contentsOf: path))
    } catch {
      preconditionFailure("the fixture \(path.path) is not readable: \(error)")
    }
  }()
}

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
    let predictions = fixture.predicted.map { Prediction(text: "\($0)", choice: $0 < 0 ? nil : $0) }
    let references = fixture.gold.map { Reference(text: "\($0)", choice: $0) }
    #expect(equal(try Accuracy().score(predictions, references), fixture.accuracy))
    #expect(equal(try Matthews().score(predictions, references), fixture.matthews))
    if let f1 = fixture.f1 { #expect(equal(try F1().score(predictions, references), f1)) }
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

  @Test(arguments: MetricFixtures.shared.translation)
  func translation(_ fixture: MetricFixtures.Translation) throws {
    let predictions = fixture.hypotheses.map { Prediction(text: $0) }
    let references = fixture.references.map { Reference(text: $0) }
    #expect(equal(try BLEU().score(predictions, references), fixture.bleu))
    #expect(
      equal(
        try BLEU(tokenizer: .international).score(predictions, references), fixture.international))
    #expect(equal(try ChrF().score(predictions, references), fixture.chrf))
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
    for entry in Metrics.table.entries { #expect(entry.plugin.name == entry.name) }
  }
}
