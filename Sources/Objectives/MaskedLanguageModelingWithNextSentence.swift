import Autograd
import ModelKit
import Randomness
import Records
import Support

/// Masked language modelling over two texts, and whether the second follows the first (Devlin et al. 2019,
/// `create_pretraining_data.py`). A window is cut in two; in half of the examples an equally long end of another window
/// takes the second part's place. The loss is the sum of both means. Where there is no other text, the parts change
/// places (sentence-order prediction, Lan et al. 2020).
///
/// Worked example, end-of-sequence 1: tokens [a b c d e] cut behind b are [a b 1 c d e 1] with segments 0 0 0 1 1 1 1
/// and the answer 0 (next), or [a b 1 x y z 1] and 1.
public struct MaskedLanguageModelingWithNextSentence: PretrainingObjective {
  public static let identifier = "masked-lm-next-sentence"
  public static let summary = "masked-lm on two texts, and whether they belong together (BERT)"
  public static let parameters = MaskedLanguageModeling.parameters
  public static let layouts: Set<BatchLayout> = [.encoder]
  public static let lossIsLogProbability = false

  private var masking: TokenMasking
  private let end: TokenID

  public init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) {
    masking = try TokenMasking(values, maskShare: 0.8, randomShare: 0.1, vocabulary, for: Self.identifier)
    end = vocabulary.endOfSequence
  }

  public func at(progress: Double) -> Self {
    var objective = self
    objective.masking = masking.at(progress: progress)
    return objective
  }

  public func lengths(ofRaw raw: Int) -> ExampleLengths { ExampleLengths(inputs: raw + 2, targets: raw + 2) }

  public func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    pair(tokens, key: key) { parts in (parts.second, parts.first) }
  }

  public func example(from tokens: [TokenID], other: () -> [TokenID], key: RandomKey) -> TokenExample? {
    pair(tokens, key: key) { parts in (parts.first, other().suffix(parts.second.count)) }
  }

  private typealias Parts = (first: ArraySlice<TokenID>, second: ArraySlice<TokenID>)

  /// - Parameter unrelated: two texts that do not follow each other, in place of two that do.
  private func pair(_ tokens: [TokenID], key: RandomKey, unrelated: (Parts) -> Parts) -> TokenExample? {
    guard tokens.count >= 2 else { return nil }
    var random = key.folded("pair").generator()
    let cut = 1 + random.below(tokens.count - 1)
    let isOther = random.uniform() < 0.5
    let consecutive = (first: tokens[..<cut], second: tokens[cut...])
    let parts = isOther ? unrelated(consecutive) : consecutive
    let inputs = parts.first + [end] + parts.second + [end]
    guard var example = masking.example(from: Array(inputs), key: key) else { return nil }
    example.answer = Answer(head: 0, value: isOther ? 1 : 0)
    example.secondSegment = parts.first.count + 1
    return example
  }

  public func bind(to backbone: any Backbone) throws(GraftError) -> BatchLoss {
    guard let model = backbone.predictor, let head = model.nextSentenceHead else {
      throw GraftError(
        .usage, "the backbone has no head for next sentences, which \(Self.identifier) needs",
        hint: "take a preset of the bert family with 'nextSentence': true.")
    }
    return { batch, scale, _, recomputing, tape in
      let output = model.forward(batch, recomputing: recomputing, on: tape)
      var sum = output.crossEntropy(batch, gradientScale: scale.perTarget, zLoss: scale.zLoss, on: tape)
      let answers = AnswerOutput(hidden: output.hidden, rows: output.rows, heads: [head])
        .loss(batch, gradientScale: scale.perAnswer, on: tape)
      // Per target of the step, like the first part.
      sum.total += answers.total * scale.perAnswer / scale.perTarget
      return sum
    }
  }
}
