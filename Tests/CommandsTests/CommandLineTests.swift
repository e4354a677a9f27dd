import Foundation
import TestSupport
import Testing

/// The command line as a whole: lists, completion, and what succeeds or fails on purpose.
@Suite(.tags(.process)) struct CommandLineTests {
  @Test func listsAreJSON() throws {
    struct Entry: Decodable {
      var name: String
      var summary: String
    }
    let outcome = try Graft.run(["list", "--json"])
    #expect(outcome.status == 0)
    let lists = try JSONDecoder().decode([String: [Entry]].self, from: Data(outcome.output.utf8))
    let objectives = try #require(lists["objectives"]).map(\.name)
    #expect(Set(["causal-lm", "masked-lm", "span-corruption"]).isSubset(of: objectives))
    for (kind, entries) in lists {
      #expect(!entries.isEmpty, "\(kind)")
      #expect(entries.allSatisfy { !$0.name.isEmpty }, "\(kind)")
    }
    #expect(lists["tasks"]?.contains { $0.name == "sst2" } == true)
    #expect(lists["suites"]?.contains { $0.name == "hans" } == true)
    let tasks = try Graft.run(["list", "tasks"])
    #expect(tasks.status == 0)
    #expect(tasks.output.contains("sst2"))
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionScripts(_ shell: String) throws {
    let outcome = try Graft.run(["--generate-completion-script", shell])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("pretrain"))
    #expect(outcome.output.contains("span-corruption") || outcome.output.contains("objective"))
  }

  @Test func versionAndUsage() throws {
    #expect(try Graft.run(["--version"]).status == 0)
    let outcome = try Graft.run(["pretrian"])
    #expect(outcome.status == 64)
    #expect(try Graft.run(["pretrain"]).status == 64)
  }

  @Test func requirementsDecideTheExitCode() throws {
    let world = try World.shared.get()
    let evaluate = [
      "evaluate", "--checkpoint", world.run, "--task", "micro-sentiment", "--tasks", world.directory,
      "--data", world.directory, "--split", "test", "--no-baselines", "--json", "-", "--require",
    ]
    let met = try Graft.run(evaluate + ["micro-sentiment.accuracy>=0"])
    #expect(met.status == 0, "\(met.errors)")
    #expect(met.output.contains("\"accuracy\""))
    let failed = try Graft.run(evaluate + ["micro-sentiment.test.accuracy>=1.01"])
    #expect(failed.status == 3, "\(failed.errors)")
    #expect(failed.errors.contains("not met"))
    // The scores are printed all the same.
    let scores = { (text: String) in text.components(separatedBy: "\"results\"").last }
    #expect(scores(failed.output) == scores(met.output))
    #expect(failed.output.contains("\"isMet\" : false"))
    try Graft.expectFailure(64, evaluate + ["micro-sentiment.acuracy>=0"], says: ["acuracy"])
    try Graft.expectFailure(64, evaluate + ["accuracy"], says: ["sst2.accuracy>=0.80"])
  }

  @Test func suitesAreScoredThroughTheirTask() throws {
    let world = try World.shared.get()
    let outcome = try Graft.run([
      "evaluate", "--checkpoint", world.run, "--task", "micro-nli", "--suite", "micro-nli-stress", "--tasks",
      world.directory, "--data", world.directory, "--answers", "generate",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for word in ["micro-nli-stress", "majority", "accuracy"] { #expect(outcome.output.contains(word)) }
    let folder = try TestFolder()
    try Graft.expectFailure(
      64,
      world.replacing(
        "--output", by: "\(folder.path)/x",
        in: world.finetune("x", task: "micro-sentiment", "--suite", "micro-nli-stress")),
      says: ["--task micro-nli", "--through"])
    try Graft.expectFailure(
      64,
      [
        "evaluate", "--checkpoint", world.run, "--task", "micro-sentiment", "--split", "tets", "--tasks",
        world.directory, "--data", world.directory,
      ], says: ["did you mean 'test'?"])
  }

  @Test func fineTuningLeavesARunThatCanBeUsed() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    var arguments = world.finetune("other", task: "micro-sentiment", "--seeds", "2", "--suite")
    arguments.removeLast()
    arguments = world.replacing("--output", by: "\(folder.path)/tuned", in: arguments)
    let outcome = try Graft.run(arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for seed in ["seed-0", "seed-1"] {
      for name in ["run.json", "results.json", "events.jsonl", "predictions/micro-sentiment-test.jsonl"] {
        #expect(
          FileManager.default.fileExists(atPath: "\(folder.path)/tuned/\(seed)/\(name)"), "\(seed)/\(name)")
      }
    }
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/tuned/results.json"))
    let answer = try Graft.run(
      ["generate", "--checkpoint", "\(folder.path)/tuned/seed-1", "sentiment sentence: a film"])
    #expect(answer.status == 0)
    // Everything is done: resuming only reads the results.
    let again = try Graft.run(arguments + ["--resume"])
    #expect(again.status == 0)
    #expect(again.output == outcome.output)
    let seed = world.replacing("--output", by: "\(folder.path)/tuned/seed-1", in: arguments)
    let single = try Graft.run(world.replacing("--seeds", by: "1", in: seed) + ["--seed", "1", "--resume"])
    #expect(single.status == 0)
    #expect(single.errors.contains("finished already"))
    try Graft.expectFailure(64, arguments, says: ["already holds a run"])
  }

  /// A tokenizer and a model from nothing but a task's own prompts.
  @Test func tasksBringTheirOwnText() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let data = ["--task-text", "micro-sentiment", "--tasks", world.directory, "--data", world.directory]
    let tokenizer = "\(folder.path)/tokenizer.json"
    let trained = try Graft.run(
      ["tokenizer", "train", "--vocabulary-size", "400", "--sentinels", "24", "--output", tokenizer] + data)
    #expect(trained.status == 0, "\(trained.errors)")
    let inspected = try Graft.run(["tokenizer", "encode", "--tokens", "--tokenizer", tokenizer, " sentence"])
    #expect(inspected.output.split(separator: " ").count == 1, "\(inspected.output)")
    let pretrained = try Graft.run(
      [
        "pretrain", "--tokenizer", tokenizer, "--backbone", world.preset, "--output", "\(folder.path)/run",
        "--sequence-length", "32", "--steps", "3", "--batch", "4", "--shards", "2", "--precision", "f32",
        "--embeddings", "cooccurrence",
      ] + data)
    #expect(pretrained.status == 0, "\(pretrained.errors)")
    #expect(pretrained.errors.contains("co-occurrence"))
  }

  @Test func theDoctorKnowsTheMachine() throws {
    let outcome = try Graft.run(["doctor"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for word in ["ICU", "threads", "GFLOP/s"] { #expect(outcome.output.contains(word)) }
  }

  @Test func textSurvivesTheTokenizer() throws {
    let world = try World.shared.get()
    let text = "Grüße, 世界! \u{1F600} e\u{301}"
    let ids = try Graft.run(["tokenizer", "encode", "--tokenizer", world.tokenizer, text])
    #expect(ids.status == 0)
    let decoded = try Graft.run(["tokenizer", "decode", "--tokenizer", world.tokenizer], input: ids.output)
    #expect(decoded.status == 0)
    #expect(decoded.output == text + "\n")
  }
}

/// What the parser does not take, in the words of all other errors.
@Suite(.tags(.process)) struct ParserErrorTests {
  @Test(arguments: [
    (["finetune", "--lr", "1"], "--learning-rate"), (["finetune", "--bs", "8"], "--batch"),
    (["finetune", "--weight_decay", "0.1"], "--optimizer-option weight-decay=VALUE"),
    (["finetune", "--wd", "0.1"], "--optimizer-option weight-decay=VALUE"),
    (["finetune", "--num_train_epochs", "3"], "--epochs"), (["predict", "--model", "x"], "--checkpoint"),
    (["evaluate", "--checkpont", "x"], "--checkpoint"), (["generate", "--max_new_tokens", "3"], "--target-length"),
    (["pretrian"], "pretrain"), (["tokenizer", "trian"], "train"),
  ])
  func whatWasMeantIsSaid(_ arguments: [String], _ meant: String) throws {
    try Graft.expectFailure(64, arguments, says: ["'\(meant.split(separator: " ")[0])", meant])
  }

  @Test func missingAndImpossibleValues() throws {
    try Graft.expectFailure(64, ["predict"], says: ["missing", "--checkpoint", "graft help predict"])
    try Graft.expectFailure(64, ["finetune", "--steps", "many", "--output", "x"], says: ["many", "--steps"])
    let outcome = try Graft.run(["predict"])
    #expect(!outcome.errors.contains("USAGE") && !outcome.errors.contains("Usage"))
  }

  /// Underscores are hyphens, but for values and what follows `--`.
  @Test func underscoresAreHyphens() throws {
    let world = try World.shared.get()
    let outcome = try Graft.run([
      "generate", "--checkpoint", world.run, "--target_length=2", "--", "--a_b",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test func shellsCompleteNames() throws {
    let folder = try TestFolder()
    for (name, file) in [("runs/mine", "run.json"), ("runs/notes", "a.txt")] { try folder.write("\(name)/\(file)", "") }
    func offered(_ words: String...) throws -> [String] {
      let outcome = try Graft.run(["---completion"] + words, environment: ["SAP_SHELL": "bash"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output.split(separator: "\n").map(String.init)
    }
    #expect(try offered("finetune", "--", "--task", "0", "0", "").contains("sst2"))
    #expect(try offered("evaluate", "--", "--suite", "0", "0", "").contains("hans"))
    #expect(try offered("pretrain", "--", "--objective", "0", "0", "").contains("span-corruption"))
    let typed = "\(folder.path)/runs/"
    let runs = try offered("predict", "--", "--checkpoint", "0", "\(typed.count)", typed)
    #expect(runs.contains("\(folder.path)/runs/mine") && runs.contains("\(folder.path)/runs/notes/"))
  }
}
