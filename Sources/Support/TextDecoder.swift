/// The mark that some programs, Windows' above all, put before UTF-8 text.
public let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// How the bytes of a text file spell it, told by a mark at its beginning or by where its zeros stand.
public enum ByteOrder: String, Sendable {
  /// With a mark or without.
  case utf8 = "UTF-8"
  /// The first byte of a unit of two is the lower one.
  case utf16LittleEndian = "UTF-16LE"
  /// The first byte of a unit of two is the higher one.
  case utf16BigEndian = "UTF-16BE"
  /// The first byte of a unit of four is the lowest one.
  case utf32LittleEndian = "UTF-32LE"
  /// The first byte of a unit of four is the highest one.
  case utf32BigEndian = "UTF-32BE"

  var unit: Int {
    switch self {
    case .utf8: 1
    case .utf16LittleEndian, .utf16BigEndian: 2
    case .utf32LittleEndian, .utf32BigEndian: 4
    }
  }

  /// - Parameter bytes: the first ones, as many as there are up to some hundred.
  /// - Returns: the form, and how many bytes its mark takes.
  static func of(_ bytes: UnsafeRawBufferPointer) -> (order: ByteOrder, mark: Int) {
    for (mark, order) in [
      // That of UTF-16 begins as that of UTF-32 does.
      ([0xFF, 0xFE, 0x00, 0x00], .utf32LittleEndian), ([0x00, 0x00, 0xFE, 0xFF], .utf32BigEndian),
      ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian), (byteOrderMark, .utf8),
    ] as [([UInt8], ByteOrder)] where bytes.starts(with: mark) {
      return (order, mark.count)
    }
    // Without a mark: spaces, digits and line ends of any language have zeros in all places but one.
    let count = min(bytes.count, 1024) / 4 * 4
    guard count >= 4 else { return (.utf8, 0) }
    var zeros = [0, 0, 0, 0]
    for place in 0..<count where bytes[place] == 0 { zeros[place % 4] += 1 }
    let all = count / 4
    if zeros[0] == 0, zeros[2] >= all * 9 / 10, zeros[3] == all { return (.utf32LittleEndian, 0) }
    if zeros[3] == 0, zeros[1] >= all * 9 / 10, zeros[0] == all { return (.utf32BigEndian, 0) }
    let (even, odd) = (zeros[0] + zeros[2], zeros[1] + zeros[3])
    if even == 0, odd >= max(2, all / 5) { return (.utf16LittleEndian, 0) }
    if odd == 0, even >= max(2, all / 5) { return (.utf16BigEndian, 0) }
    return (.utf8, 0)
  }
}

/// Makes UTF-8 of UTF-16 and UTF-32, piece by piece.
struct TextDecoder {
  let order: ByteOrder
  let path: String
  /// Bytes of a unit, or a first surrogate, whose rest is in the next piece.
  private var rest: [UInt8] = []
  private var consumed: Int

  init(_ order: ByteOrder, path: String, after mark: Int) {
    self.order = order
    self.path = path
    consumed = mark
  }

  /// Appends the text of a piece.
  /// - Throws: `.badData` with the byte for what is no text in this form.
  mutating func decode(
    _ piece: [UInt8], isLast: Bool, into text: inout [UInt8]
  ) throws(GraftError) {
    let bytes = rest + piece
    let unit = order.unit
    var place = 0
    func value(_ start: Int) -> UInt32 {
      switch order {
      case .utf8: UInt32(bytes[start])
      case .utf16LittleEndian: UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
      case .utf16BigEndian: UInt32(bytes[start + 1]) | UInt32(bytes[start]) << 8
      case .utf32LittleEndian:
        (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
      case .utf32BigEndian:
        (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(24 - 8 * $1) }
      }
    }
    while place + unit <= bytes.count {
      var scalar = value(place)
      var length = unit
      if unit == 2, scalar & 0xFC00 == 0xD800 {
        guard place + 4 <= bytes.count else { break }
        let low = value(place + 2)
        guard low & 0xFC00 == 0xDC00 else { throw invalid(consumed + place) }
        scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
        length = 4
      }
      if scalar < 0x80 {
        text.append(UInt8(scalar))
      } else {
        guard let found = Unicode.Scalar(scalar) else { throw invalid(consumed + place) }
        text.append(contentsOf: Unicode.UTF8.encode(found) ?? Unicode.UTF8.encodedReplacementCharacter)
      }
      place += length
    }
    rest = Array(bytes[place...])
    consumed += place
    if isLast, !rest.isEmpty { throw invalid(consumed) }
  }

  private func invalid(_ offset: Int) -> GraftError {
    GraftError(
      .badData, "not \(order.rawValue) at byte \(offset)",
      hint: "is it cut short? Convert it with `iconv -f … -t UTF-8`.", location: SourceLocation(file: path))
  }
}
