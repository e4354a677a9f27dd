import Support

/// Something of a metric that can be chosen, `lowercase=true`; a metric declares its options in one line each.
public enum MetricOption<Owner> {
  /// An option called by the first value that is `true` or `false`.
  case flag(String, WritableKeyPath<Owner, Bool>)
  /// An option called by the first value that is a whole number of a range.
  case count(String, WritableKeyPath<Owner, Int>, in: ClosedRange<Int>)

  /// The option's name on the left of `=`.
  public var name: String {
    switch self {
    case .flag(let name, _), .count(let name, _, _): name
    }
  }

  /// The values that make sense, for people.
  var values: String {
    switch self {
    case .flag: "true or false"
    case .count(_, _, let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
  }

  /// - Returns: whether the value is one of those the option takes.
  func set(_ owner: inout Owner, to value: String) -> Bool {
    switch self {
    case .flag(_, let path):
      guard let flag = Bool(value) else { return false }
      owner[keyPath: path] = flag
    case .count(_, let path, let range):
      guard let count = Int(value), range.contains(count) else { return false }
      owner[keyPath: path] = count
    }
    return true
  }
}

extension Metric {
  public static var options: [MetricOption<Self>] { [] }

  /// What `with(options:)` can set.
  public var optionNames: [String] { Self.options.map(\.name) }

  /// The metric with options set, as the command line has them: `lowercase=true`.
  ///
  /// - Throws: `.usage` for an option the metric does not have, or a value the option does not take.
  public func with(options assignments: [String]) throws(GraftError) -> Self {
    var result = self
    for assignment in assignments {
      let sides = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else {
        throw GraftError(
          .usage, "'\(assignment)' sets no option", hint: "write NAME=VALUE, such as lowercase=true.")
      }
      let name = String(sides[0])
      guard let option = Self.options.first(where: { $0.name == name }) else {
        guard !Self.options.isEmpty else {
          throw GraftError(
            .usage, "the metric '\(self.name)' has no options; got '\(assignment)'",
            hint: "Docs/METRICS.md lists the options of every metric.")
        }
        throw .unknownName("option of metric '\(self.name)'", name, known: optionNames)
      }
      guard option.set(&result, to: String(sides[1])) else {
        throw GraftError(
          .usage, "'\(sides[1])' is no value of the option '\(name)' of metric '\(self.name)'",
          hint: "it takes \(option.values).")
      }
    }
    return result
  }
}
