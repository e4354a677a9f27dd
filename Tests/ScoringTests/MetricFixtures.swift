import Foundation
import Records
import Support
import Testing

@testable import Scoring

/// What scikit-learn, scipy, sacrebleu, rouge-score and torchmetrics said; see Tests/Fixtures/scoring.
struct MetricFixtures: Decodable {
  struct Classification: Decodable, CustomTestStringConvertible {
    var name: String
    var gold: [Int]
    var predicted: [Int]
    var accuracy: Double
    var matthews: Double
    var f1: Double?
    var macro: Averages
    var micro: Averages
    var testDescription: String { name }

    var predictions: [Prediction] {
      predicted.map { Prediction(text: "\($0)", choice: $0 < 0 ? nil : $0) }
    }
    var references: [Reference] { gold.map { Reference(text: "\($0)", choice: $0) } }
  }
  struct Averages: Decodable {
    var f1: Double
    var precision: Double
    var recall: Double
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
    /// By metric, and `lowercase` after it where that option is on.
    var scores: [String: Double]
    var testDescription: String { name }
  }
  struct QuestionAnswering: Decodable, CustomTestStringConvertible {
    var name: String
    var predictions: [String]
    var references: [[String]]
    var exactMatch: Double
    var f1: Double
    var testDescription: String { name }
  }
  struct Summaries: Decodable, CustomTestStringConvertible {
    var name: String
    var predictions: [String]
    var references: [[String]]
    /// By metric, and `stemmer` after it where that option is on.
    var scores: [String: Averages]
    var testDescription: String { name }
  }
  struct Calibration: Decodable, CustomTestStringConvertible {
    var name: String
    var probabilities: [[Double]]
    var gold: [Int]
    var bins: Int
    var error: Double
    var testDescription: String { name }
  }
  struct LanguageModel: Decodable, CustomTestStringConvertible {
    var name: String
    var logProbabilities: [[Double]]
    var texts: [String]
    var perplexity: Double?
    var bitsPerByte: Double?
    var testDescription: String { name }
  }
  /// The exact permutation test and the percentile interval of a difference.
  struct Paired: Decodable, CustomTestStringConvertible {
    var name: String
    var first: [Double]
    var second: [Double]
    var gold: [Double]
    var difference: Double
    var p: Double
    var lower: Double
    var upper: Double
    var testDescription: String { name }
  }
  struct PairedTexts: Decodable {
    var first: [String]
    var second: [String]
    var references: [String]
    /// By metric and test, `bleu ar`.
    var p: [String: Double]
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
  var squad: [QuestionAnswering]
  var rouge: [Summaries]
  var calibration: [Calibration]
  var languageModel: [LanguageModel]
  var paired: [Paired]
  var pairedTexts: PairedTexts

  static let shared = decoded(MetricFixtures.self, "metrics.json")
}

/// Larger fixtures: texts of every script, words, and what a file of Multi30k scores.
struct TextFixtures: Decodable {
  struct Part: Decodable {
    var from: Int
    var to: Int
    var scores: [String: Double]
  }
  var stems: [String: String]
  var hypotheses: [String]
  var references: [String]
  var parts: [Part]
  var multi30k: [String: [String: Double]]

  static let shared = decoded(TextFixtures.self, "texts.json.gz")
}

private func decoded<Fixtures: Decodable>(_ type: Fixtures.Type, _ name: String) -> Fixtures {
  let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/scoring/\(name)").path
  do {
    return try JSONDecoder().decode(type, from: Data(FileContents.read(path)))
  } catch {
    preconditionFailure("the fixture \(path) is not readable: \(error)")
  }
}
