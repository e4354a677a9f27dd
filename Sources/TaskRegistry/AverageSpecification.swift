import Scoring
import Support

/// A mean of a metric over the values of a group, such as the paradigms of BLiMP: each counts alike, however many
/// examples it has.
public struct AverageSpecification: Sendable, Hashable {
  static let keys = ["name", "group", "metric"]

  /// How it is called in results.
  public let name: String
  /// The group of the examples over whose values the mean is taken.
  public let group: String
  /// Nil for the primary metric.
  public let metric: String?

  init(_ value: YAMLValue) throws(GraftError) {
    let record = try value.record("an average", keys: Self.keys)
    guard let named = record["name"], let over = record["group"] else {
      throw value.error(
        "an average needs 'name' and 'group'", hint: "write {name: set-mean, group: paradigm}.")
    }
    (name, group) = (try named.string(), try over.string())
    guard DefinitionFile.isName(name), !name.contains(".") else {
      throw value.error("'\(name)' cannot name an average", hint: "use lower-case letters, digits and '-'.")
    }
    if let other = record["metric"] {
      let text = try other.string()
      metric = text
      _ = try other.location.locating { () throws(GraftError) in try Metrics.registry(text) }
    } else {
      metric = nil
    }
  }
}
