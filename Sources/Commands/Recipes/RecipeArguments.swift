import ArgumentParser
import Experiments
import Support

/// Flags of commands that train: a file of their other flags.
struct RecipeArguments: ParsableArguments {
  /// Of the flags themselves, which are no part of a recipe.
  static let names: Set<String> = ["config", "print-config"]

  @Option(
    help: ArgumentHelp(
      "A recipe, a YAML file whose keys are this command's flags; flags that are given beside it come first.",
      valueName: "file"))
  var config: String?

  @Flag(help: "Print the recipe of what would be done, all flags with their values; train nothing.")
  var printConfig = false
}

/// A command that trains. Its flags can stand in a file.
protocol RecipeCommand: WritingCommand {
  var recipe: RecipeArguments { get }

  /// Flags of which one stands for another: a given one takes the place of a recipe's.
  static var alternatives: [[String]] { get }

  /// What flags come to that were not given and whose help shows no value, by their names; empty for nothing.
  /// - Throws: what the command would throw for flags that make no sense.
  func settledValues() throws(GraftError) -> [String: [String]]
}

/// A command that makes a recipe itself where little is said.
protocol PlanningCommand: RecipeCommand {
  /// What is done where flags do not say it; nil where they do.
  /// - Parameter given: the flags that were typed.
  func planned(given: Set<String>) throws(GraftError) -> PlannedRecipe?
}

/// Numbers as flags take them.
enum RecipeText {
  static func whole(_ value: Int?) -> [String] { value.map { ["\($0)"] } ?? [] }

  static func number(_ value: Double?) -> [String] {
    value.map { number in Int(exactly: number).map { ["\($0)"] } ?? ["\(number)"] } ?? []
  }
}
