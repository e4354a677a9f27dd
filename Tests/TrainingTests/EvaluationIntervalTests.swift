import Testing

@testable import Training

/// How often what is held out is measured on the way.
@Suite struct EvaluationIntervalTests {
  @Test func writtenForms() {
    let forms: [(String, EvaluationInterval?)] = [
      ("500", .updates(500)), ("10%", .share(0.1)), ("5m", .seconds(300)), ("90s", .seconds(90)), ("0", .never),
      ("never", .never), ("-1", nil), ("0%", nil), ("101%", nil), ("1.5", nil), ("often", nil), ("", nil),
    ]
    for (text, expected) in forms { #expect(EvaluationInterval(argument: text) == expected, "\(text)") }
    for interval in [EvaluationInterval.updates(7), .share(0.125), .seconds(30.5), .never] {
      #expect(EvaluationInterval(argument: interval.description) == interval)
      var settings = TrainingSettings()
      settings.evaluation = interval
      #expect(settings.evaluation == interval)
    }
  }

  private func due(_ interval: EvaluationInterval, steps: Int? = nil, budget: Double? = nil) -> [Int] {
    var settings = TrainingSettings()
    (settings.steps, settings.budgetSeconds, settings.evaluation) = (steps, budget, interval)
    var last: Double?
    // An update takes a second.
    return (0...10).filter { step in
      let isDue = settings.isEvaluationDue(step: step, elapsed: Double(step), last: last)
      if isDue { last = Double(step) }
      return isDue
    }
  }

  @Test func whenItIsDue() {
    #expect(due(.updates(4), steps: 10) == [4, 8])
    #expect(due(.share(0.2), steps: 10) == [2, 4, 6, 8, 10])
    #expect(due(.share(0.25), steps: 10) == [3, 5, 8, 10])
    #expect(due(.share(0.3), budget: 10) == [3, 6, 9])
    #expect(due(.seconds(4), steps: 10) == [4, 8] && due(.seconds(4), budget: 10) == [4, 8])
    #expect(due(.never, steps: 10).isEmpty)
  }
}
