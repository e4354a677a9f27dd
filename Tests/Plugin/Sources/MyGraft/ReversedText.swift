import Objectives
import Randomness
import Records
import Support

/// The text is read backwards and written forwards.
///
/// Worked example: [a b c] gives inputs [c b a </s>] and targets [a b c </s>].
struct ReversedText: PretrainingObjective {
  static let identifier = "reversed-text"
  static let summary = "read a text backwards and write it"
  static let parameters: [ObjectiveParameter] = []
  static let layouts = BatchLayout.textToText

  private let vocabulary: Vocabulary

  init(_ values: [String: Double], vocabulary: Vocabulary) throws(GraftError) { self.vocabulary = vocabulary }

  func lengths(ofRaw raw: Int) -> ExampleLengths { ExampleLengths(inputs: raw + 1, targets: raw + 1) }

  func example(from tokens: [TokenID], key: RandomKey) -> TokenExample? {
    guard !tokens.isEmpty else { return nil }
    return TokenExample(
      inputs: tokens.reversed() + [vocabulary.endOfSequence], targets: tokens + [vocabulary.endOfSequence])
  }
}
