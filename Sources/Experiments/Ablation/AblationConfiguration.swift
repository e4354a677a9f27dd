import Corpus
import Inference
import Support
import Training

/// A backbone as a grid names it.
public struct AblationPreset: Sendable {
  var name: String
  /// A preset's name or its file.
  var preset: String
  /// The grid's settings, with what the entry changes.
  var settings: TrainingSettings
  var location: SourceLocation
}

/// What every pretraining run of a grid may spend.
public enum AblationBudget: Sendable, Hashable {
  /// Positions, inputs and targets together.
  case tokens(Double)
  /// Floating-point operations of matrix products.
  case operations(Double)
  /// Of training.
  case seconds(Double)

  /// Without rounding.
  var exact: String {
    switch self {
    case .tokens(let count): "tokens \(count)"
    case .operations(let count): "flops \(count)"
    case .seconds(let seconds): "seconds \(seconds)"
    }
  }
}

/// An objective of a grid: one of Graft's under a name of its own, so that it can occur twice.
public struct AblationObjective: Sendable, Hashable {
  var name: String
  var identifier: String
  var parameters: [String: Double]

  /// What a grid calls the arm without pretraining.
  static let none = "none"
}

/// A task that every model of a grid is fine-tuned on.
public struct AblationTask: Sendable, Hashable {
  /// As in the catalogue.
  public var name: String
  /// The splits that are scored; the first one counts in the average.
  public var splits: [String]
  /// Training examples at most.
  var limit: Int?
  var location: SourceLocation
}

/// The one recipe of fine-tuning.
public struct AblationFineTuning: Sendable {
  /// In the order of the table.
  public internal(set) var tasks: [AblationTask] = []
  var suites: [String] = []
  /// Nil if the settings have steps.
  var epochs: Double?
  var lengths = SequenceLengths.standard
  var answers = AnswerMode.rank
  var settings = TrainingSettings.fineTuning
}

/// A grid of pretraining experiments, as its YAML file has it; see Docs/ABLATE.md.
public struct AblationConfiguration: Sendable {
  var path: String
  var tokenizer: String
  var corpora: [CorpusShare]
  /// Tasks whose training prompts are read as text, too.
  public internal(set) var taskTexts: [CorpusShare]
  /// The same as files, once they are written.
  public var taskFiles: [CorpusShare] = []
  var sequenceLength = StagedNumber(SequenceLengths.standard.inputs)
  var merged = true
  var shufflesDocuments: Bool?
  var cleaning: String?
  var documentBoundary = DocumentBoundary.wholeFile
  /// Of JSON, the field that holds the text.
  public internal(set) var textField = CorpusOptions.standard.textField
  var heldOutFraction = CorpusOptions.standard.heldOutFraction
  var heldOutWindows = PretrainingPlan.standardHeldOutWindows
  var embeddings = EmbeddingInitialization.drawn
  var budget: AblationBudget
  /// Every cell is trained with each.
  public internal(set) var seeds: [UInt64]
  var objectives: [AblationObjective]
  var backbones: [AblationPreset]
  /// The cell that all others are compared with.
  var baseline: String
  /// How every model is fine-tuned.
  public internal(set) var fineTuning: AblationFineTuning

  /// The plan of one pretraining run.
  public func pretrainingPlan(_ cell: AblationCell, seed: UInt64) -> PretrainingPlan? {
    guard let objective = cell.objective else { return nil }
    var plan = PretrainingPlan(
      objective: objective.identifier, backbone: cell.backbone.name, model: cell.backbone.model,
      corpora: corpora + taskFiles)
    plan.objectiveParameters = objective.parameters
    plan.length = sequenceLength
    plan.shufflesDocuments = shufflesDocuments
    plan.merged = merged
    plan.cleaning = cleaning
    plan.documentBoundary = documentBoundary
    plan.textField = textField
    plan.heldOutFraction = heldOutFraction
    plan.heldOutWindows = heldOutWindows
    plan.embeddings = embeddings
    plan.settings = cell.backbone.settings
    plan.settings.seed = seed
    switch budget {
    case .tokens(let count): plan.budget = .tokens(count)
    case .operations(let count): plan.budget = .operations(count)
    case .seconds(let seconds): plan.settings.budgetSeconds = seconds
    }
    return plan
  }

  /// The plan of one fine-tuning run.
  /// - Parameter checkpoint: nil for the arm without pretraining.
  func fineTuningPlan(
    _ cell: AblationCell, task: AblationTask, seed: UInt64, checkpoint: String?
  ) -> FineTuningPlan {
    var plan = FineTuningPlan(
      tasks: [task.name], initialCheckpoint: checkpoint, model: cell.backbone.model)
    plan.lengths = fineTuning.lengths
    plan.epochs = fineTuning.epochs
    plan.limit = task.limit
    plan.settings = fineTuning.settings
    plan.settings.seed = seed
    return plan
  }
}
