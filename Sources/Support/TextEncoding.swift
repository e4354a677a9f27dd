import Foundation

/// How the bytes of a data file spell text.
public enum TextEncoding: String, Sendable, Hashable, CaseIterable {
  case utf8 = "utf-8"
  /// Western European text of older Windows programs; ISO 8859-1 but for the control codes from 0x80 to 0x9F.
  case windows1252 = "windows-1252"

  /// The same text in UTF-8.
  public func utf8(_ bytes: some Collection<UInt8>) -> [UInt8] {
    switch self {
    case .utf8: return Array(bytes)
    case .windows1252:
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count + bytes.count / 64)
      for byte in bytes {
        if byte < 0x80 {
          result.append(byte)
        } else {
          let scalar = byte < 0xA0 ? Self.windowsScalars[Int(byte) - 0x80] : Unicode.Scalar(byte)
          result += String(Character(scalar)).utf8
        }
      }
      return result
    }
  }

  /// 0x80 to 0x9F; the five bytes that are not assigned stand for themselves.
  private static let windowsScalars: [Unicode.Scalar] = [
    "\u{20AC}", "\u{81}", "\u{201A}", "\u{192}", "\u{201E}", "\u{2026}", "\u{2020}", "\u{2021}", "\u{2C6}",
    "\u{2030}", "\u{160}", "\u{2039}", "\u{152}", "\u{8D}", "\u{17D}", "\u{8F}", "\u{90}", "\u{2018}",
    "\u{2019}", "\u{201C}", "\u{201D}", "\u{2022}", "\u{2013}", "\u{2014}", "\u{2DC}", "\u{2122}", "\u{161}",
    "\u{203A}", "\u{153}", "\u{9D}", "\u{17E}", "\u{178}",
  ]
}
