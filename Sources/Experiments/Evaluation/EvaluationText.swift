import Corpus
import Foundation
import Records
import Support
import TaskRegistry

extension Example {
  /// What a person wrote: the fields of the prompt without its frame, or all candidates where these are the task.
  func writtenTexts(of task: TaskDefinition) -> [String] {
    let fields = task.textFields
    guard fields.isEmpty else { return fields.map { self.fields[$0] ?? "" } }
    return candidates?.flatMap { [$0.inputs, $0.targets] } ?? [inputs]
  }
}

/// The texts of tasks, suites and files that a model is to be evaluated on.
public struct EvaluationTextReader {
  private let catalog: TaskCatalog
  private let data: DataRoot
  /// Takes a line for people.
  private let note: (String) -> Void

  /// - Parameter note: takes a line for people.
  public init(catalog: TaskCatalog, data: DataRoot, note: @escaping (String) -> Void) {
    (self.catalog, self.data, self.note) = (catalog, data, note)
  }

  /// Of a task all splits with labels but `train`, of a suite all; what of them is not here is left out with a note.
  /// Of a file each document, of plain text each line.
  /// - Throws: `.missingInput` if no split of a task or suite is here, `.usage` for a name that is none.
  public func texts(_ names: [String]) throws(GraftError) -> [EvaluationTexts] {
    var result: [EvaluationTexts] = []
    for name in names { result += try texts(name) }
    return result
  }

  private func texts(_ name: String) throws(GraftError) -> [EvaluationTexts] {
    if catalog.taskNames.contains(name) {
      let task = try catalog.task(named: name)
      return try texts(name, task.scoredSplits) { (split) throws(GraftError) in
        try task.examples(split: split, data: data).map { $0.writtenTexts(of: task) }
      }
    }
    if catalog.suiteNames.contains(name) {
      let suite = try catalog.suite(named: name)
      let task = try catalog.task(named: suite.through)
      return try texts(name, suite.splitNames.filter { !$0.hasSuffix("train") }) { (split) throws(GraftError) in
        try suite.examples(through: task, split: split, data: data).map { $0.writtenTexts(of: task) }
      }
    }
    guard FileManager.default.fileExists(atPath: name) else {
      throw .unknownName("task, suite or file", name, known: catalog.taskNames + catalog.suiteNames)
    }
    return [EvaluationTexts(name: name, examples: try file(name).map { [$0] })]
  }

  private func texts(
    _ name: String, _ splits: [String], _ read: (String) throws(GraftError) -> [[String]]
  ) throws(GraftError) -> [EvaluationTexts] {
    var result: [EvaluationTexts] = []
    var absence: GraftError?
    for split in splits {
      do throws(GraftError) {
        result.append(EvaluationTexts(name: "\(name)/\(split)", examples: try read(split)))
      } catch {
        guard error.code == .missingInput else { throw error }
        absence = error
        note("decontamination: \(name)/\(split) is left out: \(error.message)")
      }
    }
    if result.isEmpty, let absence { throw absence }
    guard !result.isEmpty else {
      throw GraftError(.usage, "'\(name)' has no split to be evaluated on", hint: "leave it out.")
    }
    return result
  }

  private func file(_ path: String) throws(GraftError) -> [String] {
    var texts: [String] = []
    var options = CorpusOptions()
    options.invalidUTF8 = .replace
    let reader = try DocumentReader(path: path, options: options)
    let isText = reader.isPlainText
    var rest = ""
    try reader.forEachPiece { (piece) throws(GraftError) in
      rest += String(decoding: piece.bytes, as: UTF8.self)
      guard piece.endsDocument else { return }
      texts += isText ? rest.split(whereSeparator: \.isNewline).map(String.init) : [rest]
      rest = ""
    }
    return texts
  }
}
