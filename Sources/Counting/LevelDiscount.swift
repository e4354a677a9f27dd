import Support

/// What part of an n-gram's count stays with it; the rest goes to shorter n-grams.
enum LevelDiscount: Sendable, Hashable {
  /// Kneser-Ney: a fixed amount less, for counts of 1, of 2, and of 3 and more.
  case absolute(Double, Double, Double)
  /// A mixture with shorter n-grams by a fixed weight: this part of every count.
  case proportional(Double)

  /// What is left of a count.
  func kept(_ count: UInt32) -> Double {
    switch self {
    case .absolute(let one, let two, let more):
      Double(count) - (count == 1 ? one : count == 2 ? two : count == 0 ? 0 : more)
    case .proportional(let weight): weight * Double(count)
    }
  }

  /// The discounts 1/2, 1 and 3/2, for counts too few or too odd to estimate any.
  static let fallback = LevelDiscount.absolute(0.5, 1, 1.5)

  /// The discounts of modified Kneser-Ney smoothing (Chen & Goodman 1998, equation 26): of t(k), how many n-grams have
  /// the count k, Y = t(1) / (t(1) + 2 t(2)) and D(k) = k - (k + 1) Y t(k + 1) / t(k).
  ///
  /// Nil where one of t(1) to t(3) is 0 or a discount is not between 0 and k.
  static func kneserNey(_ counts: some Sequence<UInt32>) -> LevelDiscount? {
    var numbers = [Double](repeating: 0, count: 5)
    for count in counts where count < 5 { numbers[Int(count)] += 1 }
    guard numbers[1...3].allSatisfy({ $0 > 0 }) else { return nil }
    let share = numbers[1] / (numbers[1] + 2 * numbers[2])
    let discounts = (1...3).map { Double($0) - Double($0 + 1) * share * numbers[$0 + 1] / numbers[$0] }
    guard zip(1..., discounts).allSatisfy({ $1 >= 0 && $1 <= Double($0) }) else { return nil }
    return .absolute(discounts[0], discounts[1], discounts[2])
  }
}
