import Checkpointing
import Corpus
import Inference
import Support

/// The README.md of a pretrained checkpoint.
/// - Parameters:
///   - uses: what was read of each source so far.
///   - screening: what was taken out before; nil if nothing was looked for.
func pretrainingCard(
  _ plan: PretrainingPlan, state: TrainingState<LoopDetails>, parameters: Int, uses: [CorpusUse],
  screening: ScreeningReport?
) -> String {
  let loss = state.details.heldOut.last.map {
    "\(NumberText.fixed($0.lossPerToken, digits: 3)) nats per target"
      + ($0.bitsPerByte.map { ", \(NumberText.fixed($0, digits: 3)) bits per byte" } ?? "")
      + " on \($0.targetCount) held-out targets"
  }
  return """
    # \(plan.initialCheckpoint == nil ? plan.start : "Of \(plan.start)"), \(plan.objective)

    \(parameters) parameters, pretrained by Graft \(GraftVersion.number) for \(state.step) steps
    (\(state.tokensSeen) positions, \(Int(state.elapsedSeconds)) s, \(plan.settings.precision.rawValue)).

    Held-out loss: \(loss ?? "not measured").

    Trained on:

    \(CorpusUse.table(uses))
    \(screening.map { "\n\($0.cardText)\n" } ?? "")
    The exact settings are in the run's `run.json`. Nothing else is known about this model's behaviour: evaluate
    it on your task, with baselines and stress sets, before you rely on it.

    """
}

/// The README.md of a fine-tuned checkpoint.
func fineTuningCard(_ plan: FineTuningPlan, state: TrainingState<LoopDetails>) -> String {
  """
  \(fineTuningCardTitle)\(plan.tasks.joined(separator: ", "))

  Started from \(plan.initialCheckpoint.map { "`\($0)`" } ?? "drawn values (no pretraining)"), trained by Graft
  \(GraftVersion.number) for \(state.step) steps. Scores with intervals and baselines are in the run's `results.json`.
  \(plan.model.lora.map { "\nIt is an adapter (\($0.facts)) of the model that `base.json` names.\n" } ?? "")
  """
}
