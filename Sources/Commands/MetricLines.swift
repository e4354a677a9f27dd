import Examples
import Foundation
import Scoring
import Support

/// Answers and references for a metric from two files of lines, line 1 of one beside line 1 of the other.
///
/// What a line holds depends on what the metric reads: a text, with tabs between several references; a text of several
/// sentences, with `\n` between them; a choice; a number; on the side of the answers also the probabilities of the
/// choices or the log-probabilities of the reference's tokens, with white space between them.
struct MetricLines {
  private(set) var answers: [Prediction] = []
  private(set) var references: [Reference] = []

  private let metric: any Metric
  private let predictionsPath: String
  private let referencesPath: String
  /// In order; empty unless the metric reads choices.
  private var choices: [String] = []

  /// - Parameter choices: nil for the different lines of the references, sorted.
  /// - Throws: `.badData` with the line that does not hold what the metric reads; `.usage` for choices it cannot use.
  init(
    _ metric: any Metric, predictions: String, references: String, choices: [String]?
  ) throws(GraftError) {
    self.metric = metric
    predictionsPath = predictions
    referencesPath = references
    let answers = try FileContents.lines(predictions)
    let golds = try FileContents.lines(references)
    guard answers.count == golds.count else {
      throw GraftError(
        .badData, "'\(predictions)' has \(answers.count) lines, '\(references)' \(golds.count)",
        hint: "line 1 is compared with line 1 and so on; is one of the files cut short?")
    }
    self.choices = try usable(choices, golds)
    let indices = Dictionary(uniqueKeysWithValues: self.choices.enumerated().map { ($0.element, $0.offset) })
    for (index, line) in golds.enumerated() {
      self.references.append(
        try SourceLocation(file: references, line: index + 1)
          .locating { () throws(GraftError) in try reference(line, indices) })
    }
    for (index, line) in answers.enumerated() {
      self.answers.append(
        try SourceLocation(file: predictions, line: index + 1)
          .locating { () throws(GraftError) in try answer(line, indices) })
    }
  }

  private func usable(_ choices: [String]?, _ golds: [String]) throws(GraftError) -> [String] {
    guard metric.input == .choices || metric.input == .choiceProbabilities else {
      guard choices == nil else {
        throw GraftError(
          .usage, "the metric '\(metric.name)' compares no choices", hint: "leave out --choices.")
      }
      return []
    }
    let found = choices ?? Array(Set(golds)).sorted()
    if metric is F1, found.count != 2 {
      throw GraftError(
        .usage, "f1 needs two choices; there are \(found.count)",
        hint: "name them: --choices negative,positive; or take macro-f1, which is for any number.")
    }
    guard Set(found).count == found.count else {
      throw GraftError(
        .usage, "a choice stands twice in '\(found.joined(separator: ","))'", hint: "name every choice once.")
    }
    return found
  }

  private func reference(_ line: String, _ indices: [String: Int]) throws(GraftError) -> Reference {
    switch metric.input {
    case .text where metric.takesSeveralReferences, .sentences:
      let texts = line.split(separator: "\t", omittingEmptySubsequences: false).map { text($0) }
      return Reference(text: texts[0], alternatives: Array(texts.dropFirst()))
    case .text, .logProbabilities: return Reference(text: line)
    case .numbers:
      guard let number = parsedNumber(line) else {
        throw GraftError(
          .badData, "'\(line)' is not a number", hint: "a line of the references has one number.")
      }
      return Reference(text: line, number: number)
    case .choices, .choiceProbabilities:
      guard let choice = indices[line] else {
        throw GraftError(
          .badData, "'\(line)' is none of the choices",
          hint: "the choices are \(choices.joined(separator: ", ")).")
      }
      return Reference(text: line, choice: choice)
    }
  }

  private func answer(_ line: String, _ indices: [String: Int]) throws(GraftError) -> Prediction {
    switch metric.input {
    case .text, .numbers: return Prediction(text: line)
    case .sentences: return Prediction(text: text(line))
    case .choices: return Prediction(text: line, choice: indices[line])
    case .choiceProbabilities: return try ranked(line)
    case .logProbabilities:
      let values = try numbers(line)
      if let wrong = values.first(where: { $0 > 0 }) {
        throw GraftError(
          .badData, "\(wrong) is no log-probability, which is at most 0",
          hint: "a line has the natural logarithm of the probability of each token.")
      }
      return Prediction(text: line, logProbabilities: values)
    }
  }

  private func ranked(_ line: String) throws(GraftError) -> Prediction {
    let values = try numbers(line)
    guard values.count == choices.count else {
      throw GraftError(
        .badData, "\(values.count) probabilities for \(choices.count) choices",
        hint: "a line has one for each of \(choices.joined(separator: ", ")); name others by --choices.")
    }
    // Printed probabilities are rounded.
    guard values.allSatisfy({ $0 >= 0 }), abs(values.reduce(0, +) - 1) < 0.01 else {
      throw GraftError(
        .badData, "the line holds no probabilities: they are from 0 to 1 and add up to 1",
        hint: "log-probabilities have to be exponentiated first.")
    }
    let best = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    return Prediction(text: choices[best], choice: best, choiceScores: values.map { log($0) })
  }

  private func numbers(_ line: String) throws(GraftError) -> [Double] {
    var values: [Double] = []
    for word in line.split(whereSeparator: \.isWhitespace) {
      guard let value = parsedNumber(String(word)) else {
        throw GraftError(
          .badData, "'\(word)' is not a number", hint: "write numbers with white space between them.")
      }
      values.append(value)
    }
    return values
  }

  private func text(_ line: some StringProtocol) -> String {
    metric.input == .sentences ? line.replacingOccurrences(of: "\\n", with: "\n") : String(line)
  }
}
