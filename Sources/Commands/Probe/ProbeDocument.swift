import Probing
import Support

/// What `graft probe --json` writes; Docs/PROBES.md says what the keys mean.
struct ProbeDocument: Codable {
  /// What a file of this form says of itself.
  static let currentFormat = "graft-probes-1"

  struct Split: Codable {
    var split: String
    var examples: Int
  }

  struct Task: Codable {
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
  struct AnyReport: Codable {
    /// Nil for a probe that this graft does not have.
    var report: (any ProbeReport)?

    init(report: any ProbeReport) { self.report = report }

    init(from decoder: any Decoder) throws {
      // Reports stand under the names of their probes.
      let probe = decoder.codingPath.last.flatMap { try? Probes.registry($0.stringValue) }
      report = try probe?.reportType.init(from: decoder)
    }

    func encode(to encoder: any Encoder) throws { try report?.encode(to: encoder) }
  }

  var format = ProbeDocument.currentFormat
  /// As typed, the command first; nil in documents of before they were kept.
  var arguments: [String]?
  var tasks: [Task] = []
  var selfTests: [SelfTestReport] = []

  private enum CodingKeys: String, CodingKey { case format, arguments, tasks, selfTests }

  init() {}

  /// Without self-tests, which are about probes, not about data.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    format = try container.decode(String.self, forKey: .format)
    arguments = try container.decodeIfPresent([String].self, forKey: .arguments)
    tasks = try container.decode([Task].self, forKey: .tasks)
  }
}
