import Probing
import Support

/// What `graft probe --json` writes; Docs/PROBES.md says what the keys mean.
public struct ProbeDocument: Codable {
  /// What a file of this form says of itself.
  public static let currentFormat = "graft-probes-1"

  /// How many examples a split has.
  public struct Split: Codable {
    public var split: String
    public var examples: Int

    public init(split: String, examples: Int) { (self.split, self.examples) = (split, examples) }
  }

  /// What the probes found in a task.
  public struct Task: Codable {
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

    public init(
      task: String, version: Int, definitionHash: String, classes: [String], fields: [String], trainingSplit: String,
      trainingCount: Int, splits: [Split], seed: UInt64, probes: [String: AnyReport]
    ) {
      (self.task, self.version, self.definitionHash) = (task, version, definitionHash)
      (self.classes, self.fields, self.splits) = (classes, fields, splits)
      (self.trainingSplit, self.trainingCount) = (trainingSplit, trainingCount)
      (self.seed, self.probes) = (seed, probes)
    }
  }

  /// Some probe's report.
  public struct AnyReport: Codable {
    /// Nil for a probe that this graft does not have.
    var report: (any ProbeReport)?

    public init(report: any ProbeReport) { self.report = report }

    public init(from decoder: any Decoder) throws {
      // Reports stand under the names of their probes.
      let probe = decoder.codingPath.last.flatMap { try? Probes.registry($0.stringValue) }
      report = try probe?.reportType.init(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws { try report?.encode(to: encoder) }
  }

  public var format = ProbeDocument.currentFormat
  /// As typed, the command first; nil in documents of before they were kept.
  public var arguments: [String]?
  public var tasks: [Task] = []
  public var selfTests: [SelfTestReport] = []

  private enum CodingKeys: String, CodingKey { case format, arguments, tasks, selfTests }

  public init() {}

  /// Without self-tests, which are about probes, not about data.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    format = try container.decode(String.self, forKey: .format)
    arguments = try container.decodeIfPresent([String].self, forKey: .arguments)
    tasks = try container.decode([Task].self, forKey: .tasks)
  }
}

extension ProbeDocument: KindedFile {
  public static let kind = FileKind.probes
}
