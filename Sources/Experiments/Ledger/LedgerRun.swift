import Foundation
import Reporting
import Support
import Training

/// The entries of one run in the ledger of its folder. What cannot be written there is told and costs the run nothing:
/// hours of training are worth more than their line, and a run without one shows.
final class LedgerRun {
  private let ledger: RunLedger
  private let directory: String
  private let note: @Sendable (String) -> Void
  /// Whether training began. What failed before tried nothing and leaves no run.
  private var isBegun = false

  init(_ ledger: RunLedger, directory: String, note: @escaping @Sendable (String) -> Void) {
    (self.ledger, self.directory, self.note) = (ledger, directory, note)
  }

  /// What `run.json` says of a run of either kind.
  private struct Manifest: Decodable {
    struct Configuration: Decodable {
      struct Corpus: Decodable { var path: String }
      struct Supervised: Decodable { var tasks: [String] }
      var objective: String?
      var corpora: [Corpus]?
      var supervised: Supervised?
      var tasks: [String]?
      var initialCheckpoint: String?
    }
    var kind: String?
    var arguments: [String]
    var seed: UInt64
    var configuration: Configuration
  }

  /// Says that training begins; `run.json` is there.
  func begin(resuming: Bool) {
    isBegun = true
    enter(resuming ? .resumed : .began) { (entry) throws(GraftError) in
      let path = "\(directory)/\(LedgerFiles.manifest)"
      let manifest = try JSONFile.read(Manifest.self, from: path)
      (entry.kind, entry.command, entry.seed) = (manifest.kind, manifest.arguments, manifest.seed)
      let configuration = manifest.configuration
      (entry.objective, entry.checkpoint) = (configuration.objective, configuration.initialCheckpoint)
      entry.corpora = configuration.corpora?.map(\.path)
      entry.tasks = configuration.tasks ?? configuration.supervised?.tasks
    }
  }

  /// Says that the run is done, and what it came to.
  func finish(_ outcome: RunOutcome) {
    enter(.finished) { (entry) in
      (entry.heldOut, entry.bitsPerByte) = (outcome.heldOut, outcome.bitsPerByte)
      (entry.selection, entry.scores) = (outcome.selection, outcome.scores)
    }
  }

  /// Says why the run ended.
  func end(_ error: GraftError) {
    guard isBegun else { return }
    enter(error.code == .interrupted || error.code == .terminated ? .interrupted : .failed) { (entry) in
      (entry.error, entry.code) = (error.message, error.code.rawValue)
    }
  }

  /// Says that `results.json` is another than at the end of the run.
  func addResults() { enter(.results) { _ in } }

  private func enter(_ event: LedgerEntry.Event, _ fill: (inout LedgerEntry) throws(GraftError) -> Void) {
    do throws(GraftError) {
      var entry = LedgerEntry(
        event, run: ledger.name(of: directory), time: Date.now.ISO8601Format(),
        hashes: try LedgerFiles.hashes(of: directory))
      try fill(&entry)
      try ledger.append(entry)
    } catch {
      note("note: '\(directory)' goes on, but \(event.rawValue) is not in the ledger: \(error)")
    }
  }
}

/// The files of a run directory whose hashes a ledger has.
enum LedgerFiles {
  static let manifest = "run.json"
  static let results = "results.json"

  /// Those that are there.
  static func hashes(of directory: String) throws(GraftError) -> [String: String] {
    var hashes: [String: String] = [:]
    for name in [manifest, results] {
      let path = "\(directory)/\(name)"
      if FileManager.default.fileExists(atPath: path) { hashes[name] = try ContentHash.ofFile(path) }
    }
    return hashes
  }
}

/// What a run came to, in the few figures that a ledger has.
struct RunOutcome: Sendable {
  /// Nats per target on held-out text.
  var heldOut: Double?
  var bitsPerByte: Double?
  /// On the examples that were kept from training to select the model by.
  var selection: Double?
  var scores: [String: Double]?
}

extension RunOutcome {
  /// Where held-out text was measured last.
  init(_ result: PretrainingResult) {
    (heldOut, bitsPerByte) = (result.heldOut.last?.lossPerToken, result.heldOut.last?.bitsPerByte)
  }

  /// The first metric, which is the primary one, of every split and suite.
  init(_ results: [ResultEntry]) {
    var seen: Set<[String]> = []
    var scores: [String: Double] = [:]
    for entry in results where entry.group.isEmpty && seen.insert([entry.task, entry.split]).inserted {
      scores["\(entry.task).\(entry.split).\(entry.metric)"] = entry.score
    }
    self.scores = scores.isEmpty ? nil : scores
  }
}

extension Surroundings {
  /// The same for the runs of a command, which are entered in the ledger of the folder that `output` lies in.
  public func entering(runsOf output: String) -> Surroundings {
    var surroundings = self
    surroundings.ledger = RunLedger(folder: Paths.parent(of: Paths.place(output)))
    return surroundings
  }

  /// Enters that something was added to the `results.json` in a folder after its runs.
  public func enterResults(of folder: String) {
    ledger.map { LedgerRun($0, directory: folder, note: note) }?.addResults()
  }

  /// Does a run, with its events shown, logged and entered in the ledger.
  /// - Parameters:
  ///   - phase: what its progress lines start with.
  ///   - body: trains, and does all that belongs to the run directory; gives its result and what of it is entered.
  func run<Result>(
    in directory: String, phase: String, _ body: (RunReporter) throws(GraftError) -> (Result, RunOutcome)
  ) throws(GraftError) -> Result {
    // What one rank shows, logs and enters is enough.
    let run = world.isRoot ? ledger.map { LedgerRun($0, directory: directory, note: note) } : nil
    let reporter = RunReporter(
      phase: phase, directory: world.isRoot ? directory : nil, progress: world.isRoot ? makeProgressLine() : nil,
      ledger: run)
    do throws(GraftError) {
      let (result, outcome) = try body(reporter)
      run?.finish(outcome)
      return result
    } catch {
      run?.end(error)
      throw error
    }
  }
}
