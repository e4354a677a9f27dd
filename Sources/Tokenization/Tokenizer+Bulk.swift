import Foundation
import Randomness
import Records
import Support

/// Encoding of many texts, with offsets, with dropout.
extension Tokenizer {
  /// The tokens of `text`, as `encode` gives them, each with the bytes of the text's UTF-8 that it stands for.
  public func encodeWithOffsets(_ text: String, recognizingSpecialTokens: Bool = false) -> [LocatedToken] {
    var text = text
    return text.withUTF8 {
      encodeWithOffsets(UnsafeRawBufferPointer($0), recognizingSpecialTokens: recognizingSpecialTokens)
    }
  }

  /// The tokens of arbitrary bytes, each with the bytes it stands for.
  public func encodeWithOffsets(
    _ bytes: UnsafeRawBufferPointer, recognizingSpecialTokens: Bool = false
  ) -> [LocatedToken] {
    idleEncoders.withEncoder(of: self) {
      $0.encodeWithOffsets(bytes, recognizingSpecialTokens: recognizingSpecialTokens)
    }
  }

  /// The tokens of `text` with merges left out at random, see `TokenEncoder.encode(_:dropout:at:)`.
  /// - Throws: `.usage` if the probability is none or the model is no BPE.
  public func encode(_ text: String, dropout: Double, at key: RandomKey) throws(GraftError) -> [TokenID] {
    var text = text
    let result: Result<[TokenID], GraftError> = text.withUTF8 { bytes in
      idleEncoders.withEncoder(of: self) { encoder in
        Result { () throws(GraftError) in
          try encoder.encode(UnsafeRawBufferPointer(bytes), dropout: dropout, at: key)
        }
      }
    }
    return try result.get()
  }

  /// The tokens of many texts, in their order, by all cores.
  /// - Parameter threads: how many take part; nil is one per core.
  public func encode(
    batch texts: [String], recognizingSpecialTokens: Bool = false, threads: Int? = nil
  ) -> [[TokenID]] {
    let threads = max(1, min(threads ?? ProcessInfo.processInfo.activeProcessorCount, texts.count))
    // Texts are dealt out in small runs as threads come to be free, since some are longer than others.
    let run = max(1, min(64, texts.count / (4 * threads)))
    let runs = (texts.count + run - 1) / run
    return [[TokenID]](unsafeUninitializedCapacity: texts.count) { results, count in
      // Every place is written by the one thread that has its number.
      nonisolated(unsafe) let results = results
      deal(runs, to: threads) { next in
        idleEncoders.withEncoder(of: self) { encoder in
          while let number = next() {
            for index in number * run..<min((number + 1) * run, texts.count) {
              results.initializeElement(
                at: index,
                to: encoder.encode(texts[index], recognizingSpecialTokens: recognizingSpecialTokens))
            }
          }
        }
      }
      count = texts.count
    }
  }
}
