import Corpus
import Support
import TaskRegistry
import Training

/// The model that answered, of several seeds that of the lowest, and how it read its inputs.
struct ScoredModel {
  var path: String
  var lengths: SequenceLengths
  var recognizesSpecialTokens: Bool
  /// What of its input it is shown, if not all.
  var partialInput: PromptRestriction?

  /// That of a run, or the one that the command names which wrote the results.
  /// - Returns: nil if nothing says which it was.
  init?(_ system: ScoredSystem) {
    if let run = system.run {
      path = run.first.path
      lengths = run.plan.lengths
      recognizesSpecialTokens = run.plan.specialTokensInPrompts ?? false
      partialInput = run.plan.partialInput
      return
    }
    guard let arguments = system.file.arguments,
      let command = try? EvaluateCommand.parse(Array(arguments.dropFirst(2))),
      let model = try? EvaluatedModel.all(command.checkpoint).min(by: { $0.seed ?? 0 < $1.seed ?? 0 })
    else { return nil }
    path = model.path
    lengths = SequenceLengths(inputs: command.reading.inputLength ?? 128, targets: command.targetLength)
    recognizesSpecialTokens = false
    partialInput = try? command.partialInput.partialInput()
  }
}
