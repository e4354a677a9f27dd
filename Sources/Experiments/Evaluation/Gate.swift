import Reporting
import Support

/// What a model has to pass before it is used, as a file for continuous integration: what to evaluate it on, and the
/// conditions its scores have to meet.
///
/// ```yaml
/// gate: nli-release
/// version: 1
/// tasks: [nli]
/// suites: [hans, monli]
/// expectations:
///   - nli.snli-test.accuracy >= 0.55
///   - {condition: "hans.accuracy[label=non-entailment] >= 0.1", because: word overlap must not decide alone}
/// ```
public struct Gate: Sendable {
  /// A condition that has to be met.
  public struct Expectation: Sendable {
    public var requirement: Requirement
    /// Why it is asked.
    public var reason: String?

    public init(requirement: Requirement, reason: String? = nil) {
      (self.requirement, self.reason) = (requirement, reason)
    }
  }

  static let keys = ["gate", "version", "tasks", "suites", "expectations"]

  public let name: String
  public let tasks: [String]
  public let suites: [String]
  public let expectations: [Expectation]

  /// - Throws: `.missingInput` without the file, `.badData` with line and column for what does not hold in it.
  public init(path: String) throws(GraftError) {
    let root = try YAMLValue.file(path)
    let record = try root.record("a gate", keys: Self.keys)
    func needed(_ key: String) throws(GraftError) -> YAMLValue {
      guard let value = record[key] else {
        throw root.error("the gate lacks the key '\(key)'", hint: "Docs/STRESS-SUITES.md shows one.")
      }
      return value
    }
    name = try needed("gate").string()
    let version = try needed("version")
    guard try version.integer() == 1 else { throw version.error("a gate has version 1") }
    tasks = try record["tasks"]?.strings() ?? []
    suites = try record["suites"]?.strings() ?? []
    var expectations: [Expectation] = []
    let list = try needed("expectations")
    for element in try list.list() { expectations.append(try Self.expectation(element)) }
    guard !expectations.isEmpty else { throw list.error("a gate without expectations lets everything pass") }
    self.expectations = expectations
  }

  private static func expectation(_ value: YAMLValue) throws(GraftError) -> Expectation {
    func requirement(_ value: YAMLValue) throws(GraftError) -> Requirement {
      let text = try value.string()
      return try value.location.locating { () throws(GraftError) in try Requirement(text) }
    }
    guard value.isMapping else { return Expectation(requirement: try requirement(value)) }
    let record = try value.record("an expectation", keys: ["condition", "because"])
    guard let condition = record["condition"] else { throw value.error("an expectation needs 'condition'") }
    return Expectation(
      requirement: try requirement(condition), reason: try record["because"]?.string())
  }
}
