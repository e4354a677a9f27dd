import Foundation

/// An adaptive model of bytes: it predicts each byte from the four before it and then learns it, so that what it pays
/// for a text is the length of a code that a receiver can decode.
///
/// Orders are interpolated as by Witten and Bell: after a context met n times with u different next bytes,
///
///     p(b | c) = (n(c b) + u(c) · p(b | c without its first byte)) / (n(c) + u(c)),   p(b | nothing) = 1 / 256 below
///     order 0
///
/// Worked example: a new model pays 8 bits for the first `a`. For a second one at the start of another text n = u = 1
/// and p = (1 + 1 / 256) / 2, hence .994 bits.
struct ByteModel {
  static let order = 4

  private struct Context {
    var count: UInt32 = 0
    var distinct: UInt32 = 0
  }

  /// Contexts and contexts with the next byte, by the context's bytes below its length.
  private var contexts: [UInt64: Context] = [:]
  private var continuations: [UInt64: UInt32] = [:]

  /// The bits of a text, which has been learnt afterwards. Texts do not continue each other.
  mutating func bits(_ text: [UInt8]) -> Double {
    var total = 0.0
    for (index, byte) in text.enumerated() {
      var probability = 1.0 / 256
      for length in 0...min(Self.order, index) {
        let context = Self.key(text[(index - length)..<index])
        let continuation = context << 8 | UInt64(byte) | 1 << 63
        let known = contexts[context] ?? Context()
        let count = continuations[continuation] ?? 0
        if known.count > 0 {
          let (n, u) = (Double(known.count), Double(known.distinct))
          probability = (Double(count) + u * probability) / (n + u)
        }
        contexts[context] = Context(
          count: known.count + 1, distinct: known.distinct + (count == 0 ? 1 : 0))
        continuations[continuation] = count + 1
      }
      total -= log2(probability)
    }
    return total
  }

  /// The bytes of a context, up to four, with its length above them.
  private static func key(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var key = UInt64(bytes.count)
    for byte in bytes { key = key << 8 | UInt64(byte) }
    return key
  }
}
