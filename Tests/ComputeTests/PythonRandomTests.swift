import Randomness
import Testing

/// What CPython 3.11 answers.
@Suite struct PythonRandomTests {
  @Test func wordsAreThoseOfPython() {
    var random = PythonRandom(seed: 1234)
    #expect(
      (0..<5).map { _ in random.bits() } == [4_150_886_329, 3_342_196_574, 1_892_932_127, 501_869_158, 32_175_636])
    for _ in 5..<1000 { _ = random.bits() }
    #expect(random.bits() == 3_260_923_217)
  }

  /// Of how many numbers how many are drawn, one sample after another.
  struct Samples: Sendable {
    var seed: UInt32
    var draws: [(count: Int, bound: Int, sample: [Int])]
  }

  static let samples = [
    Samples(
      seed: 1234,
      draws: [
        (2, 2490, [1805, 478]), (2, 2490, [30, 371]), (2, 2490, [2384, 143]),
        (6, 2490, [343, 403, 1452, 969, 71, 126]), (6, 2490, [64, 1417, 1983, 1898, 608, 373]),
      ]),
    Samples(
      seed: 1234,
      draws: [
        (6, 7, [6, 3, 0, 4, 5, 2]), (6, 7, [5, 6, 0, 4, 1, 3]), (6, 30, [0, 29, 25, 28, 11, 20]),
        (6, 30, [19, 15, 29, 14, 4, 2]),
      ]),
    // A pool up to 21, a set from 22 on.
    Samples(
      seed: 1234,
      draws: [
        (3, 21, [14, 3, 0]), (3, 21, [2, 18, 1]), (3, 22, [21, 2, 3]), (3, 22, [11, 7, 0]), (3, 22, [0, 11, 20]),
      ]),
    // With more than five up to 85.
    Samples(
      seed: 0,
      draws: [
        (3, 3, [1, 2, 0]), (3, 3, [1, 2, 0]), (1, 1, [0]), (6, 85, [61, 45, 74, 27, 64, 17]),
        (6, 86, [36, 17, 12, 79, 32, 68]),
      ]),
    // The fourth draws two numbers twice.
    Samples(
      seed: 1234,
      draws: [
        (4, 24, [14, 3, 0, 2]), (4, 24, [18, 1, 21, 22]), (4, 24, [2, 3, 11, 7]), (4, 24, [0, 11, 20, 19]),
        (4, 24, [15, 19, 14, 4]), (4, 24, [2, 5, 22, 3]),
      ]),
  ]

  @Test(arguments: samples)
  func samplesAreThoseOfPython(_ samples: Samples) {
    var random = PythonRandom(seed: samples.seed)
    for draw in samples.draws { #expect(random.sample(draw.count, below: draw.bound) == draw.sample) }
  }
}
