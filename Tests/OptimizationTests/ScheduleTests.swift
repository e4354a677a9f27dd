import Foundation
import Support
import Testing

@testable import Optimization

@Suite struct ScheduleTests {
  private func schedule(_ name: String, _ options: ScheduleOptions) throws -> any LearningRateSchedule {
    try LearningRateSchedules.make(name, options)
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-15 + 1e-12 * abs(b) }

  @Test(arguments: LearningRateSchedules.registry.names)
  func warmupIsAStraightLineToThePeak(name: String) throws {
    let made = try schedule(name, ScheduleOptions(peak: 2, warmupSteps: 4, totalSteps: 20))
    #expect((0...4).map { made.learningRate(step: $0) } == [0, 0.5, 1, 1.5, 2])
    #expect(near(made.learningRate(step: 2, progress: 0), 1))
    let flat = try schedule(name, ScheduleOptions(peak: 2, warmupSteps: 4, totalSteps: 20, warmup: .flat))
    #expect((1...4).map { flat.learningRate(step: $0) } == [2, 2, 2, 2])
  }

  @Test func cosineIsHalfAPeriod() throws {
    let made = try schedule(
      "cosine", ScheduleOptions(peak: 1e-3, warmupSteps: 100, totalSteps: 1100, finalFraction: 0.1))
    // Half-way the cosine is 0: the mean of peak and end. A third of the way it is 1/2.
    #expect(near(made.learningRate(step: 600), 5.5e-4))
    #expect(near(made.learningRate(step: 1100), 1e-4))
    #expect(near(made.learningRate(step: 5000), 1e-4))
    #expect(near(made.learningRate(step: 1000, progress: 1.0 / 3), 1e-4 + 9e-4 * 0.75))
    #expect(near(made.learningRate(step: 1000, progress: 2), 1e-4))
  }

  @Test func linearIsAStraightLine() throws {
    let made = try schedule("linear", ScheduleOptions(peak: 1, warmupSteps: 10, totalSteps: 110))
    #expect(near(made.learningRate(step: 60), 0.5))
    #expect(near(made.learningRate(step: 110), 0))
    #expect(near(made.learningRate(step: 35), 0.75))
    #expect(near(made.learningRate(step: 10_000, progress: 0.9), 0.1))
  }

  @Test func theT5RateIsOneOverTheRoot() throws {
    let made = try schedule("inverse-square-root", .t5())
    #expect(near(made.learningRate(step: 1), 0.01))
    for step in [1, 500, 10_000, 10_001, 40_000, 1 << 19] {
      #expect(near(made.learningRate(step: step), 1 / Double(max(step, 10_000)).squareRoot()))
    }
    let warm = try schedule("inverse-square-root", ScheduleOptions(peak: 0.6, warmupSteps: 9))
    #expect(near(warm.learningRate(step: 3), 0.2))
    #expect(near(warm.learningRate(step: 36), 0.3))
  }

  @Test func aCooldownIsLinearToTheEnd() throws {
    let constant = try schedule(
      "constant", ScheduleOptions(peak: 1, totalSteps: 100, finalFraction: 0.2, cooldownFraction: 0.5))
    #expect(near(constant.learningRate(step: 50), 1))
    #expect(near(constant.learningRate(step: 75), 0.6))
    #expect(near(constant.learningRate(step: 100), 0.2))
    #expect(near(constant.learningRate(step: 3, progress: 0.75), 0.6))
    let root = try schedule(
      "inverse-square-root", ScheduleOptions(peak: 1, warmupSteps: 0, totalSteps: 400, cooldownFraction: 0.1))
    #expect(near(root.learningRate(step: 100), 0.1))
    #expect(near(root.learningRate(step: 400), 0))
  }

