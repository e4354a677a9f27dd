import Corpus
import Support
import TaskRegistry

/// The model that answered, of several seeds that of the lowest, and how it read its inputs.
public struct ScoredModel {
  var path: String
  /// Where the model of an adapter is; nil for where the adapter says.
  var base: String?
  var lengths: SequenceLengths
  var recognizesSpecialTokens: Bool
  /// What of its input it is shown, if not all.
  var partialInput: PromptRestriction?

  /// - Parameters:
  ///   - base: where the model of an adapter is; nil for where the adapter says.
  ///   - lengths: of what it reads and writes, in tokens.
  ///   - recognizesSpecialTokens: whether their names in a prompt are these tokens.
  public init(
    path: String, base: String? = nil, lengths: SequenceLengths, recognizesSpecialTokens: Bool = false,
    partialInput: PromptRestriction? = nil
  ) {
    (self.path, self.base, self.lengths) = (path, base, lengths)
    (self.recognizesSpecialTokens, self.partialInput) = (recognizesSpecialTokens, partialInput)
  }

  /// That of a run, or the one that the command names which wrote the results.
  /// - Returns: nil if nothing says which it was.
  init?(_ system: ScoredSystem, _ context: ReportContext) {
    guard let run = system.run else {
      guard let model = system.file.arguments.flatMap(context.evaluatedModel) else { return nil }
      self = model
      return
    }
    self.init(
      path: run.first.path, lengths: run.plan.lengths,
      recognizesSpecialTokens: run.plan.specialTokensInPrompts ?? false, partialInput: run.plan.partialInput)
  }
}
