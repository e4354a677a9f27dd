import Foundation
import Records
import Support

/// A rank file of tiktoken: in every line a token's bytes in base64, a space and its rank, which is its id. There are
/// no merges: two neighbours are joined if the bytes of both are a token, the lowest rank first, and a word that is a
/// token is that token.
///
/// As a `tokenizer.json` it says the same with `ignore_merges` and a merge for each two tokens that make a third. Where
/// one token can be made in two ways that overlap (`ab` + `a` or `a` + `ba` in "aba" between other tokens), tiktoken
/// takes the one that stands first in the text, the file the one whose left part has the lower rank.
struct RankFile {
  /// Larger files are not read: the largest in use have four megabytes.
  static let sizeLimit = 1 << 26
  /// Longer tokens are not read: the longest in use have 128 bytes.
  static let longestToken = 4096
  /// How many ids may be left over, which become special tokens without use.
  static let holeLimit = 4096

  /// The bytes of each id; empty for ids that are no ranks.
  private(set) var pieces: [[UInt8]] = []
  private let file: String

  /// - Throws: `.badData` with the line of what is not as it must be.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws(GraftError) {
    self.file = file
    func failure(_ message: String, line: Int? = nil) -> GraftError {
      GraftError(
        .badData, message,
        hint: "a line of a rank file is a token in base64, a space and its rank: `IQ== 0`.",
        location: SourceLocation(file: file, line: line))
    }
    guard bytes.count <= Self.sizeLimit else {
      throw failure("the file has \(bytes.count) bytes, a rank file at most \(Self.sizeLimit)")
    }
    var lines: [[UInt8]: Int] = [:]
    var ranks: [Int: Int] = [:]
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let number = index + 1
      let text = line.last == 0x0D ? line.dropLast() : line
      if text.isEmpty { continue }
      guard let space = text.firstIndex(of: 0x20) else { throw failure("no space", line: number) }
      guard let token = Self.token(text[..<space]), !token.isEmpty, token.count <= Self.longestToken else {
        throw failure("the token is not 1 … \(Self.longestToken) bytes in base64", line: number)
      }
      guard let rank = Int(String(decoding: text[(space + 1)...], as: UTF8.self)), rank >= 0, rank < 1 << 24
      else {
        throw failure("the rank is not a whole number from 0", line: number)
      }
      if let first = lines.updateValue(number, forKey: token) {
        throw failure("the token is that of line \(first), too", line: number)
      }
      if let first = ranks.updateValue(number, forKey: rank) {
        throw failure("the rank \(rank) is that of line \(first), too", line: number)
      }
      guard rank < ranks.count + Self.holeLimit + 1 || rank < pieces.count else {
        // Files are in ascending order; a rank far ahead of the lines cannot be filled up.
        throw failure("the rank \(rank) leaves more than \(Self.holeLimit) ids over", line: number)
      }
      while pieces.count <= rank { pieces.append([]) }
      pieces[rank] = token
    }
    let missing = (0...255).first { lines[[UInt8($0)]] == nil }
    if let missing { throw failure("there is no token of the byte \(missing)") }
  }

  /// - Returns: nil if the text is no base64, or not in the one form that encoding gives.
  private static func token(_ text: some Collection<UInt8>) -> [UInt8]? {
    let text = Data(text)
    guard let token = Data(base64Encoded: text), token.base64EncodedData() == text else { return nil }
    return Array(token)
  }

  /// The merges that the ranks imply: for each token in order all pairs of tokens that make it, by rank.
  private func merges() -> [(left: TokenID, right: TokenID, result: TokenID)] {
    let (forward, backward) = (ByteTrie(), ByteTrie())
    for (id, piece) in pieces.enumerated() where !piece.isEmpty {
      forward.insert(piece, TokenID(id))
      backward.insert(piece.reversed(), TokenID(id))
    }
    func tokens(along bytes: some Sequence<UInt8>, _ trie: ByteTrie) -> [TokenID] {
      var node: Int32 = 0
      return bytes.map { byte in
        node = trie.child(node, byte)
        return trie.token(at: node)
      }
    }
    var merges: [(left: TokenID, right: TokenID, result: TokenID)] = []
    for (id, piece) in pieces.enumerated() where piece.count > 1 {
      let lefts = tokens(along: piece, forward)
      let rights = Array(tokens(along: piece.reversed(), backward).reversed())
      var pairs: [(left: TokenID, right: TokenID, result: TokenID)] = []
      for cut in 1..<piece.count where lefts[cut - 1] >= 0 && rights[cut] >= 0 {
        pairs.append((lefts[cut - 1], rights[cut], TokenID(id)))
      }
      merges += pairs.sorted { ($0.left, $0.right) < ($1.left, $1.right) }
    }
    return merges
  }

  /// The special tokens that tiktoken has with a rank file of this size; `<|endoftext|>` in the first free id if it is
  /// none of tiktoken's.
  private func usualSpecials(_ pattern: BytePattern) -> [AddedToken] {
    if pattern == .cl100k, pieces.count == 100_256 {
      return [
        (100_257, SpecialTokens.endOfText), (100_258, "<|fim_prefix|>"), (100_259, "<|fim_middle|>"),
        (100_260, "<|fim_suffix|>"), (100_276, "<|endofprompt|>"),
      ].map { AddedToken(id: $0.0, name: $0.1) }
    }
    let free = pieces.firstIndex { $0.isEmpty } ?? pieces.count
    return [AddedToken(id: TokenID(free), name: SpecialTokens.endOfText)]
  }

  /// The `tokenizer.json` that says the same.
  /// - Parameter specials: nil for those that tiktoken has.
  /// - Throws: `.badData` if special tokens and ranks are in each other's way.
  func json(_ pattern: BytePattern, specials: [AddedToken]?) throws(GraftError) -> [UInt8] {
    var pieces = pieces
    var specials = specials ?? usualSpecials(pattern)
    for special in specials {
      let id = Int(special.id)
      guard id >= 0, id < pieces.count + Self.holeLimit, id >= pieces.count || pieces[id].isEmpty else {
        throw GraftError(
          .badData, "the special token '\(special.name)' cannot have the id \(special.id)",
          hint: "it must be free and not far above the \(self.pieces.count) ranks.",
          location: SourceLocation(file: file))
      }
      while pieces.count <= id { pieces.append([]) }
    }
    let taken = Set(specials.map { Int($0.id) })
    guard taken.count == specials.count, Set(specials.map(\.name)).count == specials.count else {
      throw GraftError(
        .badData, "two special tokens have one id or one name", location: SourceLocation(file: file))
    }
    for id in pieces.indices where pieces[id].isEmpty && !taken.contains(id) {
      specials.append(AddedToken(id: TokenID(id), name: "<|reserved_\(id)|>"))
    }
    return TokenizerJSON(pieces: pieces, specials: specials, normalization: [])
      .byteLevel(merges: merges(), pattern: pattern, ignoresMerges: true)
  }
}

extension Tokenizer {
  /// Reads a rank file of tiktoken (`cl100k_base.tiktoken` and the like).
  /// - Parameters:
  ///   - pattern: how text is cut; the file does not say.
  ///   - specialTokens: ids by name; nil for those that tiktoken has.
  /// - Throws: `.missingInput` if there is none, `.badData` with the line of what is not as it must be.
  public convenience init(
    rankFile path: String, pattern: BytePattern, specialTokens: [String: TokenID]? = nil
  ) throws(GraftError) {
    let json: [UInt8] = try MappedFile(path).withBytes { (bytes) throws(GraftError) in
      try RankFile(bytes, file: path).json(
        pattern, specials: specialTokens.map { $0.map { AddedToken(id: $0.value, name: $0.key) } })
    }
    try self.init(jsonBytes: json, file: path)
  }
}
