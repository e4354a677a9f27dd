/// Hides from a library that compares its keys by canonical equivalence what is different to the byte, and uncovers it
/// again.
///
/// Yams takes two keys of a mapping for one if they are canonically equal. So every scalar that could be part of such
/// an equality is moved into the private use planes, one for one, so that lines and columns stay what they are.
///
/// Worked example: `é` (U+00E9) becomes U+F00E9, and `e` with U+0301 becomes `e` with U+F0301.
struct CanonicalCover {
  private static let low: UInt32 = 0xF0000
  private static let high: UInt32 = 0x10F000
  /// Of scalars that mean a line break or a mark of order to YAML, none is part of an equality.
  private static let kept: Set<UInt32> = [0x85, 0xA0, 0x2028, 0x2029, 0xFEFF]

  /// Nil if the text has nothing to cover, or has scalars of the planes it would be moved to.
  static func covered(_ text: String) -> String? {
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return nil }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard scalar.value < low else { return nil }
      result.append(moved(scalar) ?? scalar)
    }
    return String(result)
  }

  static func uncovered(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0xF3 }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case low..<high: result.append(Unicode.Scalar(scalar.value - low) ?? scalar)
      case high...: result.append(Unicode.Scalar(scalar.value - high + 0x2F800) ?? scalar)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func moved(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x80..<(high - low): kept.contains(scalar.value) ? nil : Unicode.Scalar(scalar.value + low)
    // Compatibility ideographs, which are canonically equal to others.
    case 0x2F800..<0x2FA20: Unicode.Scalar(scalar.value - 0x2F800 + high)
    default: nil
    }
  }
}
