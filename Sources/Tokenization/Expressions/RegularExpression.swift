import CICUShim
import Synchronization

/// A regular expression as Hugging Face tokenizers knows them (Oniguruma's syntax on UTF-8), matched by ICU.
///
/// Every class of characters is given to ICU as code points, from tables of Graft's own, so that what matches does not
/// depend on ICU's Unicode. What the two engines would not match alike is refused by `ExpressionTranslator`.
///
/// Worked example: `\s+(?!\S)|\s+` has in "a  b" the matches 1 ..< 2 and 2 ..< 3.
final class RegularExpression: Sendable {
  /// Longer texts are cut every so many bytes, since places have 32 bits in ICU.
  private static let longestText = 1 << 30

  /// In ICU's syntax.
  private let pattern: String
  // A matcher is in the list or with one caller, never both.
  private let idle = Mutex<[Matcher]>([])

  /// - Throws: `ExpressionError` for what is no such expression, or none that Graft can match alike.
  init(_ expression: String) throws(ExpressionError) {
    pattern = try ExpressionTranslator.translate(expression)
    guard let matcher = Matcher(pattern) else {
      throw ExpressionError(message: "'\(expression)', which ICU does not compile")
    }
    idle.withLock { $0.append(matcher) }
  }

  /// Gives `body` something that finds matches, for one thread.
  func withMatcher<Result>(_ body: (Matcher) -> Result) -> Result? {
    guard let matcher = idle.withLock({ $0.popLast() }) ?? Matcher(pattern) else { return nil }
    defer { idle.withLock { $0.append(matcher) } }
    return body(matcher)
  }

  /// One thread's memory for matching.
  final class Matcher: @unchecked Sendable {
    // One caller has it at a time.
    private let handle: OpaquePointer

    fileprivate init?(_ pattern: String) {
      guard let handle = graft_icu_expression(pattern) else { return nil }
      self.handle = handle
    }

    deinit { graft_icu_expression_close(handle) }

    /// Calls `body` with each match from left to right, in bytes. An empty match right after the last one is none. If a
    /// match takes more steps than ICU is allowed, the rest of the text has none.
    func forEachMatch(in bytes: UnsafeBufferPointer<UInt8>, _ body: (_ start: Int, _ end: Int) -> Void) {
      var start = 0
      while let base = bytes.baseAddress, start < bytes.count {
        var end = min(bytes.count, start + RegularExpression.longestText)
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        var pairs: UnsafePointer<Int32>?
        let count = graft_icu_expression_matches(handle, base + start, Int32(end - start), &pairs)
        if let pairs {
          for index in 0..<Int(max(0, count)) {
            body(start + Int(pairs[2 * index]), start + Int(pairs[2 * index + 1]))
          }
        }
        start = end
      }
    }
  }
}
