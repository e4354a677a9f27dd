import Foundation
import Support

/// What the ledger of a folder says, and what in the folder does not fit it.
public struct LedgerReport: Codable, Sendable {
  /// Training that began, and what became of it.
  struct Run: Codable, Sendable {
    enum State: String, Codable, Sendable {
      /// Under way, or ended without a word, as by a crash or a loss of power.
      case open
      case finished, interrupted, failed
    }

    /// Of the entry that it began with.
    var number: Int
    /// The run directory as seen from the folder.
    var run: String
    var kind: String?
    var command: [String]?
    var objective: String?
    var corpora: [String]?
    var tasks: [String]?
    var checkpoint: String?
    var seed: UInt64?
    /// Nil where the entry is missing.
    var began: String?
    var ended: String?
    /// How often it went on after an interruption.
    var resumed = 0
    var state = State.open
    var heldOut: Double?
    var bitsPerByte: Double?
    var selection: Double?
    var scores: [String: Double]?
    var error: String?
    var code: Int32?
    /// Whether its directory is gone, or belongs to a later run.
    var isGone = false
  }

  /// Something that does not fit.
  struct Misfit: Codable, Sendable, Hashable {
    /// Of the ledger.
    var line: Int?
    /// As seen from the folder.
    var run: String?
    var text: String
  }

  public var folder: String
  /// Lines of the ledger.
  public var lines = 0
  /// Of the last line: who keeps it can tell later that nothing up to it was changed.
  public var lastHash = RunLedger.noHash
  var runs: [Run] = []
  var misfits: [Misfit] = []
  /// Lines that a crash cut short.
  var torn: [Int] = []
  /// Folders within this one that have ledgers of their own, with their runs.
  var others: [String] = []
  /// Folders that could not be looked into.
  var closed: [String] = []

  /// Reads the ledger of a folder and looks at the runs that lie in it.
  /// - Parameter expected: the hash of a line, which was kept at an earlier time.
  /// - Throws: `.missingInput` if there is no ledger; `.inputOutput`.
  public init(_ folder: String, expected: String? = nil) throws(GraftError) {
    self.folder = folder
    let path = Paths.join(folder, RunLedger.fileName)
    var scan = RunScan()
    scan.look(in: folder)
    guard FileManager.default.fileExists(atPath: path) else {
      let count = scan.runs.count
      throw GraftError(
        .missingInput,
        "'\(folder)' has no \(RunLedger.fileName)"
          + (count == 0 ? "" : ", and \(count) \(count == 1 ? "run" : "runs") in it"),
        hint: "name the folder that the `output:` of runs lies in; those of before there were ledgers are in none.")
    }
    let (content, isWhole) = try RunLedger.lines(path)
    let hashes = content.map(RunLedger.hash)
    (lines, lastHash) = (content.count, hashes.last ?? RunLedger.noHash)
    var files: [String: [String: String]] = [:]
    for (index, line) in content.enumerated() {
      let number = index + 1
      guard let entry = try? JSONFile.value(LedgerEntry.self, in: line) else {
        // What was cut short before the next line was written has its hash there.
        torn.append(number)
        if isWhole, number == content.count { misfits.append(Misfit(line: number, text: "this is no entry")) }
        continue
      }
      if !isWhole, number == content.count { torn.append(number) }
      check(entry, number, after: index == 0 ? RunLedger.noHash : hashes[index - 1])
      add(entry, number)
      files[entry.run, default: [:]].merge(entry.hashes) { $1 }
    }
    if let expected, !hashes.contains(expected.lowercased()) {
      misfits.append(Misfit(text: "no line has the hash \(expected): the ledger was changed since, or cut off"))
    }
    try look(files)
    let known = Set(runs.map(\.run))
    misfits += scan.runs.filter { !known.contains($0) }.map { Misfit(run: $0, text: "this run has no entry") }
    (others, closed) = (scan.others, scan.closed)
  }

