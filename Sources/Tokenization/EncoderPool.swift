import Synchronization

/// Encoders that wait for the next call of `Tokenizer.encode`, so that short texts profit from the cache too.
final class EncoderPool: Sendable {
  private struct Idle: @unchecked Sendable {
    // An encoder is in the pool or with one caller, never both.
    var encoders: [TokenEncoder] = []
  }

  private let idle = Mutex(Idle())

  func withEncoder<Result>(of tokenizer: Tokenizer, _ body: (TokenEncoder) -> Result) -> Result {
    let borrowed = idle.withLock { idle in Idle(encoders: idle.encoders.popLast().map { [$0] } ?? []) }
    let loan = borrowed.encoders.isEmpty ? Idle(encoders: [tokenizer.makeEncoder()]) : borrowed
    let result = body(loan.encoders[0])
    idle.withLock { $0.encoders += loan.encoders }
    return result
  }
}