  /// Warm-up, stable, decay: a tenth up, four tenths at the peak, half down.
  @Test func theTrapezoidHasSharesOfTheWholeRun() throws {
    let options = ScheduleOptions(
      peak: 1, totalSteps: 100, finalFraction: 0.2, cooldownFraction: 0.5, warmupFraction: 0.1)
    let bySteps = try schedule("constant", options)
    let expected = [5: 0.5, 10: 1, 11: 1, 50: 1, 75: 0.6, 100: 0.2, 200: 0.2]
    for (step, rate) in expected { #expect(near(bySteps.learningRate(step: step), rate), "\(step)") }
    // The same by time, whatever the updates.
    var timed = options
    timed.totalSteps = nil
    let byTime = try schedule("constant", timed)
    for (step, rate) in expected {
      #expect(near(byTime.learningRate(step: 7, progress: Double(step) / 100), rate), "\(step) %")
    }
    // Updates of warm-up do not make the cooldown shorter.
    let updates = try schedule(
      "constant", ScheduleOptions(peak: 1, warmupSteps: 20, totalSteps: 100, cooldownFraction: 0.5))
    #expect(near(updates.learningRate(step: 50), 1) && near(updates.learningRate(step: 75), 0.5))
  }

  /// Thirteen passes of seven updates: four at the peak, then half of what the one before it had.
  @Test func stepsFallAtTheEndsOfPeriods() throws {
    let made = try schedule("stepped", ScheduleOptions(peak: 2, totalSteps: 91))
    for step in 1...91 {
      let pass = (step - 1) / 7
      #expect(made.learningRate(step: step) == 2 / Double(1 << max(0, pass - 3)), "\(step)")
    }
    let byTime = try schedule("stepped", ScheduleOptions(peak: 2))
    for (progress, rate) in [0: 2, 0.3: 2, 0.31: 1, 0.38: 1, 0.39: 0.5, 1: 2.0 / 512] {
      #expect(byTime.learningRate(step: 9, progress: progress) == rate, "\(progress)")
    }
    let drops = try RateDrops(parsing: "39,6,1.2")
    let medium = try schedule("stepped", ScheduleOptions(peak: 1, totalSteps: 39, finalFraction: 0.5, drops: drops))
    #expect([1, 6].map { medium.learningRate(step: $0) } == [1, 1])
    #expect(near(medium.learningRate(step: 7), 1 / 1.2) && near(medium.learningRate(step: 9), 1 / 1.728))
    #expect(medium.learningRate(step: 39) == 0.5)
  }

  @Test func dropsAreReadAsTheyAreWritten() throws {
    for text in ["13,4,2", "39,6,1.2", "1,1,10"] { #expect(try RateDrops(parsing: text).description == text) }
    #expect(RateDrops.zaremba.description == "13,4,2")
    for text in ["", "13,4", "13,4,1", "13,14,2", "0,0,2", "13,0,2", "13,4,nan", "13,4,inf", "13,4,2,1", "a,4,2"] {
      let error = #expect(throws: GraftError.self, "\(text)") { try RateDrops(parsing: text) }
      #expect(error?.code == .usage && error?.hint?.contains("13,4,2") == true)
    }
  }

  /// So that a short run reaches its rate: by updates, and by whichever of updates and time is over first.
  @Test func aWarmupTakesNoMoreThanItsShare() throws {
    func rates(_ total: Int, _ limit: Double?) throws -> [Double] {
      let made = try schedule(
        "linear", ScheduleOptions(peak: 1, warmupSteps: min(100, total), totalSteps: total, warmupLimit: limit))
      return (1...total).map { made.learningRate(step: $0) }
    }
    #expect(try rates(2000, 0.1) == rates(2000, nil))
    let short = try rates(50, 0.1)
    #expect(short[..<5] == [0.2, 0.4, 0.6, 0.8, 1] && short[5] < 1 && short[49] == 0)
    #expect(try rates(50, nil)[24] == 0.5)
    let byTime = try schedule("constant", ScheduleOptions(peak: 1, warmupSteps: 100, warmupLimit: 0.1))
    #expect(
      byTime.learningRate(step: 10, progress: 0.001) == 0.1 && byTime.learningRate(step: 10, progress: 0.05) == 0.5)
    #expect(byTime.learningRate(step: 10, progress: 0.2) == 1 && byTime.learningRate(step: 120, progress: 0.01) == 1)
  }

  @Test func aWarmupInSharesIsOneInUpdates() throws {
    for name in LearningRateSchedules.registry.names {
      let updates = try schedule(name, ScheduleOptions(peak: 0.3, warmupSteps: 2, totalSteps: 100))
      let share = try schedule(name, ScheduleOptions(peak: 0.3, totalSteps: 100, warmupFraction: 0.02))
      for step in 1...100 { #expect(updates.learningRate(step: step) == share.learningRate(step: step)) }
    }
    let byTime = try schedule("linear", ScheduleOptions(peak: 1, warmupFraction: 0.2))
    let expected = [0: 0, 0.1: 0.5, 0.2: 1, 0.6: 0.5, 1: 0]
    for (progress, rate) in expected { #expect(near(byTime.learningRate(step: 3, progress: progress), rate)) }
    #expect(throws: GraftError.self) {
      try schedule("inverse-square-root", ScheduleOptions(peak: 1, warmupFraction: 0.2))
    }
  }

  @Test(arguments: LearningRateSchedules.registry.names)
  func ratesStayWithinThePeakAndZero(name: String) throws {
    let made = try schedule(name, ScheduleOptions(peak: 1, warmupSteps: 7, totalSteps: 50))
    for step in -3...60 { #expect((0...1).contains(made.learningRate(step: step))) }
    let allWarmup = try schedule(name, ScheduleOptions(peak: 1, warmupSteps: 5, totalSteps: 5))
    #expect(allWarmup.learningRate(step: 3) == 0.6)
  }

  @Test func optionsThatMakeNoSenseAreRefused() throws {
    let bad: [ScheduleOptions] = [
      ScheduleOptions(peak: 0), ScheduleOptions(peak: -1), ScheduleOptions(peak: .nan),
      ScheduleOptions(peak: .infinity), ScheduleOptions(peak: 1, warmupSteps: -1),
      ScheduleOptions(peak: 1, warmupSteps: 11, totalSteps: 10), ScheduleOptions(peak: 1, totalSteps: 0),
      ScheduleOptions(peak: 1, finalFraction: 1.5), ScheduleOptions(peak: 1, finalFraction: .nan),
      ScheduleOptions(peak: 1, cooldownFraction: -0.5), ScheduleOptions(peak: 1, warmupFraction: 1),
      ScheduleOptions(peak: 1, cooldownFraction: 0.6, warmupFraction: 0.5),
    ]
    for options in bad {
      for name in LearningRateSchedules.registry.names {
        do {
          _ = try schedule(name, options)
          Issue.record("\(name) accepted \(options)")
        } catch let error as GraftError {
          #expect(error.code == .usage && error.hint != nil)
        }
      }
    }
    for name in ["cosine", "linear", "stepped"] {
      #expect(throws: GraftError.self) { try schedule(name, ScheduleOptions(peak: 1, cooldownFraction: 0.1)) }
    }
    do {
      _ = try schedule("cosinus", ScheduleOptions(peak: 1))
      Issue.record("an unknown schedule was accepted")
    } catch let error as GraftError { #expect(error.hint?.contains("'cosine'") == true) }
  }
}
