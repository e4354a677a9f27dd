import Records
import Support

extension Tokenizer {
  /// The older files of GPT-2: `vocab.json` and `merges.txt`, which say nothing of how text is normalised and cut.
  /// - Throws: `.badData` if these files could not say what this tokenizer does.
  public func vocabularyAndMerges() throws(GraftError) -> (vocabulary: [UInt8], merges: [UInt8]) {
    guard let model = pipeline.model as? MergeModel, case .byteLevel(.gpt2, _) = pipeline.cutting,
      pipeline.normalizer == nil, !model.ignoresMerges
    else {
      throw GraftError(
        .badData, "vocab.json and merges.txt cannot say what this tokenizer does",
        hint:
          "only for byte-level BPE that cuts like GPT-2 and normalizes nothing; others are whole in tokenizer.json."
      )
    }
    let lines = (0..<TokenID(vocabulary.size)).map { "  \(token($0).jsonLiteral): \($0)" }
    let vocabulary = "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    var merges = "#version: 0.2\n"
    for merge in model.merges { merges += "\(token(merge.left)) \(token(merge.right))\n" }
    return (Array(vocabulary.utf8), Array(merges.utf8))
  }
}
