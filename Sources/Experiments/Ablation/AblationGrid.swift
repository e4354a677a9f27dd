import Checkpointing
import Compute
import Families
import Foundation
import Inference
import ModelKit
import Objectives
import Support
import TaskRegistry
import Tokenization
import Training

/// One model of a grid: how it is pretrained, if it is.
public struct AblationCell: Sendable {
  /// The variation, or the points of the axes with `@` between them.
  public internal(set) var name: String
  /// What of the recipe is not the base's.
  var changes: GridRecipe
  /// Without seed. Of a model that is not pretrained only the shapes and the tokenizer count.
  public internal(set) var job: PretrainingJob
  /// False for a model that is fine-tuned as it was drawn.
  public internal(set) var isPretrained: Bool
  /// How many values the model has.
  public internal(set) var parameters: Int

  /// What of the recipe is not the base's, in a line.
  public var changesText: String { changes.summary }

  var objectiveName: String { isPretrained ? job.plan.objective : GridFile.noObjective }

  /// What a pretraining run may spend, in words.
  var budget: String {
    let settings = job.plan.settings
    if let budget = job.plan.budget { return budget.text }
    return settings.budgetSeconds.map { NumberText.duration($0) } ?? "\(settings.steps ?? 0) updates"
  }

  /// The job with a seed.
  public func seeded(_ seed: UInt64) -> PretrainingJob {
    var job = job
    job.plan.settings.seed = seed
    return job
  }
}

/// What every model of a grid is fine-tuned on.
public struct AblationTuning {
  /// As the grid calls it.
  public internal(set) var name: String
  /// Without start, seed and folder.
  public internal(set) var job: FineTuningJob
  /// The splits of each task that are scored; the first one counts in the average.
  public internal(set) var splits: [[String]]
}

/// The cells of a grid and everything they share.
public struct AblationGrid {
  /// Every cell is trained with each.
  public let seeds: [UInt64]
  /// The first axis changes fastest.
  public let cells: [AblationCell]
  /// Cells of a product whose objective cannot train their backbone, and why.
  public let misfits: [(name: String, reason: String)]
  /// What every pretrained model is scored on, if anything.
  public let evaluation: EvaluationJob?
  /// What every model is fine-tuned on.
  public let tunings: [AblationTuning]
  /// The cell that all others are compared with.
  let baseline: String

  /// - Parameter data: where examples are read.
  /// - Throws: `.badData` at the place in the file for what does not exist; `.missingInput` for absent files.
  public init(_ file: GridFile, reader: any GridRecipeReader, data: DataRoot) throws(GraftError) {
    (seeds, baseline) = (file.seeds, file.baseline)
    var cells: [AblationCell] = []
    var misfits: [(name: String, reason: String)] = []
    for arm in file.arms {
      var job = try reader.pretraining(arm.recipe)
      let (backbone, declarations) = try Families.make(job.plan.model)
      let reason = try arm.location.locating { () throws(GraftError) in
        try Self.misfit(job, backbone)
      }
      if arm.isPretrained, let reason {
        guard file.isProduct, arm.name != file.baseline else {
          throw GraftError(.badData, "'\(arm.name)' does not fit: \(reason)", location: arm.location)
        }
        misfits.append((arm.name, reason))
        continue
      }
      job.plan.settings.becomeStage()
      cells.append(
        AblationCell(
          name: arm.name, changes: arm.changes, job: job, isPretrained: arm.isPretrained,
          parameters: declarations.count))
    }
    try file.requireBaseline()
    (self.cells, self.misfits) = (cells, misfits)
    evaluation = try file.evaluation.map { (recipe) throws(GraftError) in try reader.evaluation(recipe) }
    var tunings: [AblationTuning] = []
    for stage in file.stages {
      var job = try reader.fineTuning(stage.recipe, from: cells[0].job)
      job.plan.settings.becomeStage()
      job.resuming = true
      let splits = try stage.location.locating { [job] () throws(GraftError) in
        try job.tasks.map { (task) throws(GraftError) in
          try evaluationSplits(of: task, job.splits, data, skippingAbsent: job.skipsAbsent)
        }
      }
      tunings.append(AblationTuning(name: stage.name, job: job, splits: splits))
    }
    self.tunings = tunings
  }

  /// Why an objective cannot train a backbone; nil if it can.
  /// - Throws: `.usage` for an objective that does not exist, or whose tokenizer lacks what it needs, whatever the
  ///   backbone.
  private static func misfit(_ job: PretrainingJob, _ backbone: any Backbone) throws(GraftError) -> String? {
    let made = try Objectives.make(
      job.plan.objective, job.plan.objectiveParameters, vocabulary: job.tokenizer.vocabulary)
    do throws(GraftError) {
      _ = try made.loss(of: backbone)
      return nil
    } catch {
      return error.message
    }
  }

