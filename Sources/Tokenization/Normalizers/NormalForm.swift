import CICUShim
import Support

/// The normal forms of Unicode Standard Annex 15.
enum NormalForm: String, TextNormalizer, CaseIterable {
  case nfc
  case nfkc
  case nfd
  case nfkd

  /// The name in `tokenizer.json`.
  var jsonType: String { rawValue.uppercased() }

  var name: String { rawValue }

  var isLocal: Bool { true }

  private var icuForm: Int32 {
    switch self {
    case .nfc: GRAFT_NFC
    case .nfkc: GRAFT_NFKC
    case .nfd: GRAFT_NFD
    case .nfkd: GRAFT_NFKD
    }
  }

  func normalized(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard UTF8Decoding.firstNonASCII(in: bytes) < bytes.count else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var start = 0
    while start < bytes.count {
      let end = UTF8Decoding.firstInvalid(in: bytes, from: start) ?? bytes.count
      appendNormalized(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: &result)
      if end < bytes.count { result.append(bytes[end]) }
      start = end + 1
    }
    return result
  }

  /// Normalises well-formed UTF-8, in pieces that ICU's 32-bit lengths can hold.
  private func appendNormalized(_ text: UnsafeRawBufferPointer, to result: inout [UInt8]) {
    let limit = 1 << 26
    var start = 0
    while start < text.count {
      var end = min(start + limit, text.count)
      // A line feed is a starter that composes with nothing: a safe place to cut. Text without any is cut
      // between two scalars.
      if end < text.count {
        if let cut = text[start..<end].lastIndex(of: 0x0A), cut > start {
          end = cut
        } else {
          while text[end] & 0xC0 == 0x80 { end -= 1 }
        }
      }
      appendPiece(UnsafeRawBufferPointer(rebasing: text[start..<end]), to: &result)
      start = end
    }
  }

  private func appendPiece(_ text: UnsafeRawBufferPointer, to result: inout [UInt8]) {
    let source = text.bindMemory(to: CChar.self).baseAddress
    let units = [UInt16](unsafeUninitializedCapacity: text.count) { buffer, count in
      count = max(
        0,
        Int(graft_icu_utf16_from_utf8(buffer.baseAddress, Int32(text.count), source, Int32(text.count))))
    }
    var capacity = units.count + units.count / 4 + 16
    while true {
      var needed = 0
      let normalized = [UInt16](unsafeUninitializedCapacity: capacity) { buffer, count in
        needed = Int(
          graft_icu_normalize(
            icuForm, buffer.baseAddress, Int32(capacity), units, Int32(units.count)))
        count = max(0, min(needed, capacity))
      }
      if needed > capacity {
        capacity = needed
        continue
      }
      // ICU fails only when its data is missing or memory is short; text is then left as it is.
      guard needed >= 0 else {
        result.append(contentsOf: text)
        return
      }
      let bytes = [CChar](unsafeUninitializedCapacity: 3 * normalized.count) { buffer, count in
        count = max(
          0,
          Int(
            graft_icu_utf8_from_utf16(
              buffer.baseAddress, Int32(3 * normalized.count), normalized, Int32(normalized.count))))
      }
      bytes.withUnsafeBytes { result.append(contentsOf: $0) }
      return
    }
  }
}
