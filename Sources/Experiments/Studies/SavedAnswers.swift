import Records
import Reporting
import Scoring
import Support
import TaskRegistry

extension PredictionsFile {
  /// The answers of a file to examples, in their order.
  /// - Parameters:
  ///   - name: what the examples are of.
  ///   - hint: what to do if the answers are to others.
  /// - Throws: `.missingInput` without the file, `.badData` for answers to other examples.
  static func answers(
    in path: String, to identifiers: [String], of name: String, hint: String
  ) throws(GraftError) -> [Prediction] {
    let lines = try read(path)
    let misplaced = zip(lines, identifiers).enumerated().first { $1.0.identifier != $1.1 }?.offset
    guard misplaced == nil, lines.count == identifiers.count else {
      throw GraftError(
        .badData, "these are not the answers to the examples of '\(name)'", hint: hint,
        location: SourceLocation(file: path, line: (misplaced ?? min(lines.count, identifiers.count)) + 1))
    }
    return lines.map(\.answer)
  }
}

extension TaskDefinition {
  /// What a finished fine-tuning run answered, from the predictions in its folder.
  /// - Parameter identifiers: of the split's examples as they are today.
  /// - Throws: as `PredictionsFile.answers`.
  func savedAnswers(
    in run: String, split: String, to identifiers: [String], hint: String
  ) throws(GraftError) -> [Prediction] {
    try PredictionsFile.answers(
      in: "\(run)/predictions/\(name)-\(split).jsonl", to: identifiers, of: name, hint: hint
    ).map { interpreted($0) }
  }
}
