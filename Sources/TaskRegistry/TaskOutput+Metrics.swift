import Scoring

extension TaskOutput {
  /// Whether answers of this kind hold what a metric reads.
  func provides(_ input: MetricInput) -> Bool {
    switch input {
    case .text, .sentences: true
    case .choices, .choiceProbabilities: self == .choices || self == .preference
    case .numbers: self == .number
    case .logProbabilities: self == .text
    case .rankedChoices: false
    }
  }
}
