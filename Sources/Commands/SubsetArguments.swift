import ArgumentParser
import Support
import TaskRegistry
import Training

/// Flags of `finetune` that choose which training examples are used.
struct SubsetArguments: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Train on a subset only; several of one task are taken together (`graft cartography` writes such files).",
      valueName: "file:name"))
  var subset: [String] = []

  @Option(help: "Train on this many examples of each task at random by the seed: the control for --subset.")
  var randomSubset: Int?

  /// - Parameter limit: that of the command, which cannot stand beside a subset.
  /// - Throws: `.usage` for flags that exclude each other or a subset that is not there; errors of the files.
  func selection(_ tasks: [TaskDefinition], limit: Int?) throws(GraftError) -> TrainingSelection {
    guard subset.isEmpty || (limit == nil && randomSubset == nil) else {
      throw GraftError(
        .usage, "--subset says which examples are trained on, and so does --limit or --random-subset",
        hint: "take one of them.")
    }
    var chosen: [(file: String, content: ExampleSubsets, name: String)] = []
    for text in subset {
      guard let colon = text.lastIndex(of: ":"), colon != text.startIndex,
        text.index(after: colon) != text.endIndex
      else {
        throw GraftError(.usage, "--subset \(text) names no subset", hint: "write it as subsets.json:hard.")
      }
      let file = String(text[..<colon])
      let content = try ExampleSubsets.read(file)
      chosen.append((file, content, String(text[text.index(after: colon)...])))
    }
    var selection = try TrainingSelection(chosen, tasks: tasks)
    selection.randomCount = randomSubset
    return selection
  }
}
