import Checkpointing
import Reporting
import StressTesting
import Support

/// What `graft stress make` did, as it is written to `report.json`.
public struct StressMakeReport: Codable {
  /// In the folder of the suites.
  public static let fileName = "report.json"

  /// What came of a set.
  public struct Entry: Codable {
    /// nil if it was not written.
    public var suite: String?
    /// What was made and found.
    public var audit: StressAudit

    /// - Parameter suite: nil if it was not written.
    public init(suite: String?, audit: StressAudit) { (self.suite, self.audit) = (suite, audit) }
  }

  var task: String
  var taskHash: String
  var split: String
  var seed: UInt64
  var limit: Int?
  /// In the order they were made.
  public var sets: [Entry] = []

  /// - Parameter limit: examples of the split at most; nil for all.
  public init(task: String, taskHash: String, split: String, seed: UInt64, limit: Int?) {
    (self.task, self.taskHash, self.split, self.seed, self.limit) = (task, taskHash, split, seed, limit)
  }

  /// A row per set.
  public var table: Table {
    var table = Table([
      .init("set"), .init("offered", .right), .init("made", .right), .init("in training", .right),
      .init("labels"), .init("written as"),
    ])
    for entry in sets {
      let audit = entry.audit
      let labels = audit.labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
        separator: ", ")
      let name = entry.suite.map { $0 + (audit.isRejected ? " (rejected)" : "") } ?? "rejected"
      table.append([
        audit.set, "\(audit.offered)", "\(audit.made)", "\(audit.made - audit.count)", labels, name,
      ])
    }
    return table
  }

  /// A row per finding and per reason why a transform did not apply.
  public var reasons: Table {
    var table = Table([.init("set"), .init("what"), .init("")])
    for entry in sets {
      let audit = entry.audit
      for finding in audit.findings {
        table.append([
          audit.set, finding.check.rawValue + (finding.isRejection ? ": rejects" : ""), finding.detail,
        ])
      }
      for (reason, count) in audit.notApplicable.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        table.append([audit.set, "not applicable", "\(count): \(reason)"])
      }
    }
    return table
  }

  /// Whether a file is the report of a run that wrote no suite.
  public static func isOfNothing(_ path: String) -> Bool {
    (try? JSONFile.read(StressMakeReport.self, from: path))?.isEmpty ?? false
  }

  /// Whether there is no suite.
  var isEmpty: Bool { sets.allSatisfy { $0.suite == nil } }

  /// Why nothing was written, and what to do; nil if something was.
  /// - Parameter isTogether: whether everything was to be one suite.
  public func nothingWritten(isTogether: Bool) -> GraftError? {
    guard isEmpty else { return nil }
    let reasons = sets.map { entry -> String in
      let audit = entry.audit
      if audit.made == 0 {
        let most = audit.notApplicable.min { ($1.value, $0.key) < ($0.value, $1.key) }
        return "\(audit.set) applies to none of \(audit.offered) examples"
          + (most.map { " (\($0.key))" } ?? "")
      }
      if audit.count == 0 { return "all \(audit.made) rows of \(audit.set) occur in the training split" }
      let first = audit.findings.first { $0.isRejection && $0.check != .trainingOverlap }
      return "\(audit.set): \(first?.detail ?? "rejected")"
    }
    let shown = reasons.prefix(3).joined(separator: "; ") + (reasons.count > 3 ? " …" : "")
    let isMade = sets.contains { $0.audit.count > 0 }
    let hint =
      !isMade
      ? "take another `transform:`, `split:` or a larger `limit:`."
      : isTogether
        ? "add transforms that lead to the other labels, such as `lexical`; `keep-rejected:` writes it all the same."
        : "`together:` NAME makes one balanced suite of transforms that lead to different labels; "
          + "`keep-rejected:` writes what is rejected, marked as such."
    return GraftError(.badData, "no suite was written: \(shown)", hint: hint)
  }
}

extension StressMakeReport: KindedFile {
  public static let kind = FileKind.stressSets
}
