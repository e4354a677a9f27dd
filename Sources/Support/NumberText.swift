import Foundation

/// Numbers as people read them, the same in every locale.
public enum NumberText {
  /// A fixed number of decimals, rounding as C does; "nan", "inf" and "-inf" as such.
  public static func fixed(_ value: Double, digits: Int) -> String {
    String(format: "%.\(max(0, digits))f", value)
  }

  /// As few digits as tell the number from others, none behind the point of a whole one: `2`, `0.5`.
  public static func shortest(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? fixed(value, digits: 0) : "\(value)"
  }

  /// Two significant digits with an exponent: `1.0e-03`.
  public static func scientific(_ value: Double) -> String { String(format: "%.1e", value) }

  /// Three significant digits with k, M or G: 8412 is `8.41k`.
  public static func abbreviated(_ value: Double) -> String {
    guard value.isFinite else { return fixed(value, digits: 0) }
    var scaled = value
    var unit = ""
    for next in ["k", "M", "G", "T"] where abs(scaled) >= 999.5 {
      scaled /= 1000
      unit = next
    }
    let digits = unit.isEmpty || abs(scaled) >= 99.95 ? 0 : abs(scaled) >= 9.995 ? 1 : 2
    return fixed(scaled, digits: digits) + unit
  }

  /// `42s`, `2m05s`, `3h07m`; a negative, infinite or absurdly long time is `?`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole)s" }
    if whole < 3600 { return "\(whole / 60)m\(padded(whole % 60))s" }
    return "\(whole / 3600)h\(padded(whole / 60 % 60))m"
  }

  /// A score with its interval, `81.7 [79.0, 84.9]`; without an interval the score alone. `±` stands for deviations.
  public static func score(_ value: Double, interval: ClosedRange<Double>? = nil, digits: Int = 1) -> String {
    let shown = fixed(value, digits: digits)
    guard let interval, value.isFinite else { return shown }
    return "\(shown) [\(fixed(interval.lowerBound, digits: digits)),"
      + " \(fixed(interval.upperBound, digits: digits))]"
  }

  /// Mean and sample standard deviation over seeds, `81.7 ± 0.6 (n=3)`; one value stands alone, none is `–`.
  public static func spread(_ values: [Double], digits: Int = 1) -> String {
    guard let first = values.first else { return "–" }
    guard values.count > 1 else { return fixed(first, digits: digits) }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let deviation = fixed(variance.squareRoot(), digits: digits)
    return "\(fixed(mean, digits: digits)) ± \(deviation) (n=\(values.count))"
  }
}
