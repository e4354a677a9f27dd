import Support

/// How often what is held out is measured on the way: `500` updates, `10%` of the run, `5m` of training, or `never`.
public enum EvaluationInterval: Sendable, Hashable, CustomStringConvertible {
  case updates(Int)
  /// Of the run, above 0 and at most 1.
  case share(Double)
  /// Of training time.
  case seconds(Double)
  /// At the end alone.
  case never

  /// Nil for other text. A length of time has a unit; `0` is `never`.
  public init?(argument: String) {
    if argument == "never" || argument == "0" {
      self = .never
    } else if let count = Int(argument), count > 0 {
      self = .updates(count)
    } else if let share = Share(argument: argument), share.value > 0 {
      self = .share(share.value)
    } else if argument.last?.isLetter == true, let time = TimeBudget(argument: argument) {
      self = .seconds(time.seconds)
    } else {
      return nil
    }
  }

  /// As it is written.
  public var description: String {
    switch self {
    case .updates(let count): "\(count)"
    case .share(let share): Share(share).description
    case .seconds(let seconds): "\(NumberText.shortest(seconds))s"
    case .never: "never"
    }
  }
}

extension TrainingSettings {
  /// How often what is held out is measured on the way.
  public var evaluation: EvaluationInterval {
    get {
      if let evaluationShare { return .share(evaluationShare) }
      if let evaluationSeconds { return .seconds(evaluationSeconds) }
      return evaluationInterval.map(EvaluationInterval.updates) ?? .never
    }
    set {
      (evaluationInterval, evaluationShare, evaluationSeconds) = (nil, nil, nil)
      switch newValue {
      case .updates(let count): evaluationInterval = count
      case .share(let share): evaluationShare = share
      case .seconds(let seconds): evaluationSeconds = seconds
      case .never: break
      }
    }
  }

  /// Whether a measurement is due after an update. Of a share of updates that depends on the step alone, so that a run
  /// that is resumed measures where it would have; of time, and of a share of a budget of time, on the last one.
  /// - Parameters:
  ///   - elapsed: training time so far, in seconds.
  ///   - last: the same at the last measurement; nil if there was none.
  func isEvaluationDue(step: Int, elapsed: Double, last: Double?) -> Bool {
    guard step > 0 else { return false }
    switch evaluation {
    case .updates(let count): return step % count == 0
    case .seconds(let seconds): return elapsed - (last ?? 0) >= seconds
    case .share(let share):
      if let budgetSeconds { return elapsed - (last ?? 0) >= share * budgetSeconds }
      func part(_ step: Int) -> Int { Int(Double(step) / (share * Double(max(1, steps ?? 1))) + 1e-9) }
      return part(step) > part(step - 1)
    case .never: return false
    }
  }
}
