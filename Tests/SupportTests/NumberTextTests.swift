import Support
import Testing

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.0, "0"), (7.4, "7"), (999.4, "999"), (999.6, "1.00k"), (8412, "8.41k"), (84120, "84.1k"),
    (841200, "841k"), (9_999_999, "10.0M"),
  ])
  func abbreviates(_ value: Double, _ text: String) {
    #expect(NumberText.abbreviated(value) == text)
  }

  @Test(arguments: [
    (0.0, "0s"), (59.4, "59s"), (59.6, "1m00s"), (125, "2m05s"), (11220, "3h07m"), (-1, "?"),
    (.infinity, "?"), (.nan, "?"),
  ])
  func showsDurations(_ seconds: Double, _ text: String) {
    #expect(NumberText.duration(seconds) == text)
  }

  @Test func showsSymmetricIntervalsShort() {
    #expect(NumberText.score(81.7, interval: 79.2...84.2) == "81.7 [79.2, 84.2]")
    #expect(NumberText.score(81.7, interval: 79.0...84.9) == "81.7 [79.0, 84.9]")
    #expect(NumberText.score(81.74) == "81.7")
    #expect(NumberText.score(.nan, interval: 0...1) == "nan")
  }

  @Test func showsTheSpreadOverSeeds() {
    // Mean 80, deviations -1, 0, 1: sample variance 2 / 2 = 1.
    #expect(NumberText.spread([79, 80, 81]) == "80.0 ± 1.0 (n=3)")
    #expect(NumberText.spread([79]) == "79.0")
    #expect(NumberText.spread([]) == "–")
  }
}
