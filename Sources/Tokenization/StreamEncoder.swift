import Records

/// Encodes a text of any length that comes in parts: the tokens are those of the whole. What is kept back is bounded by
/// the longest stretch without a space or line feed after a letter or digit of ASCII. A tokenizer whose cutting or
/// normalisation looks at more than that (unigram models, WordPiece, a prefix space) keeps back everything.
public struct StreamEncoder {
  /// A place to cut is looked for once so many bytes have come.
  var chunk = 1 << 20

  private let encoder: TokenEncoder
  private let mayCut: Bool
  private var waiting: [UInt8] = []
  /// How far the search for a place to cut has been in vain.
  private var searched = 0

  /// An encoder of one text after another, with a word cache of its own.
  public init(_ tokenizer: Tokenizer) {
    encoder = tokenizer.makeEncoder()
    mayCut =
      switch tokenizer.pipeline.cutting {
      case .byteLevel(let pattern, let addsPrefixSpace):
        pattern != .none && !addsPrefixSpace && tokenizer.pipeline.normalizer?.isLocal ?? true
          && !tokenizer.addedWords.contains { Self.mayCross($0, tokenizer.pipeline.normalizer != nil) }
      case .words, .whole: false
      }
  }

  /// Whether a place to cut may be within an added token.
  private static func mayCross(_ token: AddedToken, _ isNormalizing: Bool) -> Bool {
    token.stripsRight || token.isNormalized && isNormalizing
      || Array(token.name.utf8).withUnsafeBytes { lastPlaceToCut($0, after: 0) } != nil
  }

  /// Takes the next part; appends the tokens that are certain by now.
  public mutating func append(_ part: UnsafeRawBufferPointer, to tokens: inout [TokenID]) {
    waiting.append(contentsOf: part)
    guard mayCut, waiting.count - searched >= chunk else { return }
    let cut = waiting.withUnsafeBytes { Self.lastPlaceToCut($0, after: searched) }
    guard let cut else {
      searched = waiting.count - 1
      return
    }
    waiting.withUnsafeBytes { encoder.encode(UnsafeRawBufferPointer(rebasing: $0[..<cut]), into: &tokens) }
    waiting.removeFirst(cut)
    searched = 0
  }

  /// Appends the tokens of what is left.
  public mutating func finish(into tokens: inout [TokenID]) {
    waiting.withUnsafeBytes { encoder.encode($0, into: &tokens) }
    waiting = []
    searched = 0
  }

  /// Before a space or line feed that follows a letter or digit of ASCII: no pattern has a word across that place, and
  /// nothing composes there.
  public static func lastPlaceToCut(_ bytes: UnsafeRawBufferPointer, after start: Int) -> Int? {
    var place = bytes.count - 1
    while place > start {
      if bytes[place] == 0x20 || bytes[place] == 0x0A {
        switch bytes[place - 1] {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return place
        default: break
        }
      }
      place -= 1
    }
    return nil
  }
}
