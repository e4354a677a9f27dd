import Foundation
import Support

extension NGramModel {
  /// A mixture: the probability of a word is the weighted sum of those by each model.
  /// - Parameter weights: of the models; they are divided by their sum.
  /// - Throws: `.usage` for models with different words, and impossible weights.
  public static func mixing(_ models: [NGramModel], weights: [Double]) throws(GraftError) -> NGramModel {
    guard let first = models.first, models.count == weights.count else {
      throw GraftError(
        .usage, "\(models.count) models and \(weights.count) weights", hint: "give a weight for each model.")
    }
    let sum = weights.reduce(0, +)
    guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), sum > 0, sum.isFinite else {
      throw GraftError(.usage, "impossible weights", hint: "give numbers that are not negative, and one above 0.")
    }
    for model in models.dropFirst() {
      let isSame = model.unit.tokenizer?.contentHash == first.unit.tokenizer?.contentHash
      guard isSame, model.vocabulary.hasSameWords(as: first.vocabulary) else {
        throw GraftError(
          .usage, "models with different words cannot be mixed",
          hint: "train them with one tokenizer, or the others with the words of the first, `vocabulary:`.")
      }
    }
    var parts: [NGramDescription.Part] = []
    for (model, weight) in zip(models, weights) {
      for var part in model.description.parts {
        part.weight *= weight / sum
        part.file = "ngrams-\(parts.count + 1).bin"
        parts.append(part)
      }
    }
    return NGramModel(
      unit: first.unit, vocabulary: first.vocabulary,
      description: NGramDescription(unit: first.description.unit, parts: parts), tries: models.flatMap(\.tries))
  }

  /// The weights with which a mixture gives held-out text the greatest probability, by expectation maximisation.
  /// - Throws: as `mixing` and as reading throws; `.badData` for files without a word.
  public static func weights(
    ofMixing models: [NGramModel], heldOut files: [String]
  ) throws(GraftError) -> [Double] {
    var weights = [Double](repeating: 1 / Double(models.count), count: models.count)
    let mixed = try mixing(models, weights: weights)
    var rows: [Double] = []
    for file in files {
      try mixed.unit.forEachSentence(of: file, mixed.vocabulary) { sentence in
        var states = models.map(\.start)
        for word in sentence + [NGramVocabulary.end] {
          for (index, model) in models.enumerated() {
            var length = 0
            rows.append(exp(model.logProbability(of: word, &states[index], length: &length)))
          }
        }
      }
    }
    guard !rows.isEmpty else { throw .nothingToCount(files) }
    let count = rows.count / models.count
    for _ in 0..<200 {
      var shares = [Double](repeating: 0, count: models.count)
      for row in 0..<count {
        let own = models.indices.map { weights[$0] * rows[row * models.count + $0] }
        let sum = own.reduce(0, +)
        for index in models.indices where sum > 0 { shares[index] += own[index] / sum }
      }
      let next = shares.map { $0 / Double(count) }
      let change = zip(next, weights).map { abs($0 - $1) }.max() ?? 0
      weights = next
      if change < 1e-6 { break }
    }
    return weights
  }
}
