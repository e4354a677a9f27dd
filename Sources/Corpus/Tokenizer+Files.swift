import Support
import Tokenization

extension Tokenizer {
  /// Trains on files, which are read once, piece by piece.
  /// - Parameters:
  ///   - files: files, directories and patterns (see `CorpusFiles.expand`).
  ///   - reading: how they become documents; cleaning applies, nothing is held out.
  public static func train(
    files: [String], reading: CorpusOptions, options: TokenizerTrainingOptions,
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    try reading.validate()
    var trainer = try TokenizerTrainer(options: options)
    var cleaner = reading.cleaning.map(DocumentCleaner.init)
    var reported = 0
    for path in try CorpusFiles.expand(files) {
      try DocumentReader(path: path, options: reading).forEachPiece { (piece) throws(GraftError) in
        if cleaner != nil {
          if let cleaned = cleaner?.clean(piece.bytes) { cleaned.withUnsafeBytes { trainer.add($0) } }
        } else {
          trainer.add(piece.bytes)
        }
        if trainer.byteCount - reported >= 1 << 22 {
          reported = trainer.byteCount
          progress(.counting(bytes: trainer.byteCount, distinctWords: trainer.distinctWords))
        }
      }
    }
    progress(.counting(bytes: trainer.byteCount, distinctWords: trainer.distinctWords))
    return try trainer.finish(progress: progress)
  }
}
