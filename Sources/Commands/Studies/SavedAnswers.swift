import Examples
import Reporting
import Scoring
import Support
import TaskRegistry

extension TaskDefinition {
  /// What a finished fine-tuning run answered, from the predictions in its folder.
  /// - Parameters:
  ///   - identifiers: of the split's examples as they are today.
  ///   - hint: what to do if the answers are to other examples.
  /// - Throws: `.missingInput` without the file, `.badData` for answers to other examples.
  func savedAnswers(
    in run: String, split: String, to identifiers: [String], hint: String
  ) throws(GraftError) -> [Prediction] {
    let path = "\(run)/predictions/\(name)-\(split).jsonl"
    let lines = try PredictionsFile.read(path)
    let misplaced = zip(lines, identifiers).enumerated().first { $1.0.identifier != $1.1 }?.offset
    guard misplaced == nil, lines.count == identifiers.count else {
      throw GraftError(
        .badData, "these are not the answers to the examples of '\(name)'", hint: hint,
        location: SourceLocation(file: path, line: (misplaced ?? min(lines.count, identifiers.count)) + 1))
    }
    return lines.map { interpreted($0.answer) }
  }
}
