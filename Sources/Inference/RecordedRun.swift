import Checkpointing
import Corpus
import Records
import TaskRegistry

/// What the `run.json` of a fine-tuning run says of what its model has read: some of the keys of `FineTuningPlan`.
struct RecordedFineTuning: Codable, Sendable {
  var tasks: [String]
  var initialCheckpoint: String?
  var model: RecordedModel
  var limit: Int?
  var partialInput: PromptRestriction?
  var lengths: SequenceLengths?
  var taskFolders: [String]?
  var dataFolder: String?
}

/// The same of a pretraining run: some of the keys of `PretrainingPlan`.
struct RecordedPretraining: Codable, Sendable {
  struct Corpus: Codable, Sendable {
    var path: String
  }

  struct Supervised: Codable, Sendable {
    var tasks: [String]
  }

  var objective: String
  var initialCheckpoint: String?
  var model: RecordedModel
  var corpora: [Corpus]
  var documentBoundary: DocumentBoundary
  var textField: String
  /// Nil for what each file turns out to be.
  var format: CorpusFormat?
  var invalidUTF8: InvalidUTF8Policy?
  var supervised: Supervised?
}

/// How the model of a run was shown texts.
struct RecordedModel: Codable, Sendable {
  var reading: TextReading?
}
