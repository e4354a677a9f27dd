import Examples
import Randomness
import Scoring
import Support

/// What kind of answer a task wants.
public enum TaskOutput: String, Sendable, Hashable, Codable, CaseIterable {
  case choices, text, number
  /// Which of two texts is the likelier: that of `targets` should be, not that of `inputs` (minimal pairs).
  case preference
}

/// A task: where its rows are, how they become prompts and answers, how answers are scored. From a YAML file;
/// see Docs/ADDING-A-TASK.md.
public struct TaskDefinition: Sendable {
  public let name: String
  public let version: Int
  public let tags: [String]
  /// The answers there are, in order; nil unless `output` is `.choices`.
  public let choices: [String]?
  public let output: TaskOutput
  /// The primary metric first.
  public let metricNames: [String]
  public let primaryMetric: String
  public let splitNames: [String]
  public let inputs: TextTemplate
  public let targets: TextTemplate
  public let provenance: [String: String]
  /// SHA-256 of everything that bears on prompts, answers and scores.
  public let definitionHash: String
  /// The file it was read from.
  public let path: String

  let reference: String?
  let source: RowSource
  let preprocess: [PreprocessorStep]

  /// What an unlabelled row is to answer, as in T5.
  public static let unlabelledTarget = "<unk>"

  /// Fields that rows have after preprocessing, label included.
  public var fieldNames: [String] {
    var names = Set(source.settings.fields.map { Array($0.keys) } ?? [])
    for split in source.splits.values {
      if case .parts(let parts, _) = split {
        for part in parts { names.formUnion(source.fieldNames(of: part)) }
      }
    }
    for step in preprocess { names.formUnion(step.preprocessor.addedFields) }
    return names.sorted()
  }

  /// The name of the label field.
  public var labelField: String { source.settings.labelField }

  /// The rows of a split as prompts and answers, in the order of the files.
  ///
  /// - Parameter limit: at most this many, always the same and spread over the whole split.
  /// - Throws: `.missingInput` for absent files, `.badData` with file and line for rows that cannot be used,
  ///   `.usage` for an unknown split.
  public func examples(
    split: String, data root: DataRoot, limit: Int? = nil
  ) throws(GraftError) -> [Example] {
    var examples: [Example] = []
    for row in limited(try source.rows(split, root), to: limit) {
      examples.append(
        try row.location.locating { () throws(GraftError) in
          let fields = try preprocessed(row.fields, label: labelField)
          let target = row.isLabelled ? try targets.rendered(fields) : Self.unlabelledTarget
          if row.isLabelled, choices != nil, choice(of: target) == nil {
            throw GraftError(.badData, "the answer '\(target)' is none of the choices of task '\(name)'")
          }
          return Example(
            identifier: "\(name)/\(split)/\(row.number)", inputs: try inputs.rendered(fields),
            targets: target, fields: fields, groups: row.groups)
        })
    }
    return examples
  }

  /// The index of the choice a text is, to the byte; nil if it is none.
  public func choice(of text: String) -> Int? {
    choices?.firstIndex { $0.utf8.elementsEqual(text.utf8) }
  }

  func preprocessed(
    _ fields: [String: String], label: String
  ) throws(GraftError) -> [String: String] {
    var fields = fields
    for step in preprocess { try step.preprocessor.apply(to: &fields, label: label) }
    return fields
  }
}

/// The rows whose keyed numbers are the smallest, in their old order: spread over the whole, and a smaller
/// limit gives a subset of a larger one's.
func limited(_ rows: [LabelledRow], to limit: Int?) -> [LabelledRow] {
  guard let limit, limit < rows.count else { return rows }
  let key = RandomKey(seed: 0).folded("limit")
  let ranked = rows.indices.map { index in
    let drawn = key.folded(rows[index].number)
    return (rank: UInt64(drawn.word0) << 32 | UInt64(drawn.word1), index: index)
  }
  let chosen = ranked.sorted { $0 < $1 }.prefix(max(0, limit)).map(\.index).sorted()
  return chosen.map { rows[$0] }
}
