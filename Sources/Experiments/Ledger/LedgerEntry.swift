import Support

/// One thing that happened to a run; a line of `RunLedger`.
struct LedgerEntry: Codable, Sendable, Hashable {
  enum Event: String, Codable, Sendable {
    /// Training begins, or goes on from a checkpoint or with what comes after training.
    case began, resumed
    case finished, interrupted, failed
    /// Something was added to `results.json` after the run.
    case results
  }

  /// Of the line in its file, from 1.
  var number = 0
  /// SHA-256 of the bytes of the line before, without its end; 64 zeros in the first.
  var previous = ""
  /// ISO 8601, in UTC.
  var time: String
  var event: Event
  /// The run directory as seen from the ledger's folder.
  var run: String
  /// SHA-256 of the files of the run directory that the event is about, by their names.
  var hashes: [String: String]

  // What `run.json` says, where a run begins or goes on.
  /// `pretraining-run` or `fine-tuning-run`.
  var kind: String?
  var command: [String]?
  var seed: UInt64?
  /// Of pretraining.
  var objective: String?
  var corpora: [String]?
  /// That are trained on.
  var tasks: [String]?
  /// What the model begins as; nil for drawn values.
  var checkpoint: String?

  // How it ended.
  /// Nats per target on held-out text.
  var heldOut: Double?
  var bitsPerByte: Double?
  /// On the examples that were kept from training to select the model by.
  var selection: Double?
  /// The first metric of every task and suite, by `task.split.metric`.
  var scores: [String: Double]?
  var error: String?
  /// The exit code of the error.
  var code: Int32?

  init(_ event: Event, run: String, time: String, hashes: [String: String]) {
    (self.event, self.run, self.time, self.hashes) = (event, run, time, hashes)
  }
}
