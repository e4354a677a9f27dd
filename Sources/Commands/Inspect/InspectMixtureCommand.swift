import ArgumentParser
import Reporting
import Support
import TaskRegistry

/// `graft inspect mixture`
struct InspectMixtureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mixture",
    abstract: "Show a mixture's members and how often each of its tasks is seen.",
    discussion: """
      Rates come of the training examples that are here, or of their published number where they are not.

      Example:
        graft inspect mixture glue --temperature 2 --data data
      """)

  @Argument(help: "A mixture (`graft list mixtures`).")
  var name: String

  @Option(parsing: .upToNextOption, help: "Members to go without.")
  var leaveOut: [String] = []

  @OptionGroup var mixing: MixingArguments
  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func run() throws {
    try mixing.validateRates()
    let catalog = try data.catalog()
    var mixture = try catalog.mixture(named: name)
    if !leaveOut.isEmpty { mixture = try mixture.leavingOut(leaveOut) }
    if let rates = try mixing.rates() { mixture.rates = rates }
    standardOutput("mixture     \(name), version \(mixture.version ?? 1)")
    printMembers(mixture, indentation: "")
    if let note = catalog.mixtures.first(where: { $0.name == name })?.note { standardOutput("note        \(note)") }
    standardOutput("definition  \(try mixture.definitionHash.text)\n")
    standardOutput(try table(mixture, catalog).plainText, terminator: "")
  }

  private func printMembers(_ mixture: TaskMixture, indentation: String) {
    standardOutput("\(indentation)rates       \(Self.summary(mixture))")
    standardOutput("\(indentation)members     \(mixture.members.map(Self.shown).joined(separator: ", "))")
    for member in mixture.members {
      guard let inner = member.mixture else { continue }
      standardOutput("\(indentation)  \(member.name)")
      printMembers(inner, indentation: indentation + "    ")
    }
  }

  /// `proportional, cap 1000, temperature 2`
  static func summary(_ mixture: TaskMixture) -> String {
    guard let rates = mixture.rates else { return "weighted" }
    if rates.isEqual { return "equal" }
    return "proportional" + (rates.cap.map { ", cap \(NumberText.shortest($0))" } ?? "")
      + (rates.temperature == 1 ? "" : ", temperature \(NumberText.shortest(rates.temperature))")
  }

  private static func shown(_ member: TaskMixture.Member) -> String {
    member.name + (member.scale.map { " (scale \(NumberText.shortest($0)))" } ?? "")
      + (member.weight.map { " (weight \(NumberText.shortest($0)))" } ?? "")
  }

  private func table(_ mixture: TaskMixture, _ catalog: TaskCatalog) throws(GraftError) -> Table {
    var counts: [String: Int] = [:]
    var sources: [String: String] = [:]
    for name in mixture.tasks {
      let task = try catalog.task(named: name)
      if task.absence(split: "train", data: data.root) == nil {
        counts[name] = try task.rowCount(split: "train", data: data.root)
        sources[name] = "here"
      } else {
        counts[name] = task.publishedCount(split: "train")
        sources[name] = counts[name] == nil ? "absent" : "absent, as published"
      }
    }
    let weights = mixture.weights(counts: counts)
    let total = weights.values.sorted().reduce(0, +)
    var table = Table([
      .init("task"), .init("examples", .right), .init("data"), .init("rate, %", .right),
    ])
    for name in mixture.tasks {
      let rate = total > 0 ? 100 * (weights[name] ?? 0) / total : 0
      table.append([
        name, counts[name].map { "\($0)" } ?? "unknown", sources[name] ?? "",
        counts[name] == nil ? "–" : NumberText.fixed(rate, digits: 3),
      ])
    }
    return table
  }
}
