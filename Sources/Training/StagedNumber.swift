import Support

/// A whole number that changes at shares of a run, as it is written: `32`, or `8,32@30%`, which is 8 until three tenths
/// of the run are over and 32 from there on.
///
/// The share is that of the updates, or of the time where a budget of time ends the run: the share that learning rates
/// follow, too.
public struct StagedNumber: Sendable, Codable, Hashable, CustomStringConvertible {
  /// A value and where it begins.
  public struct Stage: Sendable, Codable, Hashable {
    /// The share of the run that is over then, from 0 up to, but not including, 1.
    public var from: Double
    /// The number from there on.
    public var value: Int
  }

  /// By where they begin; the first at 0.
  public let stages: [Stage]

  /// One value throughout.
  public init(_ value: Int) { stages = [Stage(from: 0, value: value)] }

  /// Nil for text of another form, or stages that do not follow each other.
  public init?(argument: String) {
    var stages: [Stage] = []
    for text in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
      guard let value = Int(parts[0]), parts.count == (stages.isEmpty ? 1 : 2) else { return nil }
      var from = 0.0
      if let last = stages.last {
        guard let share = Share(argument: parts[1]), share.value > last.from, share.value < 1 else { return nil }
        from = share.value
      }
      stages.append(Stage(from: from, value: value))
    }
    self.stages = stages
  }

  /// Which stage a run is in of which a share is over.
  public func index(at progress: Double) -> Int { stages.lastIndex { $0.from <= progress } ?? 0 }
  /// The value of that stage.
  public func value(at progress: Double) -> Int { stages[index(at: progress)].value }

  /// The greatest value of all stages.
  public var largest: Int { stages.reduce(0) { max($0, $1.value) } }
  /// The least value of all stages.
  public var smallest: Int { stages.reduce(.max) { min($0, $1.value) } }
  /// Whether there is one stage only.
  public var isConstant: Bool { stages.count == 1 }
  /// Over the whole run.
  public var mean: Double {
    let ends = stages.dropFirst().map(\.from) + [1]
    return isConstant
      ? Double(stages[0].value) : zip(stages, ends).reduce(0) { $0 + Double($1.0.value) * ($1.1 - $1.0.from) }
  }

  /// As it is written.
  public var description: String {
    stages.map { $0.from == 0 ? "\($0.value)" : "\($0.value)@\(Share($0.from))" }.joined(separator: ",")
  }
}
