import ArgumentParser
import Support
import Training

extension KeptModel: ExpressibleByArgument {}

/// Flags that say which of the models that a run comes by it ends with, and when it ends before its time.
struct SelectionArguments: ParsableArguments {
  @Option(
    help: """
      Which model a run ends with: the last, or the best of those that are measured on the way. In fine-tuning that is \
      after each pass, by the tasks' own metrics on a part of the training examples that is kept from training \
      (--select-share); the splits that are scored have no part in it. In pretraining it is by the held-out loss, every \
      --evaluate-every.
      """)
  var select = KeptModel.last

  @Option(
    help: """
      With --select best: end the run once so many of these models in a row were no better than the best before them.
      """)
  var patience: Int?

  func validate() throws {
    if patience != nil, select != .best {
      throw GraftError(
        .usage, "--patience waits for a better model, and none is selected", hint: "add --select best.")
    }
  }
}
