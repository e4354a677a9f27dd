import Support

/// A value of a run at a step, as TensorBoard shows them: a curve for each tag.
public struct ScalarEvent: Sendable, Hashable {
  /// Seconds since 1970.
  public var time: Double
  /// Updates.
  public var step: Int
  /// What it is of, such as `train/loss`.
  public var tag: String
  /// May be NaN or infinite.
  public var value: Double

  /// A value at a step.
  public init(time: Double, step: Int, tag: String, value: Double) {
    (self.time, self.step, self.tag, self.value) = (time, step, tag, value)
  }
}

/// The event file that TensorBoard reads: records (TFRecord) of messages `Event` of protocol buffers, of which four
/// fields are written (event.proto, summary.proto).
///
/// A record is the number of its bytes (8 bytes, least first), a masked CRC-32C of these 8, the bytes, and theirs.
public enum TensorBoardLog {
  /// The whole file: its version, then the values in their order.
  public static func bytes(_ events: some Sequence<ScalarEvent>) -> [UInt8] {
    var result: [UInt8] = []
    var isFirst = true
    for event in events {
      if isFirst { append(message(time: event.time) { $0.append(3, bytes: Array("brain.Event:2".utf8)) }, to: &result) }
      isFirst = false
      append(
        message(time: event.time) { message in
          message.append(2, integer: event.step)
          var value = ProtocolBuffer()
          value.append(1, bytes: Array(event.tag.utf8))
          value.append(2, float: Float(event.value))
          var summary = ProtocolBuffer()
          summary.append(1, bytes: value.bytes)
          message.append(5, bytes: summary.bytes)
        }, to: &result)
    }
    return result
  }

  private static func message(time: Double, _ fill: (inout ProtocolBuffer) -> Void) -> [UInt8] {
    var message = ProtocolBuffer()
    message.append(1, double: time)
    fill(&message)
    return message.bytes
  }

  private static func append(_ data: [UInt8], to result: inout [UInt8]) {
    let length = littleEndian(UInt64(data.count))
    result += length + littleEndian(masked(length)) + data + littleEndian(masked(data))
  }

  /// Rotated and shifted, so that a sum of bytes that hold sums is no sum of itself.
  private static func masked(_ bytes: [UInt8]) -> UInt32 {
    let sum = crc32c(bytes)
    return ((sum >> 15) | (sum << 17)) &+ 0xA282_EAD8
  }

  /// The cyclic redundancy check of Castagnoli et al. 1993, as iSCSI has it (RFC 3720).
  static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
    return ~sum
  }

  /// By the reflected polynomial.
  private static let table: [UInt32] = (0..<256).map { byte in
    var sum = UInt32(byte)
    for _ in 0..<8 { sum = sum & 1 == 1 ? 0x82F6_3B78 ^ (sum >> 1) : sum >> 1 }
    return sum
  }
}

/// A message of protocol buffers ("Protocol Buffers: Encoding") that is written field by field.
private struct ProtocolBuffer {
  var bytes: [UInt8] = []

  /// A field's number and how its value is written.
  private mutating func append(key number: Int, _ wireType: Int) { append(varint: UInt64(number << 3 | wireType)) }

  /// Seven bits a byte, the least first; the eighth says that there are more.
  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Zero is what a field has that is not there.
  mutating func append(_ number: Int, integer value: Int) {
    guard value != 0 else { return }
    append(key: number, 0)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  mutating func append(_ number: Int, double value: Double) {
    append(key: number, 1)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func append(_ number: Int, bytes value: [UInt8]) {
    append(key: number, 2)
    append(varint: UInt64(value.count))
    bytes += value
  }

  mutating func append(_ number: Int, float value: Float) {
    append(key: number, 5)
    bytes += littleEndian(value.bitPattern)
  }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
