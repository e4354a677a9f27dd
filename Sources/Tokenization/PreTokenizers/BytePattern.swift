/// How a byte-level tokenizer cuts text into the words that merges never cross.
public enum BytePattern: String, Sendable, Hashable, CaseIterable {
  /// The rule of GPT-2 and RoBERTa, see `ByteLevelScanner`.
  case gpt2
  /// The rule of tiktoken's cl100k and of Llama 3, see `GroupScanner`: up to three digits are a word.
  case cl100k
  /// The same with every digit alone, as in Qwen 2.
  case qwen2
  /// At white space only, see `WhitespaceScanner`.
  case whitespace
  /// Not at all.
  case none

  /// The regular expressions that mean each pattern in `tokenizer.json`, Graft's own choice first.
  static let expressions: [(pattern: BytePattern, expression: String)] = [
    (.cl100k, groups(digits: #"\p{N}{1,3}"#)),
    (.qwen2, groups(digits: #"\p{N}"#)),
    (.whitespace, #" ?\S+|\s+(?!\S)|\s+"#),
    (.gpt2, #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#),
    (.gpt2, #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#),
  ]

  private static func groups(digits: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// The pattern that a regular expression means; nil if Graft has none for it.
  init?(expression: String) {
    guard let known = Self.expressions.first(where: { $0.expression == expression }) else { return nil }
    self = known.pattern
  }

  /// The regular expression that means it, nil for `none`.
  var expression: String? { Self.expressions.first { $0.pattern == self }?.expression }

  /// Calls `body` with the start and end of each word in order.
  @inline(__always)
  func forEachWord(in bytes: UnsafeRawBufferPointer, _ body: (_ start: Int, _ end: Int) -> Void) {
    guard let base = bytes.bindMemory(to: UInt8.self).baseAddress, !bytes.isEmpty else { return }
    switch self {
    case .gpt2:
      let scanner = ByteLevelScanner(bytes, base: base)
      Self.walk(bytes.count, scanner.end(ofWordAt:), body)
    case .cl100k, .qwen2:
      let scanner = GroupScanner(bytes, base: base, longestNumber: self == .cl100k ? 3 : 1)
      Self.walk(bytes.count, scanner.end(ofWordAt:), body)
    case .whitespace:
      let scanner = WhitespaceScanner(bytes, base: base)
      Self.walk(bytes.count, scanner.end(ofWordAt:), body)
    case .none:
      body(0, bytes.count)
    }
  }

  @inline(__always)
  private static func walk(_ count: Int, _ end: (Int) -> Int, _ body: (_ start: Int, _ end: Int) -> Void) {
    var start = 0
    while start < count {
      let next = end(start)
      body(start, next)
      start = next
    }
  }
}
