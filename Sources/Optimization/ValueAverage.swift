import Support

/// Which average of the values that are trained is evaluated and kept.
public enum ValueAverage: Sendable, Hashable, CustomStringConvertible {
  /// average ← d · average + (1 − d) · value after each update, with d = min(decay, (t − 1) / (t + 9)) at update t: the
  /// first average is the first value, and early ones forget it soon.
  case moving(decay: Double)
  /// The mean of the values when the held-out loss was found to be stalled and of those after each update since
  /// (non-monotonically triggered ASGD, Merity et al. 2017, algorithm 1). It is stalled when it is worse than the best
  /// that was measured at least so many measurements before the last one.
  case sinceStalled(patience: Int)

  /// Reads `0.999`, or `stalled:5`.
  public init?(argument: String) {
    let prefix = "stalled:"
    if argument.hasPrefix(prefix) {
      guard let patience = Int(argument.dropFirst(prefix.count)), patience > 0 else { return nil }
      self = .sinceStalled(patience: patience)
    } else {
      guard let decay = Double(argument), decay >= 0, decay < 1 else { return nil }
      self = .moving(decay: decay)
    }
  }

  public var description: String {
    switch self {
    case .moving(let decay): NumberText.shortest(decay)
    case .sinceStalled(let patience): "stalled:\(patience)"
    }
  }

  /// The update whose measurement was the first that found the loss stalled; nil if none did.
  ///
  /// Worked example: with a patience of 2, losses 5, 4, 3, 3.5, 3.2, 3.1 of updates 10, 20, 30 … are stalled at 60:
  /// 3.1 is worse than 3, which was the best of the first three.
  /// - Parameter losses: held-out losses with the updates after which they were measured, in their order; one before
  ///   the first update does not count.
  static func stall(_ losses: [(step: Int, loss: Double)], patience: Int) -> Int? {
    let losses = losses.filter { $0.step > 0 }
    for index in losses.indices where index > patience {
      let earlier = losses[..<(index - patience)].map(\.loss).min() ?? .infinity
      if losses[index].loss > earlier { return losses[index].step }
    }
    return nil
  }
}

extension ValueAverage: Codable {
  /// A moving average is its decay, as it was before there was another.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let decay = try? container.decode(Double.self) {
      self = .moving(decay: decay)
      return
    }
    guard let average = Self(argument: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no average of values")
    }
    self = average
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .moving(let decay): try container.encode(decay)
    case .sinceStalled: try container.encode(description)
    }
  }
}
