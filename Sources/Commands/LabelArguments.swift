import ArgumentParser
import Support

/// What the outputs of a classifier stand for.
struct LabelArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the outputs of a classifier stand for, in their order and in the task's words, if its own labels do not say it.",
      valueName: "a,b,…"))
  var labels: String?

  /// - Throws: `.usage` for an empty label.
  func list() throws(GraftError) -> [String]? {
    guard let labels else { return nil }
    var list: [String] = []
    for label in labels.split(separator: ",", omittingEmptySubsequences: false) {
      var label = label
      while label.first == " " { label.removeFirst() }
      while label.last == " " { label.removeLast() }
      list.append(String(label))
    }
    guard !list.contains("") else {
      throw GraftError(
        .usage, "--labels has an empty label", hint: "as in --labels entailment,neutral,contradiction.")
    }
    return list
  }
}
