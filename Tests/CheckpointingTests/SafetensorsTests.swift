import Foundation
import Support
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct SafetensorsTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  private func write(
    _ tensors: [(name: String, shape: [Int], values: [Float], type: TensorType)], to name: String,
    metadata: [String: String] = [:]
  ) throws -> String {
    let buffers = tensors.map { tensor in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.values.count)
      _ = buffer.initialize(from: tensor.values)
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    let sources = zip(tensors, buffers).map {
      TensorSource(name: $0.name, shape: $0.shape, values: UnsafeBufferPointer($1), type: $0.type)
    }
    try SafetensorsWriter.write(sources, metadata: metadata, to: folder.file(name))
    return folder.file(name)
  }

  /// A dictionary of strings takes them for one, and trapped.
  @Test func namesThatAreCanonicallyEqualAreRefused() throws {
    func tensor(_ name: String, _ start: Int) -> String {
      "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(start),\(start + 4)]}"
    }
    var header = "{\(tensor("e\u{301}", 0)),\(tensor("\u{E9}", 4))}"
    header += String(repeating: " ", count: 7 - (header.utf8.count + 7) % 8)
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    bytes += Data(header.utf8) + Data(count: 8)
    let path = folder.file("equal.safetensors")
    try bytes.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: GraftError.self) { try SafetensorsFile(path) }
    #expect(error?.code == .badData)
    #expect(error?.message.contains("composed") == true, "\(error?.message ?? "")")
  }

  @Test func whatIsWrittenIsRead() throws {
    let values: [Float] = [1, -0.0, .infinity, .leastNonzeroMagnitude, -3.5, .pi]
    let path = try write(
      [
        ("matrix", [2, 3], values, .float32), ("a \"quoted\"\n\\ näme", [1], [7], .float32),
        ("scalar", [], [42], .float32), ("empty", [0, 5], [], .float32),
        ("narrow", [3], [1.5, -2, 0.1], .bfloat16),
      ], to: "all.safetensors", metadata: ["format": "pt", "note": "é\t\u{1}"])
    let file = try SafetensorsFile(path)
    #expect(file.tensors.map(\.name) == ["a \"quoted\"\n\\ näme", "empty", "matrix", "narrow", "scalar"])
    #expect(file.metadata == ["format": "pt", "note": "é\t\u{1}"])
    let matrix = try file.tensor("matrix")
    #expect(matrix.shape == [2, 3])
    #expect(matrix.values.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(try file.tensor("scalar") == LoadedTensor(shape: [], values: [42]))
    #expect(try file.tensor("empty") == LoadedTensor(shape: [0, 5], values: []))
    // 0.1 is 0x3DCCCCCD; its upper half rounds up to 0x3DCD, which is 0.10009765625.
    #expect(try file.tensor("narrow").values == [1.5, -2, 0.100_097_656_25])
  }

  @Test func equalTensorsGiveEqualBytesInAnyOrderAndDataIsAligned() throws {
    let a = ("a", [2], [1, 2] as [Float], TensorType.float32)
    let b = ("b", [1], [3] as [Float], TensorType.float32)
    let first = try Data(
      contentsOf: URL(fileURLWithPath: write([a, b], to: "1", metadata: ["x": "1", "y": "2"])))
    let second = try Data(
      contentsOf: URL(fileURLWithPath: write([b, a], to: "2", metadata: ["y": "2", "x": "1"])))
    #expect(first == second)
    #expect(first[0] % 8 == 0)
    let header = """
      {"__metadata__":{"x":"1","y":"2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},\
      "b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}
      """
    #expect(String(decoding: first[8..<8 + header.utf8.count], as: UTF8.self) == header)
  }

  @Test func everyHalfPrecisionNumberWidensExactly() {
    for bits in UInt16.min...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let found = Float(halfPrecisionBits: bits)
      if expected.isNaN {
        #expect(found.isNaN)
      } else if found.bitPattern != expected.bitPattern {
        Issue.record("half \(bits) widened to \(found), not \(expected)")
      }
    }
  }

  static let rounded: [(value: Float, bits: UInt16)] = [
    (1, 0x3F80), (Float(bitPattern: 0x3F80_8000), 0x3F80), (Float(bitPattern: 0x3F81_8000), 0x3F82),
    (Float(bitPattern: 0x3F80_8001), 0x3F81), (-.infinity, 0xFF80), (.greatestFiniteMagnitude, 0x7F80),
  ]

  @Test(arguments: rounded)
  func bfloat16RoundsToNearestEven(value: Float, bits: UInt16) {
    #expect(value.bfloat16Bits == bits)
  }

  @Test func aNaNStaysOne() {
    // The payload's upper half is empty: truncating it would make an infinity.
    #expect(Float(bitPattern: UInt32(Float(bitPattern: 0x7F80_0001).bfloat16Bits) << 16).isNaN)
  }

  @Test func sixteenBitTensorsAreReadUnaligned() throws {
    let header =
      #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""h":{"dtype":"F16","shape":[2],"data_offsets":[1,5]}}"#
    let path = try folder.write("odd", file(header, [9, 0x00, 0x3C, 0x00, 0xC1]))
    let opened = try SafetensorsFile(path)
    #expect(try opened.tensor("h").values == [1, -2.5])
    let unreadable = try #require(error { _ = try opened.tensor("b") })
    #expect(unreadable.code == .badData && unreadable.message.contains("type U8"))
  }

  @Test func anUnknownTensorIsAnsweredWithTheClosest() throws {
    let path = try write([("encoder.final_norm.weight", [1], [1], .float32)], to: "x")
    let opened = try SafetensorsFile(path)
    let failure = try #require(error { _ = try opened.tensor("encoder.final_norm.wieght") })
    #expect(failure.code == .badData)
    #expect(failure.hint?.contains("encoder.final_norm.weight") == true)
    let wrongShape = try #require(
      error {
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: 2) {
          try opened.read("encoder.final_norm.weight", shape: [2], into: $0)
        }
      })
    #expect(wrongShape.message.contains("has shape [1], expected [2]"))
  }

  @Test func aMissingFileIsMissingInput() {
    #expect(error { _ = try SafetensorsFile(folder.file("none")) }?.code == .missingInput)
  }

  // MARK: hostile files

  private func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + data
  }

  private static let entry = #""dtype":"F32","shape":[1],"data_offsets":[0,4]"#

  static let hostile: [(header: String, size: Int, reason: String)] = [
    ("", 4, "claims a length of 0"),
    ("[]", 0, "not an object"),
    ("{\"a\":", 0, "not JSON"),
    ("{\"a\":{\(entry)}} x", 4, "not JSON"),
    ("{\"a\":{\(entry)},\"a\":{\(entry)}}", 4, "twice"),
    ("{\"é\":{\(entry)},\"e\u{301}\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "twice"),
    ("{\"a\":7}", 0, "tensor 'a': a number"),
    ("{\"a\":{\(entry),\"extra\":1}}", 4, "unknown field 'extra'"),
    (#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, 4, "tensor 'a': no 'dtype'"),
    (#"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, 4, "unknown dtype 'F31'"),
    (#"{"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}"#, 4, "'dtype' is a number"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "'shape'"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4, "'shape'"),
    (#"{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}"#, 4, "'shape'"),
    (#"{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}"#, 4, "'shape'"),
    (#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4, "'shape'"),
    (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}"#, 4, "overflows"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "'data_offsets'"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 4, "'data_offsets'"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, 4, "'data_offsets'"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "takes 8 bytes, not 4"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "end at 8 and the data at 4"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "'a' leaves a gap"),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      8, "'b' overlaps"
    ),
    ("{\"a\":{\(entry)}}", 5, "1 bytes at its end"),
    ("{}", 1, "1 bytes at its end"),
    (#"{"__metadata__":[]}"#, 0, "'__metadata__'"),
    (#"{"__metadata__":{"n":1}}"#, 0, "under 'n'"),
    (String(repeating: "[", count: 100_000), 0, "nests too deeply"),
  ]

  @Test(arguments: hostile.indices)
  func aHostileHeaderIsNamed(index: Int) throws {
    let (header, size, reason) = Self.hostile[index]
    let path = try folder.write("bad", file(header, Array(repeating: 0, count: size)))
    let failure = try #require(error { _ = try SafetensorsFile(path) })
    #expect(failure.code == .badData)
    #expect(failure.message.contains(path) && failure.message.contains(reason), "\(failure.message)")
    #expect(failure.hint != nil)
  }

  static let short: [[UInt8]] = [
    [], [1, 2, 3], Array(repeating: 0xFF, count: 8), [100, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D],
  ]

  @Test(arguments: short)
  func aFileTooShortForItsHeaderIsRefused(bytes: [UInt8]) throws {
    let path = try folder.write("short", bytes)
    #expect(error { _ = try SafetensorsFile(path) }?.code == .badData)
  }

  @Test func invalidUTF8InANameIsRefused() throws {
    var bytes = file("{\"a\":{\(Self.entry)}}", [0, 0, 0, 0])
    bytes[10] = 0xC0
    let path = try folder.write("utf8", bytes)
    #expect(error { _ = try SafetensorsFile(path) }?.code == .badData)
  }

  @Test func noTruncationAndNoFlippedByteTraps() throws {
    let path = try write(
      [("first", [2, 2], [1, 2, 3, 4], .float32), ("second", [3], [5, 6, 7], .bfloat16)], to: "good",
      metadata: ["format": "pt"])
    let good = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    for length in 0..<good.count {
      good[..<length].withUnsafeBytes { bytes in
        let failure = error { _ = try SafetensorsHeader(bytes, path: "cut") }
        #expect(failure?.code == .badData, "cut at \(length)")
      }
    }
    let headerEnd = 8 + Int(good[0])
    for position in 0..<headerEnd {
      for mask: UInt8 in [0x01, 0x10, 0x80, 0xFF] {
        var flipped = good
        flipped[position] ^= mask
        // A changed name or metadata is still well formed; anything else must be refused, not trapped.
        flipped.withUnsafeBytes { bytes in
          do throws(GraftError) {
            let header = try SafetensorsHeader(bytes, path: "flipped")
            #expect(header.tensors.allSatisfy { $0.range.upperBound <= bytes.count })
          } catch {
            #expect(error.code == .badData)
          }
        }
      }
    }
  }
}
