import Experiments
import Foundation
import Support

/// The folders of commands that go on where an earlier process stopped.
extension CommandOutput {
  /// A run directory; of several seeds, one for each is in it, and of trials one for each of these.
  static func run(_ path: String, _ kind: RunKind) -> CommandOutput? {
    folder(path) { names in
      if let found = RunKind(ofRun: path) { return found == kind }
      let hasRuns = kind == .fineTuning && names.contains { $0.hasPrefix("seed-") || $0.hasPrefix("trial-") }
      return hasRuns && names.isDisjoint(with: studies) || isBegun(path, names)
    }
  }

  static func study(_ path: String, _ kind: StudyKind) -> CommandOutput? {
    folder(path) { names in
      names.contains(kind.fileName) || !names.contains("run.json") && isBegun(path, names)
    }
  }

  private static let studies = Set(StudyKind.allCases.map(\.fileName))

  /// A folder that holds no more than what is made before a run or study is written down.
  private static func isBegun(_ path: String, _ names: Set<String>) -> Bool {
    if names.isSubset(of: ["cache", RunLock.fileName]) {
      return !names.contains(RunLock.fileName) || RunLock.isUnwritten(in: path) || RunLock.wasHeld(in: path)
    }
    return names.isDisjoint(with: studies) && RunLock.wasHeld(in: path)
  }
}
