import Support

/// A model of SentencePiece as its file has it: a message of protocol buffers ("Protocol Buffers: Encoding";
/// sentencepiece_model.proto of the library). Only what encoding needs is read.
struct SentencePieceModel {
  enum Kind: Int {
    case unigram = 1
    case bpe = 2
    case word = 3
    case character = 4
  }

  /// What a piece is for.
  enum Role: Int {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
  }

  struct Piece {
    var text = ""
    var score: Float = 0
    var role = Role.normal
  }

  var pieces: [Piece] = []
  var kind = Kind.unigram
  var unknown = 0
  var writesSpacesBehind = false
  /// The rules of the normaliser; empty for none.
  var characterMap: [UInt8] = []
  var addsSpaceInFront = true
  var removesExtraSpaces = true

  /// - Returns: nil for what is no such message, or has no pieces.
  init?(_ bytes: [UInt8]) {
    let isRead = Self.forEachField(bytes[...]) { field, value in
      switch (field, value) {
      case (1, .bytes(let content)):
        guard let piece = Self.piece(content) else { return false }
        pieces.append(piece)
      case (2, .bytes(let content)): return readTraining(content)
      case (3, .bytes(let content)): return readNormalization(content)
      default: break
      }
      return true
    }
    guard isRead, !pieces.isEmpty, pieces.indices.contains(unknown) else { return nil }
  }

  private static func piece(_ bytes: ArraySlice<UInt8>) -> Piece? {
    var piece = Piece()
    let isRead = forEachField(bytes) { field, value in
      switch (field, value) {
      case (1, .bytes(let text)):
        guard let text = String(validating: text, as: UTF8.self) else { return false }
        piece.text = text
      case (2, .word(let bits)):
        piece.score = Float(bitPattern: bits)
        return piece.score.isFinite
      case (3, .number(let number)):
        guard let role = Role(rawValue: number) else { return false }
        piece.role = role
      default: break
      }
      return true
    }
    return isRead && !piece.text.isEmpty ? piece : nil
  }

  private mutating func readTraining(_ bytes: ArraySlice<UInt8>) -> Bool {
    var (kind, unknown, isBehind) = (kind, unknown, false)
    let isRead = Self.forEachField(bytes) { field, value in
      switch (field, value) {
      case (3, .number(let number)):
        guard let known = Kind(rawValue: number) else { return false }
        kind = known
      case (24, .number(let number)): isBehind = number != 0
      case (40, .number(let number)): unknown = number
      default: break
      }
      return true
    }
    (self.kind, self.unknown, writesSpacesBehind) = (kind, unknown, isBehind)
    return isRead
  }

  private mutating func readNormalization(_ bytes: ArraySlice<UInt8>) -> Bool {
    var (map, addsSpace, removesSpaces) = (characterMap, addsSpaceInFront, removesExtraSpaces)
    let isRead = Self.forEachField(bytes) { field, value in
      switch (field, value) {
      case (2, .bytes(let content)): map = Array(content)
      case (3, .number(let number)): addsSpace = number != 0
      case (4, .number(let number)): removesSpaces = number != 0
      default: break
      }
      return true
    }
    (characterMap, addsSpaceInFront, removesExtraSpaces) = (map, addsSpace, removesSpaces)
    return isRead
  }

  // MARK: The wire format

  private enum Value {
    case number(Int)
    case word(UInt32)
    case bytes(ArraySlice<UInt8>)
    case other
  }

  /// Calls `body` with each field of a message until it returns false.
  /// - Returns: whether the message is well-formed and `body` always returned true.
  private static func forEachField(_ bytes: ArraySlice<UInt8>, _ body: (_ field: Int, Value) -> Bool) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = number(&rest) else { return false }
      var value = Value.other
      switch tag & 7 {
      case 0:
        guard let number = number(&rest) else { return false }
        value = .number(number)
      case 1:
        guard rest.count >= 8 else { return false }
        rest = rest.dropFirst(8)
      case 2:
        guard let length = number(&rest), length >= 0, length <= rest.count else { return false }
        value = .bytes(rest.prefix(length))
        rest = rest.dropFirst(length)
      case 5:
        guard rest.count >= 4 else { return false }
        value = .word(rest.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        rest = rest.dropFirst(4)
      default: return false
      }
      guard body(tag >> 3, value) else { return false }
    }
    return true
  }

  /// A number of seven bits a byte, the low ones first.
  private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
    var (result, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst(), shift < 64 {
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(truncatingIfNeeded: result) }
      shift += 7
    }
    return nil
  }
}
