import ArgumentParser
import Foundation
import Support
import TestSupport
import Testing

@testable import Commands

/// Flags in a file: what they become, what goes before them, and that what is printed is read back as the same run.
@Suite(.tags(.process)) struct RecipeTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private static let commands: [any RecipeCommand.Type] = [
    PretrainCommand.self, FinetuneCommand.self, TransferCommand.self, PrefixesCommand.self, ArenaCommand.self,
  ]

  /// Values other than the default ones, where 7 is none.
  private static let values: [String: [String]] = [
    "optimizer": ["adamw"], "optimizer-option": ["beta1=0.8", "beta2=0.9"],
    "group": ["embedding:frozen", "head:rate=2"],
    "schedule": ["linear"], "budget": ["90s"], "dropout": ["0.25"], "layer-decay": ["0.5"], "average": ["0.75"],
    "drops": ["39,6,1.2"],
    "precision": ["f32"], "non-finite": ["roll-back"], "answers": ["generate"], "select": ["best"],
    "embeddings": ["cooccurrence"], "layout": ["segments"], "gradient-traffic": ["bf16"],
    "document-boundary": ["blank-lines"], "format": ["text"], "cooldown": ["0.5"], "z-loss": ["0.0001"],
    "warmup": ["2%"],
    "batch": ["8,32@30%"], "sequence-length": ["128,512@70%"], "tokens": ["36M"], "flops": ["2e14"],
    "corpus": ["a b/*.txt", "c.txt:2"], "set": ["mean-span-length=3", "x=-1"], "task": ["sst2", "-odd"],
    "tasks": ["one", "two"], "signal": ["none", "token"], "cleaning": ["c4"], "data": ["null"],
    "deduplicate": ["exact"], "invalid-utf8": ["replace"], "contaminated": ["documents"],
    "collapse": ["a=b", "c=\u{2028}\"d\""],
    "unit": ["word"],
  ]

  private func value(_ flag: CommandFlag) -> [String] {
    guard flag.kind != .flag else { return [flag.defaultValue == nil ? "true" : "false"] }
    return Self.values[flag.name] ?? ["7"]
  }

  private func printed(_ words: [String]) throws -> (recipe: String, invocation: Invocation) {
    let invocation = try Invocation(["graft"] + words)
    let command = try #require(try invocation.command() as? any RecipeCommand)
    return (try invocation.effectiveRecipe(of: command), invocation)
  }

  @Test(arguments: commands.indices) func everyFlagSurvives(_ index: Int) throws {
    let type = Self.commands[index]
    let name = try #require(type.configuration.commandName)
    let flags = try CommandFlag.all(of: type)
    #expect(flags.count > 30 && Set(flags.map(\.name)).count == flags.count)
    let (recipe, invocation) = try printed([name] + flags.flatMap { $0.words(value($0)) })
    let lines = recipe.split(separator: "\n").dropFirst()
    #expect(lines.count == flags.count)
    for (flag, line) in zip(flags, lines) {
      let scalars = value(flag).map { flag.kind == .flag ? $0 : $0.yamlScalar }.joined(separator: ", ")
      #expect(line == "\(flag.name): \(flag.kind == .list ? "[\(scalars)]" : scalars)")
    }
    let again = try printed([name, "--config", try folder.write("\(name).yaml", recipe)])
    #expect(again.recipe == recipe)
    // The same words in the same order are the same run.
    #expect(again.invocation.recorded == invocation.recorded)
  }

  @Test(arguments: commands.indices) func everyDefaultSurvives(_ index: Int) throws {
    let name = try #require(Self.commands[index].configuration.commandName)
    let data = name == "arena" ? "--corpus" : "--task"
    let (recipe, _) = try printed([name, data, "sst2", "--output", "runs/x"])
    let again = try printed([name, "--config", try folder.write("\(name).yaml", recipe)])
    #expect(again.recipe == recipe)
    let optimizer = name == "arena" ? "adamw" : "adafactor"
    for line in ["output: runs/x", "optimizer: \(optimizer)", "clip: 1.0", "layer-decay: null", "resume: false"] {
      #expect(recipe.contains("\n\(line)\n"), "\(line) is not in\n\(recipe)")
    }
  }

  @Test func defaultsAreThoseOfTheCommand() throws {
    let pretraining = try printed(["pretrain", "--output", "x"]).recipe
    for line in ["batch: 64", "budget: 3600s", "steps: null", "learning-rate: 0.02", "save-every: 500"] {
      #expect(pretraining.contains("\n\(line)\n"), "\(line)")
    }
    let fineTuning = try printed(["finetune", "--output", "x", "--optimizer", "adamw"]).recipe
    for line in [
      "batch: 32", "epochs: 3", "budget: null", "evaluate-every: never", "save-every: 0", "baselines: true", "task: []",
    ] {
      #expect(fineTuning.contains("\n\(line)\n"), "\(line)")
    }
    #expect(!fineTuning.contains("\nlearning-rate: 0.005\n"), "that is adafactor's")
    #expect(try printed(["finetune", "--output", "x", "--steps", "9"]).recipe.contains("\nepochs: null\n"))
  }

  @Test func whatIsGivenComesFirst() throws {
    let path = try folder.write(
      "recipe.yaml",
      """
      task: [sst2, cola]
      optimizer-option: beta1=0.8
      steps: 5
      baselines: false
      details: false
      overlap: true
      backend: null
      limit: 100
      seed: 3

      """)
    let invocation = try Invocation(
      ["./graft", "finetune", "--epochs", "2", "--config", path, "--baselines", "--task=mnli", "--output", "x"])
    #expect(
      invocation.recorded == [
        "./graft", "finetune", "--optimizer-option", "beta1=0.8", "--overlap", "--limit", "100", "--seed", "3",
        "--epochs", "2", "--baselines", "--task=mnli", "--output", "x",
      ])
    let command = try #require(try invocation.command() as? FinetuneCommand)
    #expect(command.selection.task == ["mnli"] && command.baselines && command.training.steps == nil)
    #expect(command.recipe.config == path && command.limit == 100)
    // The contrary of a flag is that flag.
    let without = try Invocation(["graft", "finetune", "--config=\(path)", "--no-overlap", "--shots", "4"])
    #expect(!without.recorded.contains("--overlap") && !without.recorded.contains("--limit"))
    #expect(without.recorded.contains("--no-baselines"))
  }

  @Test(arguments: [
    ("task: sst2\nsteps: 3\nbatchs: 4\n", 3, "unknown key of a recipe for `graft finetune` 'batchs'", "'batch'"),
    ("steps: [1, 2]\n", 1, "expected text, got a list", ""),
    ("resume: perhaps\n", 1, "expected true or false, got 'perhaps'", ""),
    ("config: other.yaml\n", 1, "unknown key", "known"),
    ("no-baselines: true\n", 1, "unknown key", "baselines"),
  ]) func whatIsNoFlagHasAPlace(_ text: String, _ line: Int, _ message: String, _ hint: String) throws {
    let path = try folder.write("recipe.yaml", text)
    let error = #expect(throws: GraftError.self) { try Invocation(["graft", "finetune", "--config", path]) }
    #expect(error?.code == .badData && error?.location?.line == line && error?.location?.file == path)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(hint.isEmpty || error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
  }

  @Test func wrongValuesHaveThePlaceOfTheirFlag() throws {
    let path = try folder.write("recipe.yaml", "output: x\nsteps: many\nbatch: -4\n")
    let invocation = try Invocation(["graft", "pretrain", "--config", path])
    let error = #expect(throws: GraftError.self) { try invocation.command() }
    #expect(error?.location?.line == 2 && error?.message.contains("'many'") == true)
    // What is given has no place, and what the command says has that of the flag it names.
    let given = try Invocation(["graft", "pretrain", "--config", path, "--steps", "3"])
    let command = try #require(try given.command() as? PretrainCommand)
    let found = #expect(throws: GraftError.self) { try command.settledValues() }
    let located = given.located(try #require(found).withFlags)
    #expect(located.location?.line == 3 && located.code == .badData && located.message.contains("--batch"))
    #expect(given.located(GraftError(.usage, "--steps is wrong")).location == nil)
  }

  @Test func otherCommandsAreLeftAlone() throws {
    let words = ["graft", "tokenizer", "train", "--config", "x"]
    let invocation = try Invocation(words)
    #expect(invocation.recorded == words && invocation.parsed == Array(words.dropFirst()))
    let error = #expect(throws: GraftError.self) {
      try Invocation(["graft", "pretrain", "--config", "a", "--config=b"])
    }
    #expect(error?.code == .usage)
  }

  /// As a person does it: print, change nothing, run; the model is that of the flags, bit by bit.
  @Test func aPrintedRecipeTrainsTheSameModel() throws {
    let world = try World.shared.get()
    let output = "\(folder.path)/again"
    let words = world.pretrain(into: output, steps: 4)
    let shown = try Graft.run(words + ["--print-config"])
    #expect(shown.status == 0 && !FileManager.default.fileExists(atPath: output), "\(shown.errors)")
    let path = try folder.write("recipe.yaml", shown.output)
    let ran = try Graft.run(["pretrain", "--config", path])
    #expect(ran.status == 0, "\(ran.errors)")
    func bytes(_ run: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: "\(run)/model/model.safetensors"))
    }
    #expect(try bytes(output) == bytes(world.run))
    struct Manifest: Decodable { var arguments: [String] }
    let manifest = try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: URL(fileURLWithPath: "\(output)/run.json")))
    #expect(!manifest.arguments.contains("--config") && manifest.arguments.contains("--learning-rate"))
    let wrong = try Graft.run(["pretrain", "--config", path, "--output", path])
    #expect(wrong.status == 64 && wrong.errors.contains("which it would replace"), "\(wrong.errors)")
  }
}