  private mutating func check(_ entry: LedgerEntry, _ number: Int, after hash: String) {
    if entry.previous != hash {
      misfits.append(
        Misfit(
          line: number,
          text: number == 1
            ? "the chain does not begin here: lines before it were removed"
            : "the chain is broken: line \(number - 1) was changed, or lines between them were removed or added"))
    } else if entry.number != number {
      misfits.append(Misfit(line: number, text: "the entry has the number \(entry.number)"))
    }
  }

  private mutating func add(_ entry: LedgerEntry, _ number: Int) {
    guard entry.event != .results else { return }
    var index = runs.lastIndex { $0.run == entry.run }
    if entry.event == .began || index == nil {
      if let index { runs[index].isGone = true }
      runs.append(Run(number: number, run: entry.run))
      index = runs.count - 1
    }
    guard let index else { return }
    var run = runs[index]
    run.kind = entry.kind ?? run.kind
    run.command = entry.command ?? run.command
    run.objective = entry.objective ?? run.objective
    run.corpora = entry.corpora ?? run.corpora
    run.tasks = entry.tasks ?? run.tasks
    run.checkpoint = entry.checkpoint ?? run.checkpoint
    run.seed = entry.seed ?? run.seed
    (run.ended, run.error, run.code) = (nil, entry.error, entry.code)
    switch entry.event {
    case .began: run.began = entry.time
    case .resumed:
      // A trial of which a run was made began elsewhere.
      run.began = run.began ?? entry.time
      (run.resumed, run.state) = (run.resumed + 1, .open)
    case .finished: run.state = .finished
    case .interrupted: run.state = .interrupted
    case .failed: run.state = .failed
    case .results: break
    }
    if run.state != .open { run.ended = entry.time }
    if entry.event == .finished {
      (run.heldOut, run.bitsPerByte) = (entry.heldOut, entry.bitsPerByte)
      (run.selection, run.scores) = (entry.selection, entry.scores)
    }
    runs[index] = run
  }

  /// Compares the files of the runs with their last hashes.
  private mutating func look(_ files: [String: [String: String]]) throws(GraftError) {
    for index in runs.indices where !runs[index].isGone {
      runs[index].isGone = !Paths.isFolder(Paths.join(folder, runs[index].run))
    }
    // A run that is under way writes its files before it says so.
    let open = Set(runs.filter { $0.state == .open && !$0.isGone }.map(\.run))
    for (run, hashes) in files.sorted(by: { $0.key < $1.key }) where !open.contains(run) {
      let directory = Paths.join(folder, run)
      guard Paths.isFolder(directory) else { continue }
      let found = try LedgerFiles.hashes(of: directory)
      for (name, hash) in hashes.sorted(by: { $0.key < $1.key }) where found[name] != hash {
        misfits.append(
          Misfit(
            run: run,
            text: found[name] == nil ? "\(name) was entered and is gone" : "\(name) was changed after it was entered"))
      }
    }
  }
}

extension LedgerReport: KindedFile {
  public static let kind = FileKind.ledger
}

/// The runs that lie in a folder, at any depth.
private struct RunScan {
  /// As seen from the folder, in the order of their names.
  var runs: [String] = []
  /// Folders with ledgers of their own.
  var others: [String] = []
  var closed: [String] = []
  /// Folders of a run that hold no others.
  private static let parts: Set<String> = ["cache", "checkpoints", "model", "predictions"]

  mutating func look(in folder: String, as name: String = "", isRun: Bool = false) {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      closed.append(name)
      return
    }
    for child in names.sorted() where !(isRun && Self.parts.contains(child)) && !child.hasSuffix(PartialFile.suffix) {
      let path = Paths.join(folder, child)
      var status = stat()
      // Links may lead round in a circle.
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
      let run = Paths.join(name, child)
      let isRun = RunKind(ofRun: path) != nil
      if isRun { runs.append(run) }
      if FileManager.default.fileExists(atPath: Paths.join(path, RunLedger.fileName)) {
        others.append(run)
      } else {
        look(in: path, as: run, isRun: isRun)
      }
    }
  }
}
