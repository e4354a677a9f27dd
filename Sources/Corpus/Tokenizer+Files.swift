import Foundation
import Support
import Tokenization

extension Tokenizer {
  /// Trains on files, which are read once, piece by piece.
  /// - Parameters:
  ///   - files: files, directories and patterns (see `CorpusFiles.expand`), or `-` for standard input.
  ///   - reading: how they become documents; cleaning applies, nothing is held out.
  ///   - selections: what `CorpusScreening` leaves out of each file; nil for nothing.
  public static func train(
    files: [String], reading: CorpusOptions, options: TokenizerTrainingOptions,
    selections: [DocumentSelection]? = nil,
    progress: (TokenizerTrainingProgress) -> Void = { _ in }
  ) throws(GraftError) -> Tokenizer {
    try reading.validate()
    var trainer = try TokenizerTrainer(options: options)
    var documents = CorpusDocuments(reading)
    let paths = files.contains(DocumentReader.standardInput) ? files : try CorpusFiles.expand(files)
    let sizes = paths.map {
      Double((try? FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int) ?? 0)
    }
    let total = sizes.reduce(0, +)
    var (finished, reported) = (0.0, 0)
    for (index, (path, size)) in zip(paths, sizes).enumerated() {
      do throws(GraftError) {
        let reader = try documents.reader(path, isWhole: selections != nil)
        try documents.forEachPiece(of: reader, selections?[index]) { (piece) throws(GraftError) in
          trainer.add(Array(piece.bytes))
          if trainer.byteCount - reported >= 1 << 22 {
            reported = trainer.byteCount
            progress(
              .counting(
                bytes: trainer.byteCount, distinctWords: trainer.distinctWords,
                fraction: reader.fractionRead.map { (finished + $0 * size) / max(1, total) }))
          }
        }
      } catch { throw CorpusFiles.naming(error, others: paths[(index + 1)...], reading) }
      finished += size
    }
    return try trainer.finish(progress: progress)
  }
}
