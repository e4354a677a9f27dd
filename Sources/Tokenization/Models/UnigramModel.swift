import Records

/// The unigram language model of SentencePiece (Kudo 2018, "Subword Regularization"): the cut of a word whose pieces
/// have the largest sum of scores (log probabilities), found from left to right as by Viterbi. A character that is no
/// piece costs the lowest score less 10 and is unknown; neighbouring unknown characters are one unknown token.
///
/// Special tokens are no pieces, unlike in Hugging Face tokenizers, where normalised text that comes to have a special
/// token's name (from `＜/s＞`, say) becomes that token.
///
/// Worked example: with scores `▁` -2, `a` -3, `▁a` -4, `b` -3 and the word `▁ab`: `▁a` `b` has -7, `▁` `a` `b` has -8,
/// so the first is taken.
final class UnigramModel: TokenModel {
  /// How much less than the lowest score an unknown character has.
  private static let unknownPenalty = 10.0

  private let pieces = ByteTrie()
  private let scores: [Double]
  private let unknownScore: Double
  private let unknown: TokenID
  /// The token of each byte if unknown characters are spelled in bytes.
  private let byteIDs: [TokenID]?
  private let isSinglePrecision: Bool

  let takesAnyBytes = false

  /// - Parameters:
  ///   - pieces: the text of each id; empty for ids that no text becomes.
  ///   - scores: of the same ids.
  ///   - byteIDs: the token of each byte, -1 where there is none; nil if unknown characters stay unknown.
  ///   - isSinglePrecision: whether the sums of a path are rounded as SentencePiece rounds them, which decides between
  ///     paths that are all but equal; Hugging Face tokenizers adds in double precision.
  init(
    pieces: [[UInt8]], scores: [Double], unknown: TokenID, byteIDs: [TokenID]?, isSinglePrecision: Bool = false
  ) {
    for (id, piece) in pieces.enumerated() where !piece.isEmpty {
      self.pieces.insert(piece, TokenID(id))
    }
    self.scores = scores
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    self.unknown = unknown
    self.byteIDs = byteIDs
    self.isSinglePrecision = isSinglePrecision
  }

  /// A sum of scores as a path keeps it.
  @inline(__always)
  private func kept(_ score: Double) -> Double { isSinglePrecision ? Double(Float(score)) : score }

  func makeWorker() -> any TokenModelWorker { Worker(model: self) }

  private final class Worker: TokenModelWorker {
    /// The best path that ends at an offset: its last token and that one's start, -1 while there is none.
    private struct Node {
      var score = 0.0
      var start: Int32 = -1
      var token: TokenID = 0
    }

    private let model: UnigramModel
    private var path: [Node] = []
    private var reversed: [TokenID] = []

    init(model: UnigramModel) { self.model = model }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
      append(word, length, to: &tokens) { _, _ in }
    }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], ends: inout [Int]) {
      var reversedEnds: [Int] = []
      var start = 0
      append(word, length, to: &tokens) { end, count in
        // A word of a gigabyte comes in pieces, each from its end.
        if let last = reversedEnds.last, end > last {
          ends += reversedEnds.reversed().map { $0 + start }
          start = ends.last ?? 0
          reversedEnds = []
        }
        reversedEnds += repeatElement(end, count: count)
      }
      ends += reversedEnds.reversed().map { $0 + start }
    }

    /// - Parameter body: called from the last token to the first with the end and the number of tokens that end there.
    private func append(
      _ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], _ body: (Int, Int) -> Void
    ) {
      // Offsets are 32 bits wide. A word of a gigabyte is cut between two characters.
      let limit = 1 << 30
      guard length <= limit else {
        var end = limit
        while word[end] & 0xC0 == 0x80 { end -= 1 }
        append(word, end, to: &tokens, body)
        append(word + end, length - end, to: &tokens, body)
        return
      }
      findBestPath(word, length)
      reversed.removeAll(keepingCapacity: true)
      var end = length
      while end > 0 {
        let node = path[end]
        var start = Int(node.start)
        guard node.token == model.unknown else {
          reversed.append(node.token)
          body(end, 1)
          end = start
          continue
        }
        while start > 0, path[start].token == model.unknown { start = Int(path[start].start) }
        let before = reversed.count
        appendUnknown(word, start, end)
        body(end, reversed.count - before)
        end = start
      }
      tokens.append(contentsOf: reversed.lazy.reversed())
    }

    /// Fills `path` for all offsets where characters end.
    private func findBestPath(_ word: UnsafePointer<UInt8>, _ length: Int) {
      path.removeAll(keepingCapacity: true)
      path.append(contentsOf: repeatElement(Node(), count: length + 1))
      let model = model
      model.scores.withUnsafeBufferPointer { scores in
        path.withUnsafeMutableBufferPointer { path in
          var start = 0
          while start < length {
            let scoreHere = path[start].score
            var node: Int32 = 0
            var offset = start
            let characterEnd = start + Self.characterLength(word[start])
            var isKnown = false
            while offset < length {
              node = model.pieces.child(node, word[offset])
              if node < 0 { break }
              offset += 1
              let token = model.pieces.token(at: node)
              guard token >= 0 else { continue }
              let score = scores[Int(token)] + scoreHere
              if path[offset].start < 0 || score > path[offset].score {
                path[offset] = Node(score: model.kept(score), start: Int32(start), token: token)
              }
              if offset == characterEnd { isKnown = true }
            }
            if !isKnown {
              let end = min(characterEnd, length)
              let score = model.kept(model.unknownScore + scoreHere)
              if path[end].start < 0 || score > path[end].score {
                path[end] = Node(score: score, start: Int32(start), token: model.unknown)
              }
            }
            start = min(characterEnd, length)
          }
        }
      }
    }

    private func appendUnknown(_ word: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
      guard let byteIDs = model.byteIDs, (start..<end).allSatisfy({ byteIDs[Int(word[$0])] >= 0 }) else {
        reversed.append(model.unknown)
        return
      }
      for offset in (start..<end).reversed() { reversed.append(byteIDs[Int(word[offset])]) }
    }

    @inline(__always)
    private static func characterLength(_ first: UInt8) -> Int {
      first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }
  }
}
