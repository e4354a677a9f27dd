import ArgumentParser
import Experiments
import Support

/// What Graft was called with, a recipe written out.
struct Invocation: Sendable {
  /// For the parser, without the program.
  private(set) var parsed: [String]
  /// As kept in `run.json` and in results: the program first, and the flags of a recipe in place of its name.
  private(set) var recorded: [String]
  private var recipe: Recipe?
  /// What was planned for a command that left it open.
  private(set) var plan: PlannedRecipe?

  /// That of this process.
  static let process: Result<Invocation, GraftError> = Result { () throws(GraftError) in
    try Invocation(CommandLine.arguments).planned()
  }

  /// - Parameter arguments: the program first.
  /// - Throws: as `Recipe`; `.usage` for two recipes.
  init(_ arguments: [String]) throws(GraftError) {
    let arguments = arguments.prefix(1) + ParserErrors.canonical(Array(arguments.dropFirst()))
    (parsed, recorded) = (Array(arguments.dropFirst()), Array(arguments))
    let (type, count) = GraftCommand.command(of: parsed)
    guard let type = type as? any RecipeCommand.Type else { return }
    var words = Array(parsed.dropFirst(count))
    guard let path = try Self.takeRecipe(from: &words) else { return }
    let flags = try CommandFlag.all(of: type)
    var recipe = try Recipe(contentsOf: path, flags: flags, command: GraftCommand.name(of: type))
    recipe.giveWay(to: words, flags: flags, alternatives: type.alternatives)
    let command = Array(arguments.prefix(1 + count))
    recorded = command + recipe.words + words
    parsed = Array(command.dropFirst()) + recipe.words + ["--config", path] + words
    self.recipe = recipe
  }

  /// The same with a plan for what a command leaves open; flags that are given come first.
  /// - Throws: errors of the corpus and of what the plan is made from.
  func planned() throws(GraftError) -> Invocation {
    let (type, count) = GraftCommand.command(of: parsed)
    guard let type = type as? any PlanningCommand.Type, let command = try? command() as? any PlanningCommand else {
      return self
    }
    let flags = try CommandFlag.all(of: type)
    let given = Set(flags.values(in: parsed).keys)
    // It depends on the machine, and all processes do the same.
    let plan = try ProcessWorld.joined.get().together { () throws(GraftError) in try command.planned(given: given) }
    guard let plan else { return self }
    var added = try Recipe(
      YAMLValue(parsing: plan.recipe, file: "recipe.yaml").entries(), flags: flags,
      command: GraftCommand.name(of: type))
    added.giveWay(to: Array(parsed.dropFirst(count)), flags: flags, alternatives: type.alternatives)
    var result = self
    result.parsed.insert(contentsOf: added.words, at: count)
    result.recorded.insert(contentsOf: added.words, at: 1 + count)
    (result.recipe, result.plan) = (added, plan)
    return result
  }

  /// Takes `--config FILE` out of words.
  private static func takeRecipe(from words: inout [String]) throws(GraftError) -> String? {
    var paths: [String] = []
    var index = 0
    while index < words.count, words[index] != "--" {
      if words[index] == "--config", index + 1 < words.count {
        paths.append(words[index + 1])
        words.removeSubrange(index...index + 1)
      } else if words[index].hasPrefix("--config=") {
        paths.append(String(words[index].dropFirst("--config=".count)))
        words.remove(at: index)
      } else {
        index += 1
      }
    }
    guard paths.count < 2 else {
      throw GraftError(.usage, "--config stands twice", hint: "put both recipes into one file.")
    }
    return paths.first
  }

  /// An error about a flag that stands in the recipe, with its place.
  func located(_ error: GraftError) -> GraftError { recipe?.located(error) ?? error }

  /// The same for an error of the parser; nil for one that is not about the recipe.
  private func located(parser error: any Error) -> GraftError? {
    guard let recipe else { return nil }
    let message = GraftCommand.message(for: error)
    return recipe.location(of: message).map { GraftError(.badData, message, location: $0) }
  }

  /// The command with its flags.
  /// - Throws: what the parser throws; `.badData` with the place for a flag that stands in the recipe.
  func command() throws -> any ParsableCommand {
    do {
      return try GraftCommand.parseAsRoot(parsed)
    } catch {
      throw located(parser: error) ?? error
    }
  }

  /// All flags of a command with their values, as a recipe that does the same.
  /// - Throws: what the command would throw for flags that make no sense.
  func effectiveRecipe(of command: any RecipeCommand) throws(GraftError) -> String {
    let flags = try CommandFlag.all(of: type(of: command))
    let given = flags.values(in: parsed)
    let settled = try command.settledValues()
    var lines = ["# \(GraftCommand.name(of: type(of: command)))"]
    for flag in flags {
      let values = given[flag.name] ?? settled[flag.name]
      let value =
        switch flag.kind {
        case .flag: values?.last ?? (flag.defaultValue == "--\(flag.name)" ? "true" : "false")
        case .option: (values?.last ?? flag.defaultValue)?.yamlScalar ?? "null"
        case .list: "[\((values ?? []).map(\.yamlScalar).joined(separator: ", "))]"
        }
      lines.append("\(flag.name): \(value)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension GraftCommand {
  /// The command that the first words name, and how many of them do.
  static func command(of words: [String]) -> (type: any ParsableCommand.Type, count: Int) {
    var (type, count): (any ParsableCommand.Type, Int) = (GraftCommand.self, 0)
    for word in words {
      guard let next = type.configuration.subcommands.first(where: { $0.configuration.commandName == word }) else {
        break
      }
      (type, count) = (next, count + 1)
    }
    return (type, count)
  }
}
