import Probing
import Support

/// What `graft probe --json` writes; Docs/PROBES.md says what the keys mean.
struct ProbeDocument: Encodable {
  struct Split: Encodable {
    var split: String
    var examples: Int
  }

  struct Task: Encodable {
    var task: String
    var version: Int
    var definitionHash: String
    var classes: [String]
    var fields: [String]
    var trainingSplit: String
    var trainingCount: Int
    var splits: [Split]
    var seed: UInt64
    /// By the probe's name.
    var probes: [String: AnyReport]
  }

  /// Some probe's report.
  struct AnyReport: Encodable {
    var report: any ProbeReport

    func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }
  }

  var format = "graft-probes-1"
  var tasks: [Task] = []
  var selfTests: [SelfTestReport] = []
}
