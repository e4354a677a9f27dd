import Checkpointing
import Families
import Foundation
import ModelKit
import Objectives
import Records
import Support
import TaskRegistry
import Tokenization
import Training

/// A backbone of a grid, built as far as its shapes.
public struct AblationBackbone: Sendable {
  /// As cells are called by it.
  public internal(set) var name: String
  public internal(set) var model: ModelConfiguration
  /// How it is pretrained.
  var settings: TrainingSettings
  var layout: BatchLayout
  /// How many values the model has.
  public internal(set) var parameters: Int
}

/// One model of a grid: an objective, or none, on a backbone.
public struct AblationCell: Sendable {
  /// Nil for the arm without pretraining.
  public internal(set) var objective: AblationObjective?
  /// What is trained.
  public internal(set) var backbone: AblationBackbone

  var objectiveName: String { objective?.name ?? AblationObjective.none }
  /// `OBJECTIVE@BACKBONE`.
  public var name: String { Self.name(objective: objectiveName, backbone: backbone.name) }

  static func name(objective: String, backbone: String) -> String { "\(objective)@\(backbone)" }
}

/// The cells of a grid and everything they share.
public struct AblationGrid: Sendable {
  /// As the file has it.
  public let configuration: AblationConfiguration
  /// Of all cells.
  public let tokenizer: Tokenizer
  /// Objectives within backbones, the arm without pretraining first.
  public let cells: [AblationCell]
  /// Pairs whose layouts do not fit, and why.
  public let misfits: [(name: String, reason: String)]
  /// That every model is fine-tuned on.
  public let tasks: [TaskDefinition]
  /// Each with the task by whose models it is answered.
  public let suites: [RoutedSuite]
  /// Names that `--only` and `baseline` may use.
  public var names: [String] { cells.map(\.name) }

  /// - Parameter note: takes a line for people.
  /// - Throws: `.badData` at the place in the file for what does not exist; `.missingInput` for absent files.
  public init(_ configuration: AblationConfiguration, catalog: TaskCatalog, note: (String) -> Void) throws(GraftError) {
    self.configuration = configuration
    let tokenizer = try Tokenizer(contentsOf: configuration.tokenizer)
    self.tokenizer = tokenizer
    var cells: [AblationCell] = []
    var misfits: [(name: String, reason: String)] = []
    for entry in configuration.backbones {
      let model = try entry.location.locating { () throws(GraftError) in
        try Resources.preset(entry.preset, vocabularySize: tokenizer.vocabulary.size)
      }
      let (made, declarations) = try Families.make(model)
      let backbone = AblationBackbone(
        name: entry.name, model: model, settings: entry.settings, layout: made.layout,
        parameters: declarations.count)
      cells.append(AblationCell(objective: nil, backbone: backbone))
      for objective in configuration.objectives {
        let cell = AblationCell(objective: objective, backbone: backbone)
        if let reason = try Self.misfit(objective, made, tokenizer) {
          misfits.append((cell.name, reason))
        } else {
          cells.append(cell)
        }
      }
    }
    (self.cells, self.misfits) = (cells, misfits)
    guard cells.contains(where: { $0.name == configuration.baseline }) else {
      throw GraftError(
        .badData, "the baseline '\(configuration.baseline)' does not fit",
        hint: misfits.first { $0.name == configuration.baseline }?.reason,
        location: SourceLocation(file: configuration.path))
    }
    var tasks: [TaskDefinition] = []
    for task in configuration.fineTuning.tasks {
      let definition = try task.location.locating { () throws(GraftError) in
        try catalog.task(named: task.name)
      }
      for split in task.splits where !definition.splitNames.contains(split) {
        throw GraftError.unknownName(
          "split of task '\(task.name)'", split, known: definition.splitNames, location: task.location,
          code: .badData)
      }
      tasks.append(definition)
    }
    self.tasks = tasks
    let routing = try SuiteRouting(training: tasks, catalog: catalog)
    suites = try routing.routed(
      try configuration.fineTuning.suites.map { (name) throws(GraftError) in try catalog.suite(named: name) },
      note: note)
  }

  /// Why an objective cannot train a backbone; nil if it can.
  /// - Throws: `.usage` if the tokenizer lacks what the objective needs, whatever the backbone.
  private static func misfit(
    _ objective: AblationObjective, _ backbone: any Backbone, _ tokenizer: Tokenizer
  ) throws(GraftError) -> String? {
    let made = try Objectives.make(
      objective.identifier, objective.parameters, vocabulary: tokenizer.vocabulary)
    do throws(GraftError) {
      _ = try made.loss(of: backbone)
      return nil
    } catch {
      return error.message
    }
  }

  /// What must stay as it was for a directory's cells to be comparable, and what may be added to.
  public func definition() throws(GraftError) -> StudyDefinition {
    let configuration = configuration
    func text(_ value: some Encodable) throws(GraftError) -> String {
      String(decoding: try JSONFile.encode(value), as: UTF8.self).split(separator: "\n")
        .map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
    let fineTuning = configuration.fineTuning
    var definition = StudyDefinition()
    definition.recipe = [
      "tokenizer": tokenizer.contentHash,
      "corpora": try text(
        (configuration.corpora + configuration.taskTexts).map {
          ["\($0.repetition)", Paths.name(of: $0.path)]
        }),
      "sequence-length": "\(configuration.sequenceLength)",
      "merged": "\(configuration.merged)\(configuration.shufflesDocuments == true ? ", shuffled" : "")",
      "cleaning": configuration.cleaning ?? "none",
      "document-boundary": configuration.documentBoundary.rawValue, "text-field": configuration.textField,
      "held-out": "\(configuration.heldOutFraction) \(configuration.heldOutWindows)",
      "embeddings": configuration.embeddings.rawValue, "budget": configuration.budget.exact,
      "finetuning": try text(fineTuning.settings) + " epochs \(fineTuning.epochs ?? 0)"
        + " lengths \(fineTuning.lengths.inputs) \(fineTuning.lengths.targets) \(fineTuning.answers)",
      "suites": suites.map { "\($0.name) \($0.definition.definitionHash)" }.joined(separator: ", "),
    ]
    for cell in cells {
      definition.parts["backbone \(cell.backbone.name)"] =
        try text(cell.backbone.model) + " " + text(cell.backbone.settings)
      guard let objective = cell.objective else { continue }
      definition.parts["objective \(objective.name)"] =
        objective.identifier + " " + (try text(objective.parameters))
    }
    for (task, recipe) in zip(tasks, fineTuning.tasks) {
      definition.parts["task \(task.name)"] =
        "\(task.definitionHash) \(recipe.splits.joined(separator: " ")) limit \(recipe.limit ?? 0)"
    }
    return definition
  }
}
