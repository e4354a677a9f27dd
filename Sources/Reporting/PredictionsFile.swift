import Foundation
import Records
import Scoring
import Support

/// An answer as it was scored, and what it was compared with; a line of a predictions file.
public struct AnsweredExample: Sendable, Hashable, Codable {
  /// `task/split/row`.
  public var identifier: String
  /// The answer as text.
  public var prediction: String
  /// The right answer as text.
  public var target: String
  /// Further targets that were as right.
  public var alternatives: [String]?
  /// The index of the answer among the choices, nil if it was none of them.
  public var choice: Int?
  /// The index of the right choice, for tasks with choices.
  public var rightChoice: Int?
  /// The right number, for tasks that answer with one.
  public var number: Double?
  /// The log-probability of each choice, if choices were ranked.
  public var choiceScores: [Double]?
  /// The same over the choice's tokens and over its bytes.
  public var choiceScoresPerToken, choiceScoresPerByte: [Double]?
  /// The choices that share the highest score, if several do.
  public var tiedChoices: [Int]?
  /// Of each token of the target in nats, where it was scored.
  public var logProbabilities: [Double]?

  /// An answer as a metric took it, with the reference that it was compared with.
  public init(identifier: String, target: String, answer: Prediction, reference: Reference) {
    self.identifier = identifier
    prediction = answer.text
    self.target = target
    alternatives = reference.alternatives.isEmpty ? nil : reference.alternatives
    choice = answer.choice
    rightChoice = reference.choice
    number = reference.number
    choiceScores = answer.choiceScores
    choiceScoresPerToken = answer.choiceScoresPerToken
    choiceScoresPerByte = answer.choiceScoresPerByte
    tiedChoices = answer.tiedChoices
    logProbabilities = answer.logProbabilities
  }

  /// The answer as metrics take it.
  public var answer: Prediction {
    var answer = Prediction(
      text: prediction, choice: choice, choiceScores: choiceScores, logProbabilities: logProbabilities)
    answer.choiceScoresPerToken = choiceScoresPerToken
    answer.choiceScoresPerByte = choiceScoresPerByte
    answer.tiedChoices = tiedChoices
    return answer
  }

  /// What metrics compare the answer with.
  public var reference: Reference {
    Reference(text: target, alternatives: alternatives ?? [], choice: rightChoice, number: number)
  }
}

extension AnsweredExample {
  /// Whether its scores are numbers to choose by. A choice may be impossible, with a log-probability of minus infinity,
  /// but not all of them.
  var isFinite: Bool {
    let lists = [choiceScores, choiceScoresPerToken, choiceScoresPerByte].compactMap(\.self)
    return number?.isFinite != false
      && lists.allSatisfy { scores in
        scores.allSatisfy { $0 < .infinity } && (scores.isEmpty || scores.contains { $0.isFinite })
      }
  }
}

/// Every answer of a model to one set of examples: `predictions/TASK-SPLIT.jsonl`, an object a line.
public enum PredictionsFile {
  /// Writes the file, and its folder if need be.
  public static func write(_ examples: [AnsweredExample], to path: String) throws(GraftError) {
    try makeFolder(Paths.parent(of: path))
    var lines = JSONLines()
    for example in examples { try lines.append(example) }
    try lines.write(to: path)
  }

  /// - Throws: `.missingInput` without the file, `.badData` with the line that is none of a predictions file,
  ///   `.internalError` with the first example whose scores are not finite.
  public static func read(_ path: String) throws(GraftError) -> [AnsweredExample] {
    try decoded(FileContents.lines(path)[...], path)
  }

  /// The first line alone, which says what the file is about; nil for an empty file.
  public static func first(_ path: String) throws(GraftError) -> AnsweredExample? {
    try decoded(FileContents.lines(path).prefix(1), path).first
  }

  private static func decoded(
    _ lines: ArraySlice<String>, _ path: String
  ) throws(GraftError) -> [AnsweredExample] {
    var examples: [AnsweredExample] = []
    for line in lines {
      let example: AnsweredExample
      do {
        example = try JSONFile.value(AnsweredExample.self, in: line.utf8)
      } catch {
        throw GraftError(
          .badData, "this is no line of a predictions file",
          hint: "`graft finetune`, and `graft evaluate --json FILE`, write such files.",
          location: SourceLocation(file: path, line: examples.count + 1), cause: error)
      }
      guard example.isFinite else {
        throw GraftError(
          .internalError, "the scores of example '\(example.identifier)' are not finite",
          hint: "the model that gave them had diverged; look at it with `graft inspect checkpoint`.",
          location: SourceLocation(file: path, line: examples.count + 1))
      }
      examples.append(example)
    }
    return examples
  }
}
