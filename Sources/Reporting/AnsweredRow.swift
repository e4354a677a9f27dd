import Foundation
import Support

/// What a model answered to a row of a person's own.
public struct AnsweredRow: Sendable, Hashable {
  /// From 0 in the order of the file.
  public var index: Int
  /// The line it begins on, from 1.
  public var line: Int
  /// What the file calls it; nil where it says nothing.
  public var identifier: String?
  /// A label in the task's words, a text or a number; of an answer that is none of the choices what was written.
  public var prediction: String
  /// The same as the task's training file would write it.
  public var fileLabel: String
  /// How probable each of the choices is among them, in their order; empty where nothing was ranked.
  public var probabilities: [Double] = []
  /// What the probabilities are of.
  public var choices: [String] = []
  /// The index of the answer among the choices; nil if it is none, or there is nothing to choose from.
  public var choice: Int?
  /// What the row has, by field.
  public var fields: [String: String] = [:]

  /// An answer without probabilities.
  public init(index: Int, line: Int, identifier: String?, prediction: String, fileLabel: String) {
    (self.index, self.line, self.identifier) = (index, line, identifier)
    (self.prediction, self.fileLabel) = (prediction, fileLabel)
  }

  /// How probable the answer is; nil where nothing was ranked.
  public var probability: Double? {
    choice.flatMap { probabilities.indices.contains($0) ? probabilities[$0] : nil }
  }
}

/// How answers to rows are written.
public enum AnsweredRowFormat: String, Sendable, CaseIterable {
  /// A table with a header: `index`, `id` if the rows have one, `prediction`, `probability`, and a column for each
  /// choice that is the same for all rows. In a cell of `tsv`, `\t`, `\n` and `\r` stand for what would break it.
  case tsv, csv
  /// An object a line, with everything that is known.
  case jsonl
  /// The prediction alone, a line each.
  case lines
  /// What GLUE's server takes: `index` and `prediction`, labels as the task's training file writes them.
  case glue
  /// What SuperGLUE's server takes: objects with `idx` and `label`, labels likewise.
  case superglue

  /// By the end of a file's name; nil for another.
  public init?(path: String) {
    switch path.split(separator: ".").last {
    case "tsv": self = .tsv
    case "csv": self = .csv
    case "jsonl": self = .jsonl
    case "txt": self = .lines
    default: return nil
    }
  }
}

/// Writes answers to rows, one after the other.
public struct AnsweredRowWriter: Sendable {
  private let format: AnsweredRowFormat
  /// The choices that have a column each; empty if they differ from row to row.
  private let choices: [String]
  /// The fields that are written as well.
  private let fields: [String]
  /// Whether the rows have an identifier, which the first decides.
  private var hasIdentifiers: Bool?

  /// - Parameters:
  ///   - choices: the same for all rows, or none.
  ///   - fields: of the rows, written beside the answers.
  public init(_ format: AnsweredRowFormat, choices: [String], fields: [String]) {
    (self.format, self.choices, self.fields) = (format, choices, fields)
  }

  /// The row as text with its end; before the first one the header.
  /// - Throws: as `JSONFile.line`.
  public mutating func text(_ row: AnsweredRow) throws(GraftError) -> String {
    let isFirst = hasIdentifiers == nil
    let hasIdentifiers = hasIdentifiers ?? (row.identifier != nil)
    self.hasIdentifiers = hasIdentifiers
    switch format {
    case .lines: return Self.escaped(row.prediction) + "\n"
    case .glue:
      let index = row.identifier.flatMap { Int($0) } ?? row.index
      return (isFirst ? "index\tprediction\n" : "") + "\(index)\t\(Self.escaped(row.fileLabel))\n"
    case .superglue:
      let line = Submitted(
        idx: row.identifier.flatMap { Int($0) } ?? row.index, label: .init(text: row.fileLabel))
      return String(decoding: try JSONFile.line(line), as: UTF8.self) + "\n"
    case .jsonl: return String(decoding: try JSONFile.line(Line(row, fields: fields)), as: UTF8.self) + "\n"
    case .tsv, .csv:
      let head =
        ["index"] + (hasIdentifiers ? ["id"] : []) + ["prediction"] + (isRanked(row) ? ["probability"] : [])
        + choices.map { "probability:\($0)" } + fields
      return (isFirst ? line(head) : "") + line(cells(row, hasIdentifiers))
    }
  }

  /// Choices that differ from row to row have the probability of the answer alone.
  private func isRanked(_ row: AnsweredRow) -> Bool { !choices.isEmpty || !row.probabilities.isEmpty }

  private func cells(_ row: AnsweredRow, _ hasIdentifiers: Bool) -> [String] {
    func shown(_ value: Double) -> String { NumberText.fixed(value, digits: 6) }
    var cells = ["\(row.index)"] + (hasIdentifiers ? [row.identifier ?? ""] : []) + [row.prediction]
    if isRanked(row) { cells.append(row.probability.map(shown) ?? "") }
    cells += choices.indices.map { row.probabilities.indices.contains($0) ? shown(row.probabilities[$0]) : "" }
    return cells + fields.map { row.fields[$0] ?? "" }
  }

  private func line(_ cells: [String]) -> String {
    format == .csv
      ? cells.map(Self.quoted).joined(separator: ",") + "\n" : cells.map(Self.escaped).joined(separator: "\t") + "\n"
  }

  /// By RFC 4180.
  private static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    return needsQuotes ? "\"\(cell.replacingOccurrences(of: "\"", with: "\"\"", options: .literal))\"" : cell
  }

  /// By scalars: a carriage return and a line feed are one character.
  private static func escaped(_ cell: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in cell.unicodeScalars {
      switch scalar {
      case "\t": result += "\\t".unicodeScalars
      case "\n": result += "\\n".unicodeScalars
      case "\r": result += "\\r".unicodeScalars
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// A line of `jsonl`.
  private struct Line: Encodable {
    var index: Int
    var line: Int
    var id: String?
    var prediction: String
    var probability: Double?
    /// By choice.
    var probabilities: [String: Double]?
    var fields: [String: String]?

    init(_ row: AnsweredRow, fields names: [String]) {
      (index, line, id, prediction) = (row.index, row.line, row.identifier, row.prediction)
      probability = row.probability
      if !row.probabilities.isEmpty {
        probabilities = Dictionary(zip(row.choices, row.probabilities)) { first, _ in first }
      }
      if !names.isEmpty { fields = row.fields.filter { names.contains($0.key) } }
    }
  }

  /// A line of `superglue`, whose labels are texts or, of COPA, whole numbers.
  private struct Submitted: Encodable {
    struct Label: Encodable {
      var text: String

      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let number = Int(text) { try container.encode(number) } else { try container.encode(text) }
      }
    }

    var idx: Int
    var label: Label
  }
}
