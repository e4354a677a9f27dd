import Records
import Scoring
import Support

/// What kind of answer a task wants.
public enum TaskOutput: String, Sendable, Hashable, Codable, CaseIterable {
  /// One of some choices, any text, a number.
  case choices, text, number
  /// Which of two texts is the likelier: that of `targets` should be, not that of `inputs` (minimal pairs).
  case preference
}

/// A task: where its rows are, how they become prompts and answers, how answers are scored. From a YAML file;
/// see Docs/ADDING-A-TASK.md.
public struct TaskDefinition: DataSetDefinition {
  /// Its rows and metrics.
  public internal(set) var dataSet: DataSet
  /// What an answer is.
  public let output: TaskOutput
  /// Filled from a row's fields, what the model reads.
  public internal(set) var inputs: TextTemplate
  /// Filled from a row's fields, what the model should answer.
  public internal(set) var targets: TextTemplate
  /// The name of the rendering it is in; nil for its own.
  public internal(set) var rendering: String?
  /// What its prompts show of a row; nil for all of it.
  public internal(set) var partialInput: PromptRestriction?
  /// How a decoder is to be shown its prompts and answers, if not as it was trained on tasks in general.
  public internal(set) var layout: TextLayout?

  /// The answers there are as the file writes them, filled from the row where they have fields.
  let choiceTemplates: [TextTemplate]?
  let postprocess: PostprocessorStep?
  let reference: String?
  /// Fields with further right answers.
  let alternatives: [String]
  let renderings: [String: Rendering]

  /// Whether a metric reads how likely the right answer is.
  public var readsLogProbabilities: Bool {
    metricNames.contains { (try? Metrics.registry($0))?.input == .logProbabilities }
  }

  /// What an unlabelled row is to answer, as in T5.
  public static let unlabelledTarget = "<unk>"

  /// How its answers are found and told right from wrong.
  enum Answering: Sendable {
    /// A text or a number to be written, or a preference between two texts.
    case free
    /// One of the same words for every row.
    case fixed([String])
    /// One of the row's own candidates.
    case candidates([TextTemplate])
    /// A text that a postprocessor judges to mean one of these.
    case judged([String], any Postprocessor)
  }

  var answering: Answering {
    guard let choiceTemplates else { return .free }
    if let postprocess { return .judged(choiceTemplates.map(\.text), postprocess.postprocessor) }
    return choicesVary ? .candidates(choiceTemplates) : .fixed(choiceTemplates.map(\.text))
  }

  /// The answers there are, in order; nil unless they are the same for every row and the model gives one of them.
  public var choices: [String]? { if case .fixed(let words) = answering { words } else { nil } }

  /// The answers there are as the task's file has them, with fields in braces where they differ from row to row.
  public var choiceTexts: [String] { choiceTemplates?.map(\.text) ?? [] }

  /// Whether every row has candidates of its own, of which the likeliest is the answer.
  public var choicesVary: Bool {
    guard let choiceTemplates, postprocess == nil else { return false }
    return choiceTemplates.contains { !$0.fields.isEmpty } || inputs.fields.contains(labelField)
  }

  /// Whether candidates differ in what the model reads, so that it cannot write its answer.
  public var isForRankingOnly: Bool { choicesVary && inputs.fields.contains(labelField) }

  /// The splits that answers are scored on unless others are asked for: all with labels but `train`.
  public var scoredSplits: [String] { splitNames.filter { $0 != "train" && source.isLabelled($0) } }

  /// What stands for the task where one split is enough: `validation`, else `test`, else the first that is not for
  /// training.
  public var evaluationSplit: String? {
    ["validation", "test"].first(where: splitNames.contains) ?? splitNames.first { $0 != "train" }
  }

  /// The fields of the prompt in its order, each once, without the label.
  public var textFields: [String] {
    var distinct: [String] = []
    for field in inputs.fields where field != labelField && !distinct.contains(field) {
      distinct.append(field)
    }
    return distinct
  }

  /// The index of the choice that a model's text is, to the byte; nil if it is none. What is right of an example is its
  /// `choice`.
  public func choice(of text: String) -> Int? { choices?.exactIndex(of: text) }
}