  /// - Throws: `.missingInput` that names everything whose data is not here.
  public func requireData(in data: DataRoot) throws(GraftError) {
    var absent = AbsentData(in: data)
    for tuning in tunings where !tuning.job.skipsAbsent {
      for (task, splits) in zip(tuning.job.tasks, tuning.splits) {
        for split in ["train"] + splits { absent.look(for: split, of: task) }
      }
      absent.look(forScoring: [], suites: tuning.job.suites.map(\.definition))
    }
    if let evaluation {
      absent.look(
        forScoring: evaluation.tasks, splits: evaluation.splits, suites: evaluation.suites.map(\.definition))
    }
    try absent.require()
  }

  /// The tasks and suites whose definitions the results depend on.
  public var hashes: [DefinitionHash] {
    let suites = (evaluation?.suites ?? []) + tunings.flatMap(\.job.suites)
    return ((evaluation?.tasks ?? []) + tunings.flatMap(\.job.tasks)).map(\.dataSet.hash)
      + suites.map(\.definition.dataSet.hash)
  }

  /// What must stay as it was for a directory's cells to be comparable, and what may be added to.
  public func definition() throws(GraftError) -> StudyDefinition {
    func text(_ value: some Encodable) throws(GraftError) -> String {
      String(decoding: try JSONFile.encode(value), as: UTF8.self).split(separator: "\n")
        .map { $0.drop { $0 == " " } }.joined(separator: " ")
    }
    func scored(_ tasks: [TaskDefinition], _ suites: [RoutedSuite]) -> String {
      (tasks.map { "\($0.name) \($0.definitionHash)" }
        + suites.map { "\($0.name) as \($0.task.name) \($0.definition.definitionHash)" }).joined(separator: ", ")
    }
    var definition = StudyDefinition()
    definition.recipe["form"] = "recipes"
    for cell in cells {
      var plan = cell.job.plan
      plan.settings.seed = 0
      for index in plan.corpora.indices { plan.corpora[index].path = Paths.name(of: plan.corpora[index].path) }
      plan.initialCheckpoint = plan.initialCheckpoint.map(Paths.name)
      definition.parts["arm \(cell.name)"] =
        "\(cell.isPretrained ? "" : "not pretrained ")\(cell.job.tokenizer.contentHash) \(try text(plan))"
    }
    if let evaluation {
      definition.parts["evaluate"] =
        "\(scored(evaluation.tasks, evaluation.suites)) splits \(evaluation.splits ?? []) limit"
        + " \(evaluation.limit ?? 0) \(evaluation.method.text(evaluation.precision))"
        + " \(evaluation.partialInput?.description ?? "")"
    }
    for tuning in tunings {
      var plan = tuning.job.plan
      // Each model's own, and told by its arm.
      plan.model = ModelConfiguration(family: "", vocabularySize: 0, dropout: 0, sizes: [:])
      plan.settings.seed = 0
      definition.parts["tuning \(tuning.name)"] =
        "\(scored(tuning.job.tasks, tuning.job.suites)) splits \(tuning.splits) \(tuning.job.answers)"
        + " \(tuning.job.strategy) \(try text(plan))"
    }
    return definition
  }
}

extension EvaluationMethod {
  /// What scores depend on, as the definition of a study has it.
  fileprivate func text(_ precision: Precision) -> String {
    switch self {
    case .answers(let options, let inputs, let targets):
      let more = [options.labels.map { "labels \($0)" }, options.scoring.map { "scoring \($0)" }].compactMap(\.self)
      return
        ([
          "lengths \(inputs ?? 0) \(targets) \(options.mode) \(options.strategy) \(precision)"
            + " \(options.layout?.rawValue ?? "")"
        ] + more).joined(separator: " ")
    case .similarity(let inputs): return "lengths \(inputs ?? 0) similarity \(precision)"
    case .harness: return "harness \(precision)"
    }
  }
}

extension TrainingSettings {
  /// Of a stage of a study, which goes on wherever it stops.
  mutating func becomeStage() {
    keep = 1
    checkpointSeconds = 45
  }
}

extension PretrainingBudget {
  /// The budget rounded, with its unit.
  var text: String {
    switch self {
    case .tokens(let count): "\(NumberText.abbreviated(count)) tokens"
    case .operations(let count): "\(NumberText.scientific(count)) FLOPs"
    }
  }
}
