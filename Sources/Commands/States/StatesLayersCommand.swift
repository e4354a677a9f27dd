import ArgumentParser
import Experiments
import ModelKit
import Probing
import Support

/// `graft states layers`
struct StatesLayersCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Linear probes by layer: what of a task can be read off the states of each.",
    discussion: """
      Logistic regression on the states of the embedding and of every layer, of any family: a recurrent model's \
      states h and, of an LSTM, c; a transformer's stream after every block; of an encoder-decoder those of the \
      encoder. Beside it the same of the model with drawn weights, the most frequent label, and n-grams.

      Example:
        graft states layers --checkpoint runs/reviews --task sst2 --output layers
        graft states layers --checkpoint bert-base-uncased --task sst2 --pooling first mean --limit 4000
      """)

  @OptionGroup var states: StateArguments

  @OptionGroup var probed: StateTaskArguments

  @Option(
    parsing: .upToNextOption, help: "What of a text's tokens is probed, each by itself: first, last, mean.")
  var pooling: [Pooling] = [.last, .mean]

  @Option(help: "Penalty of the probes' weights: l1, which uses few units, or l2.")
  var penalty = StateClassifier.Penalty.l2

  func files() -> CommandFiles { states.files(.stateProbes) }

  func run() throws {
    let input = try probed.input()
    var source = states.source
    source.readsPrompts = probed.prompts
    var probing = LayerProbing(source)
    probing.poolings = pooling.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    probing.penalty = penalty
    let report = try probing.report(input, data: probed.data.root, limit: probed.limit) {
      standardError("note: \($0)")
    }
    try states.show(report, report.tables, report.plots)
  }
}
