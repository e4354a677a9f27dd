import Corpus
import ModelKit
import Records
import Support

extension TextScorer {
  /// The loss of each token of `scored` with the mask in its place and all others as they are: one reading per token.
  ///
  /// An encoder answers where the mask is; a decoder that reads its inputs from both sides one place before it, where
  /// the token before predicts the next one.
  /// - Throws: `.badData` for a tokenizer without mask.
  func maskedLosses(_ texts: [(ids: [TokenID], scored: Range<Int>)]) throws(GraftError) -> [[Float]] {
    guard let mask = codec.vocabulary.mask else {
      throw GraftError(
        .badData, "the tokenizer has no mask and no sentinel tokens, the first of which would be one")
    }
    var examples: [TokenExample] = []
    var found: [Float] = []
    for (ids, scored) in texts {
      for position in scored { examples.append(maskedExample(ids, position, mask)) }
      // All at once would take a multiple of the texts' memory.
      let full = examples.count - examples.count % Self.batchSize
      if full >= Self.maskedExamples {
        found += try losses(Array(examples[..<full])).joined()
        examples.removeFirst(full)
      }
    }
    found += try losses(examples).joined()
    var rest = found[...]
    return texts.map { text in
      defer { rest = rest.dropFirst(text.scored.count) }
      return Array(rest.prefix(text.scored.count))
    }
  }

  /// Examples that are made at a time.
  private static let maskedExamples = 64 * batchSize

  private func maskedExample(_ ids: [TokenID], _ position: Int, _ mask: TokenID) -> TokenExample {
    var example = TokenExample(inputs: ids, targets: [TokenID](repeating: Batch.ignored, count: ids.count))
    example.inputs[position] = mask
    example.targets[position] = ids[position]
    if model.backbone.layout == .prefixDecoder {
      // The last token of the inputs is not read, for nothing comes after it; here it is none of the text's.
      example.inputs.append(codec.vocabulary.endOfSequence)
      example.targets.append(Batch.ignored)
      example.predictsInputs = true
    }
    return example
  }

  /// Input and target as one text: its tokens, the last of which are the target's. What does not fit into the model
  /// loses its beginning, as a text that is continued does.
  /// - Returns: also whether it was cut.
  private func joined(_ candidate: Candidate) -> (ids: [TokenID], scored: Range<Int>, isCut: Bool) {
    let example = codec.example(candidate.inputs, candidate.targets)
    let ids = example.inputs + example.targets
    let kept = Array(ids.suffix(longest - 1))
    return (kept, max(0, kept.count - example.targets.count)..<kept.count, kept.count < ids.count)
  }

  /// The candidate of each row whose target is the likeliest in its input, each token of the target predicted from all
  /// others. Scores are also given over the target's tokens and bytes.
  /// - Parameter names: of the rows, for errors.
  /// - Throws: `.internalError` naming a row with a score that is not finite; as `maskedLosses`.
  func rankMasked(_ rows: [[Candidate]], names: ExampleNames) throws(GraftError) -> [Prediction] {
    let texts = rows.joined().map { candidate in
      let text = joined(candidate)
      return (ids: text.ids, scored: text.scored)
    }
    let losses = try maskedLosses(texts)
    var rest = losses[...]
    var predictions: [Prediction] = []
    for (index, row) in rows.enumerated() {
      let own = rest.prefix(row.count)
      rest = rest.dropFirst(row.count)
      let sums = own.map { $0.reduce(0) { $0 - Double($1) } }
      guard sums.allSatisfy(\.isFinite) else {
        throw .notFinite("score", of: names.name(index, text: row.first?.inputs ?? ""))
      }
      var prediction = Prediction(row.map(\.targets), scores: sums)
      prediction.choiceScoresPerToken = zip(sums, own).map { $0 / Double(max(1, $1.count)) }
      prediction.choiceScoresPerByte = zip(sums, row).map { $0 / Double(max(1, $1.targets.utf8.count)) }
      predictions.append(prediction)
    }
    return predictions
  }

  /// Whether the model sees a part only of an example's candidates.
  func isCut(_ example: Example) -> Bool { (example.candidates ?? []).contains { joined($0).isCut } }
}
