import Checkpointing
import Foundation
import Support
import TaskRegistry
import Tokenization
import Training

/// What a folder of models that are compared is of.
public enum StudyKind: String, CaseIterable {
  /// Of `ablate`, of `prefixes`, of `transfer`, and of `arena`.
  case grid, laboratory, transfer, arena

  /// The file of a study's folder that says what the study is of.
  public var fileName: String { "\(rawValue).json" }
}

/// What the runs of a study were made with, which its folder holds: a grid's `grid.json`.
public struct StudyDefinition: Codable, Sendable, Hashable {
  /// Must stay as it is, else runs could not be compared.
  var recipe: [String: String] = [:]
  /// Parts by name, such as a grid's objectives: more may come, but none may change.
  var parts: [String: String] = [:]

  init() {}

  /// Of models that are trained by one plan, each with a seed of its own, wherever the model they begin with lies.
  init(plan: FineTuningPlan, tokenizer: Tokenizer) throws(GraftError) {
    var plan = plan
    (plan.initialCheckpoint, plan.initialBase) = (nil, nil)
    plan.settings.seed = 0
    recipe["plan"] = String(decoding: try JSONFile.encode(plan), as: UTF8.self)
    recipe["tokenizer"] = tokenizer.contentHash
  }

  /// Records the definition in a directory, or checks it against what the directory holds.
  /// - Parameters:
  ///   - additions: what can be added, for the hint.
  ///   - hashes: of the tasks and suites; a study that an earlier graft began names them otherwise.
  ///   - recording: false to check only.
  /// - Throws: `.usage` that names what differs.
  public func claim(
    _ directory: String, as kind: StudyKind, additions: String, of hashes: [DefinitionHash], recording: Bool = true
  ) throws(GraftError) {
    let path = "\(directory)/\(kind.fileName)"
    var whole = self
    if FileManager.default.fileExists(atPath: path) {
      let earlier = try JSONFile.read(StudyDefinition.self, from: path).renaming(hashes)
      guard earlier.recipe["form"] == recipe["form"] else {
        throw GraftError(
          .usage, "'\(directory)' was begun by a graft whose \(kind)s had another form",
          hint: "give another `output:`; its tables and results.json stay as they are.")
      }
      let keys = Set(recipe.keys).union(earlier.recipe.keys).sorted()
      let changed =
        keys.first { recipe[$0] != earlier.recipe[$0] }
        ?? parts.keys.sorted().first { earlier.parts[$0] != nil && earlier.parts[$0] != parts[$0] }
      if let changed {
        throw GraftError(
          .usage, "'\(directory)' belongs to another \(kind): '\(changed)' is not what it was",
          hint: "give another `output:`; only \(additions) can be added to a \(kind).")
      }
      whole.parts = earlier.parts.merging(parts) { $1 }
      if whole == earlier || !recording { return }
    }
    try JSONFile.write(whole, to: path)
  }

  /// The definition with what tasks and suites are known by now in place of what they were.
  private func renaming(_ hashes: [DefinitionHash]) -> StudyDefinition {
    func renamed(_ text: String) -> String {
      hashes.reduce(text) { $0.replacingOccurrences(of: $1.former, with: $1.text) }
    }
    var result = self
    (result.recipe, result.parts) = (recipe.mapValues(renamed), parts.mapValues(renamed))
    return result
  }
}

extension StudyDefinition: KindedFile {
  public static let kind = FileKind.study
}
