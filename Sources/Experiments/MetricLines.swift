import Foundation
import Records
import Scoring
import Support

/// Answers and references for a metric from files of lines, line 1 of one beside line 1 of the others.
///
/// What a line holds depends on what the metric reads: a text, empty in a second file of references and those after it
/// where there is no further reference; a text of several sentences, with `\n` between them; a choice; a number; on the
/// side of the answers also the probabilities of the choices or the log-probabilities of the reference's tokens, with
/// white space between them.
public struct MetricLines {
  /// One for each line.
  public private(set) var answers: [Prediction] = []
  /// In the same order.
  public private(set) var references: [Reference] = []

  private let metric: any Metric
  /// What a line holds; the accuracy of texts is one of choices where they are named.
  private let input: MetricInput
  private let predictionsPath: String
  /// In order; empty unless the metric reads choices.
  private var choices: [String] = []

  /// - Parameters:
  ///   - references: several files only for a metric that takes several references.
  ///   - choices: nil for the different lines of the references, sorted.
  /// - Throws: `.badData` with the line that does not hold what the metric reads; `.usage` for choices it cannot use.
  public init(
    _ metric: any Metric, predictions: String, references: [String], choices: [String]?
  ) throws(GraftError) {
    self.metric = metric
    input = metric is Accuracy && choices != nil ? .choices : metric.input
    predictionsPath = predictions
    let answers = try FileContents.lines(predictions)
    guard let first = references.first, references.count == 1 || metric.takesSeveralReferences else {
      throw GraftError(
        .usage, "the metric '\(metric.name)' takes one reference", hint: "give one file of references.")
    }
    var files: [[String]] = []
    for path in references {
      let lines = try FileContents.lines(path)
      guard answers.count == lines.count else {
        throw GraftError(
          .badData, "'\(predictions)' has \(answers.count) lines, '\(path)' \(lines.count)",
          hint: "line 1 is compared with line 1 and so on; is one of the files cut short?")
      }
      files.append(lines)
    }
    let golds = files[0]
    self.choices = try usable(choices, golds)
    let indices = Dictionary(
      uniqueKeysWithValues: self.choices.enumerated().map { (ByteString($0.element), $0.offset) })
    for (index, line) in golds.enumerated() {
      var found = try SourceLocation(file: first, line: index + 1)
        .locating { () throws(GraftError) in try reference(line, indices) }
      found.alternatives = files.dropFirst().map { text($0[index]) }.filter { !$0.isEmpty }
      self.references.append(found)
    }
    for (index, line) in answers.enumerated() {
      self.answers.append(
        try SourceLocation(file: predictions, line: index + 1)
          .locating { () throws(GraftError) in try answer(line, indices) })
    }
  }

  private func usable(_ choices: [String]?, _ golds: [String]) throws(GraftError) -> [String] {
    guard input != .rankedChoices else {
      throw GraftError(
        .usage, "the metric '\(metric.name)' needs how a model ranked the choices",
        hint: "`graft evaluate` gives it, and `graft compare` on its results.")
    }
    guard input == .choices || input == .choiceProbabilities else {
      guard choices == nil else {
        throw GraftError(
          .usage, "the metric '\(metric.name)' compares no choices", hint: "leave out `choices:`.")
      }
      return []
    }
    let found = choices ?? golds.exactlyDistinct.sortedByBytes
    if metric is F1, found.count != 2 {
      throw GraftError(
        .usage, "f1 needs two choices; there are \(found.count)",
        hint: "name them: `choices:` negative,positive; or take macro-f1, which is for any number.")
    }
    guard found.exactlyDistinct.count == found.count else {
      throw GraftError(
        .usage, "a choice stands twice in '\(found.joined(separator: ","))'", hint: "name every choice once.")
    }
    return found
  }

  private func reference(_ line: String, _ indices: [ByteString: Int]) throws(GraftError) -> Reference {
    switch input {
    case .sentences: return Reference(text: text(line))
    case .text, .logProbabilities: return Reference(text: line)
    case .numbers:
      guard let number = parsedNumber(line) else {
        throw GraftError(
          .badData, "'\(line)' is not a number", hint: "a line of the references has one number.")
      }
      return Reference(text: line, number: number)
    case .choices, .rankedChoices, .choiceProbabilities:
      guard let choice = indices[ByteString(line)] else {
        throw GraftError(
          .badData, "'\(line)' is none of the choices",
          hint: "the choices are \(choices.joined(separator: ", ")).")
      }
      return Reference(text: line, choice: choice)
    }
  }

  private func answer(_ line: String, _ indices: [ByteString: Int]) throws(GraftError) -> Prediction {
    switch input {
    case .text, .numbers: return Prediction(text: line)
    case .sentences: return Prediction(text: text(line))
    case .choices, .rankedChoices: return Prediction(text: line, choice: indices[ByteString(line)])
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
        hint: "a line has one for each of \(choices.joined(separator: ", ")); name others by `choices:`.")
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
    input == .sentences ? line.replacingOccurrences(of: "\\n", with: "\n", options: .literal) : String(line)
  }
}
