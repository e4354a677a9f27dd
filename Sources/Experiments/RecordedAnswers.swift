import Foundation
import Records
import Scoring
import Support
import TaskRegistry

/// Answers that were given elsewhere, read from a file in the order of a split's examples: one a line, or a table or
/// JSON lines as `graft predict` writes them, or a file for GLUE's server.
public struct RecordedAnswers: Sendable {
  /// A row of the file.
  private struct Row: Sendable {
    var line: Int
    var answer: String
    /// By choice.
    var probabilities: [String: Double] = [:]
  }

  private static let answerColumns = ["prediction", "label"]
  private static let probabilityPrefix = "probability:"

  private let path: String
  private var rows: [Row] = []

  /// - Throws: `.badData` with the line for what is no such file.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    let lines = try FileContents.lines(path)
    guard let first = lines.first else {
      throw GraftError(.badData, "the file is empty", location: SourceLocation(file: path))
    }
    if first.hasPrefix("{") {
      for (index, line) in lines.enumerated() { rows.append(try object(line, index + 1)) }
    } else if let separator = Self.separator(first) {
      try readTable(separator)
    } else {
      rows = lines.enumerated().map { Row(line: $0.offset + 1, answer: $0.element) }
    }
  }

  /// Of a table, whose header names the answers; nil for plain lines.
  private static func separator(_ header: String) -> UInt8? {
    for separator in ["\t", ","] as [Character] {
      let names = header.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
      if names.count > 1, names.contains(where: answerColumns.contains) { return separator.asciiValue }
    }
    return nil
  }

  private func location(_ line: Int) -> SourceLocation { SourceLocation(file: path, line: line) }

  private func object(_ line: String, _ number: Int) throws(GraftError) -> Row {
    struct Object: Decodable {
      var prediction: Text?
      var label: Text?
      var probabilities: [String: Double]?

      struct Text: Decodable {
        var text: String

        init(from decoder: any Decoder) throws {
          let container = try decoder.singleValueContainer()
          if let text = try? container.decode(String.self) {
            self.text = text
          } else if let truth = try? container.decode(Bool.self) {
            text = truth ? "true" : "false"
          } else {
            text = NumberText.shortest(try container.decode(Double.self))
          }
        }
      }
    }
    let object: Object
    do { object = try JSONFile.value(Object.self, in: line.utf8) } catch {
      throw GraftError(
        .badData, "the line is no JSON object with an answer", hint: "as in {\"prediction\": \"positive\"}.",
        location: location(number), cause: error)
    }
    guard let answer = (object.prediction ?? object.label)?.text else {
      throw GraftError(
        .badData, "the object has neither 'prediction' nor 'label'", hint: "one of them holds the answer.",
        location: location(number))
    }
    return Row(line: number, answer: answer, probabilities: object.probabilities ?? [:])
  }

  private mutating func readTable(_ separator: UInt8) throws(GraftError) {
    var names: [String]?
    var found: [Row] = []
    var records = DelimitedRecords(path: path, separator: separator, quoted: separator == UInt8(ascii: ","))
    try records.forEach(LineReader(try TextInput(path))) { (record) throws(GraftError) in
      let cells = (0..<record.count).map { String(decoding: record[$0], as: UTF8.self) }
      guard let header = names else {
        names = cells
        return
      }
      guard cells.count == header.count else {
        throw GraftError(
          .badData, "the row has \(cells.count) columns, the header \(header.count)",
          hint: "is the file cut short?", location: location(record.line))
      }
      var row = Row(line: record.line, answer: "")
      for (name, cell) in zip(header, cells) {
        if name == "index", Int(cell) != found.count {
          throw GraftError(
            .badData, "the index is \(cell) where \(found.count) is next",
            hint: "answers stand in the order of the split's rows, counted from 0.", location: location(record.line))
        }
        if name.hasPrefix(Self.probabilityPrefix), let value = parsedNumber(cell) {
          row.probabilities[String(name.dropFirst(Self.probabilityPrefix.count))] = value
        }
      }
      row.answer = Self.answerColumns.lazy.compactMap { header.firstIndex(of: $0) }.first.map { cells[$0] } ?? ""
      found.append(row)
    }
    rows = found
  }

  /// The answers as a model would have given them.
  /// - Throws: `.badData` if there are not as many as examples, or probabilities are none.
  public func predictions(_ examples: [Example], task: TaskDefinition) throws(GraftError) -> [Prediction] {
    guard rows.count == examples.count else {
      throw GraftError(
        .badData, "'\(path)' has \(rows.count) answers, there are \(examples.count) examples",
        hint: "answer 1 belongs to example 1 and so on (`graft inspect task \(task.name)` shows them).")
    }
    return try zip(rows, examples).map { (row, example) throws(GraftError) in
      guard let choices = task.choices else { return Prediction(text: row.answer) }
      let word = task.word(ofFileLabel: row.answer)
      guard !row.probabilities.isEmpty else { return Prediction(text: word, choice: task.choice(of: word)) }
      let values = choices.compactMap { row.probabilities[$0] }
      guard values.count == choices.count, values.allSatisfy({ $0 >= 0 }), abs(values.reduce(0, +) - 1) < 0.01 else {
        throw GraftError(
          .badData, "there is no probability for each of \(choices.joined(separator: ", ")), which add up to 1",
          hint: "leave the probabilities out, or give all of them.", location: location(row.line))
      }
      var answer = Prediction(choices, scores: values.map { log($0) })
      // Printed probabilities are rounded; what was answered is not.
      answer.choice = task.choice(of: word) ?? answer.choice
      answer.text = word
      return answer
    }
  }
}
