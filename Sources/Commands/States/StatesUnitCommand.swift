import ArgumentParser
import Experiments
import Probing
import Support

/// `graft states unit`
struct StatesUnitCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "unit",
    abstract: "Look for one unit that tells a task's classes, as the sentiment neuron does.",
    discussion: """
      An L1 probe on the states of the last token says how many units it needs and which has the most weight; one \
      threshold of that unit, chosen in training, is scored beside the best unit of the same model with drawn weights. \
      What it found can be held in writing: `graft generate --clamp`.

      Example:
        graft states unit --checkpoint runs/reviews --task sst2 --output unit
        graft states unit --checkpoint runs/reviews --task imdb --place 0.cell --limit 4000
      """)

  @OptionGroup var states: StateArguments

  @OptionGroup var probed: StateTaskArguments

  @Option(
    parsing: .upToNextOption,
    help: """
      Places whose units are searched, as `graft states layers` names them; by default all parts of a recurrent \
      model's last layer, of other models the topmost place.
      """)
  var place: [String] = []

  @Option(help: "Units of most weight that are shown.")
  var top = 10

  func files() -> CommandFiles { states.files(.unitProbe) }

  func run() throws {
    guard top >= 1 else { throw GraftError(.usage, "--top \(top) shows nothing", hint: "give a positive number.") }
    let input = try probed.input()
    var source = states.source
    source.readsPrompts = probed.prompts
    var probing = UnitProbing(source)
    (probing.places, probing.top) = (place, top)
    let report = try probing.report(input, data: probed.data.root, limit: probed.limit) {
      standardError("note: \($0)")
    }
    try states.show(report, report.tables, report.plots)
  }
}
