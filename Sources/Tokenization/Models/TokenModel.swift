import Records

/// The core of a tokenizer: what makes tokens of one word. Immutable and shared by threads; working memory is in
/// its workers.
protocol TokenModel: Sendable {
  /// Whether words may be any bytes. If not, what is not UTF-8 becomes U+FFFD before.
  var takesAnyBytes: Bool { get }

  /// Something that tokenizes one word after another, for one thread.
  func makeWorker() -> any TokenModelWorker
}

/// A model with working memory of its own. The same word always gives the same tokens.
protocol TokenModelWorker: AnyObject {
  func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID])

  /// The same, and appends to `ends` where in the word what each token stands for ends.
  func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], ends: inout [Int])
}
