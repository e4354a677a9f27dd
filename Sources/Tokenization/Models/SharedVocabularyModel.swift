import Records

/// One of two unigram models that share a vocabulary, as Marian has them for what it reads and what it writes: the
/// pieces are those of the model, their ids those of the vocabulary. A piece that the vocabulary lacks is unknown;
/// neighbouring characters that the model does not know are one token where the vocabulary has it, else unknown. A
/// language code in front is a token.
///
/// Worked example: the model has the pieces `▁` and `a`, the vocabulary `▁` 4, `a` 5, `ß` 6 and unknown 1, so that
/// `▁aß` is 4 5 6 and `▁aßx` is 4 5 1.
final class SharedVocabularyModel: TokenModel {
  let takesAnyBytes = false

  private let pieces: UnigramModel
  private let unknownPiece: TokenID
  /// The ids of the model's pieces.
  private let ids: [TokenID]
  private let names: ByteTrie
  private let unknown: TokenID

  /// - Parameters:
  ///   - names: the whole vocabulary but its special tokens.
  ///   - unknown: the unknown token of the vocabulary.
  init(_ model: SentencePieceModel, names: ByteTrie, unknown: TokenID) {
    let texts = model.pieces.map { $0.role == .normal ? Array($0.text.utf8) : [] }
    pieces = UnigramModel(
      pieces: texts, scores: model.pieces.map { Double($0.score) }, unknown: TokenID(model.unknown), byteIDs: nil,
      isSinglePrecision: true)
    unknownPiece = TokenID(model.unknown)
    self.names = names
    self.unknown = unknown
    ids = texts.map { names.token(of: $0) ?? unknown }
  }

  func makeWorker() -> any TokenModelWorker { Worker(model: self) }

  private final class Worker: TokenModelWorker {
    private let model: SharedVocabularyModel
    private let worker: any TokenModelWorker
    private var ends: [Int] = []

    init(model: SharedVocabularyModel) {
      self.model = model
      worker = model.pieces.makeWorker()
    }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID]) {
      ends.removeAll(keepingCapacity: true)
      append(word, length, to: &tokens, ends: &ends)
    }

    func append(_ word: UnsafePointer<UInt8>, _ length: Int, to tokens: inout [TokenID], ends: inout [Int]) {
      let code = LanguageCode.length(in: word, length)
      if code > 0 {
        tokens.append(token(word, 0..<code))
        ends.append(code)
      }
      let (firstToken, firstEnd) = (tokens.count, ends.count)
      worker.append(word + code, length - code, to: &tokens, ends: &ends)
      var start = code
      for index in 0..<tokens.count - firstToken {
        let (piece, end) = (tokens[firstToken + index], code + ends[firstEnd + index])
        tokens[firstToken + index] = piece == model.unknownPiece ? token(word, start..<end) : model.ids[Int(piece)]
        ends[firstEnd + index] = end
        start = end
      }
    }

    private func token(_ word: UnsafePointer<UInt8>, _ range: Range<Int>) -> TokenID {
      model.names.token(of: UnsafeBufferPointer(start: word + range.lowerBound, count: range.count)) ?? model.unknown
    }
  }
}
