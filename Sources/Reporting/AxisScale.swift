import Foundation
import Support

/// A linear axis with round ticks: steps of 1, 2 or 5 times a power of ten, four to nine of them, the
/// first and last enclosing the data.
///
/// Worked example: values 3.2 … 6.9 give ticks 3, 4, 5, 6, 7.
struct AxisScale: Sendable, Hashable {
  let ticks: [Double]
  private let digits: Int

  init(_ values: [Double]) {
    let finite = values.filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    // One value, or values that differ by rounding only, still need an axis of some length.
    if high - low <= abs(high) * 1e-12 {
      let margin = low == 0 ? 1 : abs(low) * 0.5
      low -= margin
      high += margin
    }
    // Divided before subtracting, so that the largest doubles do not overflow.
    let rough = high / 5 - low / 5
    let power = pow(10, floor(log10(rough)))
    let step = ([1, 2, 5, 10].first { $0 * power >= rough * 0.9 } ?? 10) * power
    let first = floor(low / step + 1e-9)
    let last = ceil(high / step - 1e-9)
    ticks = (0...max(1, Int(last - first))).map { (first + Double($0)) * step }
    digits = max(0, min(12, -Int(floor(log10(step) + 1e-9))))
  }

  /// Where `value` stands between the first tick (0) and the last (1).
  func position(_ value: Double) -> Double {
    let first = ticks[0]
    let length = ticks[ticks.count - 1] - first
    return length > 0 ? (value - first) / length : 0.5
  }

  func label(_ tick: Double) -> String {
    if abs(tick) >= 100_000 { return NumberText.abbreviated(tick) }
    return NumberText.fixed(tick == 0 ? 0 : tick, digits: digits)
  }
}
