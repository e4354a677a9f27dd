/// A piece of a Parquet file, or of what a page of it became, that is read from left to right.
struct ParquetBytes {
  let path: String
  private(set) var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer, path: String) { (self.path, rest) = (path, bytes) }

  var count: Int { rest.count }

  func damage(_ reason: String) -> GraftError { .damagedParquet(reason, path: path) }

  mutating func take(_ count: Int) throws(GraftError) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= rest.count else { throw damage("a part of it ends early") }
    let taken = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return taken
  }

  mutating func byte() throws(GraftError) -> UInt8 { try take(1)[0] }

  /// Little-endian.
  mutating func fixed<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(GraftError) -> Integer {
    Integer(littleEndian: try take(MemoryLayout<Integer>.size).loadUnaligned(as: type))
  }

  /// Seven bits a byte, the lowest first.
  mutating func varint() throws(GraftError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7F) << UInt64(shift)
      if next < 0x80 { return value }
    }
    throw damage("a number is longer than ten bytes")
  }

  /// The same of signed numbers, whose sign is the lowest bit.
  mutating func zigzag() throws(GraftError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// Numbers of a few bits each, packed from the lowest bit of the first byte on.
  mutating func packed(_ count: Int, bits: Int) throws(GraftError) -> [UInt64] {
    let bytes = try take((count * bits + 7) / 8)
    guard bits > 0 else { return [UInt64](repeating: 0, count: count) }
    var numbers: [UInt64] = []
    numbers.reserveCapacity(count)
    for index in 0..<count {
      var (place, number, have) = (index * bits, UInt64(0), 0)
      while have < bits {
        let part = min(8 - place % 8, bits - have)
        let piece = (bytes[place / 8] >> UInt8(place % 8)) & UInt8(truncatingIfNeeded: (1 << part) - 1)
        number |= UInt64(piece) << UInt64(have)
        have += part
        place += part
      }
      numbers.append(number)
    }
    return numbers
  }

  /// Runs of one number and packed numbers in turn (Parquet's RLE and bit-packing hybrid).
  mutating func runs(_ count: Int, bits: Int) throws(GraftError) -> [UInt32] {
    guard (0...32).contains(bits) else { throw damage("numbers of \(bits) bits") }
    var numbers: [UInt32] = []
    numbers.reserveCapacity(count)
    while numbers.count < count {
      let head = try varint()
      let left = count - numbers.count
      if head & 1 == 0 {
        var value: UInt32 = 0
        for byte in 0..<((bits + 7) / 8) { value |= UInt32(try self.byte()) << UInt32(8 * byte) }
        let length = Int(clamping: head >> 1)
        guard length > 0 else { throw damage("a run of nothing") }
        numbers.append(contentsOf: repeatElement(value, count: min(left, length)))
      } else {
        let groups = Int(clamping: head >> 1)
        guard groups > 0, bits == 0 || groups <= count + rest.count else { throw damage("a run of nothing") }
        // The last group of a page may be cut off behind what is used.
        let wanted = min(left, min(groups, left) * 8)
        var group = ParquetBytes(try take(min(rest.count, bits == 0 ? 0 : groups * bits)), path: path)
        numbers.append(contentsOf: try group.packed(wanted, bits: bits).map { UInt32(truncatingIfNeeded: $0) })
      }
    }
    return numbers
  }

  /// Differences from one number to the next, in blocks of packed ones (DELTA_BINARY_PACKED).
  mutating func deltas(atMost limit: Int) throws(GraftError) -> [Int64] {
    let block = Int(clamping: try varint())
    let parts = Int(clamping: try varint())
    let count = Int(clamping: try varint())
    var value = try zigzag()
    guard parts > 0, block > 0, block <= 1 << 20, block % parts == 0, count <= limit else {
      throw damage("blocks of \(block) differences in \(parts) parts, \(count) in all")
    }
    guard count > 0 else { return [] }
    var numbers = [value]
    while numbers.count < count {
      let least = try zigzag()
      let widths = try take(parts)
      for part in 0..<parts where numbers.count < count {
        let bits = Int(widths[part])
        guard bits <= 64 else { throw damage("differences of \(bits) bits") }
        let size = block / parts
        // Some writers leave off what the last part has too much.
        let wanted = min(size, count - numbers.count)
        var packed = ParquetBytes(try take(min(rest.count, (size * bits + 7) / 8)), path: path)
        for difference in try packed.packed(wanted, bits: bits) {
          value = value &+ least &+ Int64(bitPattern: difference)
          numbers.append(value)
        }
      }
    }
    return numbers
  }
}

extension GraftError {
  static func damagedParquet(_ reason: String, path: String) -> GraftError {
    GraftError(
      .badData, "the Parquet file is damaged: \(reason)", hint: "fetch or write the file again.",
      location: SourceLocation(file: path))
  }

  static func foreignParquet(_ what: String, path: String) -> GraftError {
    GraftError(
      .badData, "the Parquet file has \(what), which graft does not read",
      hint: "write it again as JSON lines: python3 -c \"import sys, pandas; pandas.read_parquet('\(path)')"
        + ".to_json(sys.stdout, orient='records', lines=True)\".",
      location: SourceLocation(file: path))
  }
}
