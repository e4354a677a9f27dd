import Foundation
import TestSupport
import Testing

@testable import Commands

/// Nothing of the user's is replaced by an output.
@Suite(.tags(.process)) struct OutputGuardTests {
  @Test(arguments: ["predictions", "./predictions", "link", "hard"])
  func anOutputThatIsAnInputIsRefused(_ output: String) throws {
    let folder = try TestFolder()
    let predictions = try folder.write("predictions", "a\nb\n")
    let references = try folder.write("references", "a\nb\n")
    symlink("predictions", "\(folder.path)/link")
    link(predictions, "\(folder.path)/hard")
    try Graft.expectFailure(
      64,
      [
        "metric", "accuracy", "--predictions", predictions, "--references", references, "--json",
        "\(folder.path)/\(output)",
      ], says: ["is the input", "predictions"])
    #expect(try folder.bytes("predictions") == Data("a\nb\n".utf8))
  }

  @Test func aTokenizerReplacesNoText() throws {
    let folder = try TestFolder()
    let text = try folder.write("books/a.txt", "one two three one two\n")
    for (corpus, words) in [(text, "is the input"), ("\(folder.path)/books", "in the corpus")] {
      try Graft.expectFailure(
        64, ["tokenizer", "train", "--corpus", corpus, "--vocabulary-size", "500", "--output", text], says: [words])
    }
    #expect(try folder.bytes("books/a.txt") == Data("one two three one two\n".utf8))
  }

  @Test func foldersAndPagesOfOthersStay() throws {
    let folder = try TestFolder()
    try folder.write("mine/corpus.txt", "mine")
    try Graft.expectFailure(
      64, ["microworld", "--output", "\(folder.path)/mine"],
      says: ["mine", "not empty and not of an earlier graft microworld"])
    #expect(try folder.bytes("mine/corpus.txt") == Data("mine".utf8))
    let page = try folder.write("notes.html", "<html>mine</html>")
    let results = try folder.write("results.json", "{}")
    try Graft.expectFailure(64, ["report", results, "--output", page], says: ["was not written by graft report"])
    #expect(try folder.bytes("notes.html") == Data("<html>mine</html>".utf8))
  }

  // MARK: Every command

  /// With FILE for a file and DIR for a folder that are somebody else's. What they read is not there: nothing is looked
  /// at before the output.
  static let commands: [[String]] = [
    ["ablate", "/nowhere/grid.yaml", "--output", "DIR"],
    ["arena", "--corpus", "/nowhere", "--validation", "/nowhere", "--output", "DIR"],
    ["benchmark", "decode", "--checkpoint", "/nowhere", "--json", "FILE"],
    ["benchmark", "gemm", "--json", "FILE"],
    ["benchmark", "tokenizer", "/nowhere/text", "--json", "FILE"],
    ["benchmark", "train", "--objective", "nothing", "--json", "FILE"],
    ["cartography", "/nowhere", "--output", "DIR"],
    ["compare", "/nowhere/a", "/nowhere/b", "--json", "FILE"],
    ["convert", "--from", "/nowhere", "--to", "DIR"],
    ["convert", "--from", "/nowhere", "--to", "FILE"],
    ["data", "describe", "sst2", "--json", "FILE"],
    ["embed", "--checkpoint", "/nowhere", "--output", "FILE"],
    ["evaluate", "--checkpoint", "/nowhere", "--task", "sst2", "--json", "FILE"],
    ["evaluate", "--checkpoint", "/nowhere", "--task", "sst2", "--json", "DIR/../beside.json"],
    ["events", "/nowhere", "--csv", "FILE"],
    ["events", "/nowhere", "--tensorboard", "DIR"],
    ["finetune", "--checkpoint", "/nowhere", "--task", "sst2", "--output", "DIR"],
    ["finetune", "--checkpoint", "/nowhere", "--task", "sst2", "--output", "DIR", "--resume"],
    ["generate", "--checkpoint", "/nowhere", "--json", "FILE", "text"],
    ["inspect", "alignment", "--checkpoint", "/nowhere", "--source", "text", "--json", "FILE"],
    ["inspect", "alignment", "--checkpoint", "/nowhere", "--source", "text", "--svg", "FILE"],
    ["inspect", "objective", "causal-lm", "/nowhere", "--json", "FILE"],
    ["inspect", "transform", "typo", "--json", "FILE"],
    ["ledger", "/nowhere", "--json", "FILE"],
    ["manual", "--output", "DIR"],
    ["metric", "accuracy", "--predictions", "/nowhere/a", "--references", "/nowhere/b", "--json", "FILE"],
    ["microworld", "--output", "DIR"],
    ["predict", "--checkpoint", "/nowhere", "--input", "/nowhere", "--output", "FILE"],
    ["new", "plugin", "DIR"],
    ["new", "task", "DIR/../mine.txt"],
    ["baseline", "--task", "nothing", "--json", "FILE"],
    ["ngram", "mix", "--model", "/nowhere", "--weight", "1", "--output", "DIR"],
    ["ngram", "score", "--model", "/nowhere", "--file", "/nowhere", "--json", "FILE"],
    ["ngram", "train", "--corpus", "/nowhere", "--output", "DIR"],
    ["prefixes", "--checkpoint", "/nowhere", "--task", "sst2", "--output", "DIR"],
    ["pretrain", "--corpus", "/nowhere", "--tokenizer", "/nowhere", "--output", "DIR"],
    ["pretrain", "--corpus", "/nowhere", "--tokenizer", "/nowhere", "--output", "DIR", "--resume"],
    ["data", "screen", "--corpus", "/nowhere", "--json", "FILE"],
    ["probe", "--task", "nothing", "--json", "FILE"],
    ["probe", "--task", "nothing", "--output", "DIR"],
    ["quickstart", "--output", "DIR"],
    ["report", "/nowhere", "--output", "FILE"],
    ["scaling-law", "/nowhere", "--output", "FILE"],
    ["score", "--checkpoint", "/nowhere", "--target", "text", "--json", "FILE"],
    ["states", "copy", "--checkpoint", "/nowhere", "--json", "FILE"],
    ["states", "depth", "--checkpoint", "/nowhere", "--output", "DIR"],
    ["states", "layers", "--checkpoint", "/nowhere", "--task", "sst2", "--output", "DIR"],
    ["states", "text", "copy", "--output", "FILE"],
    ["states", "unit", "--checkpoint", "/nowhere", "--task", "sst2", "--json", "FILE"],
    ["stress", "evaluate", "--checkpoint", "/nowhere", "--transform", "typo", "--json", "FILE"],
    ["stress", "make", "--task", "nothing", "--transform", "typo", "--output", "DIR"],
    ["tokenizer", "export", "--tokenizer", "/nowhere", "--output", "DIR"],
    ["tokenizer", "import", "/nowhere", "--output", "FILE"],
    ["tokenizer", "train", "--corpus", "/nowhere", "--output", "FILE"],
    ["vectors", "analogies", "--vectors", "/nowhere", "--file", "/nowhere/questions", "--json", "FILE"],
    ["vectors", "convert", "--vectors", "/nowhere", "--format", "text", "--output", "FILE"],
    ["vectors", "similarity", "--vectors", "/nowhere", "--file", "/nowhere/pairs", "--json", "FILE"],
    ["vectors", "train", "--corpus", "/nowhere", "--output", "FILE"],
    ["transfer", "--checkpoint", "/nowhere", "--task", "sst2", "--output", "DIR"],
  ]

  @Test(arguments: commands) func whatIsSomebodyElsesStays(_ command: [String]) throws {
    let folder = try TestFolder()
    // JSON, and lines of it, are not told from one's own by their first character.
    for (name, text) in [
      ("mine.txt", "mine\n"), ("mine.json", "{\"mine\": [1]}\n"), ("mine.jsonl", "{\"a\": 1}\n{}\n"),
    ] {
      let file = try folder.write(name, text)
      try folder.write("dir/\(name)", text)
      try folder.write("beside.predictions/\(name)", text)
      symlink(name, "\(folder.path)/link")
      for place in [file, "\(folder.path)/link"] {
        let arguments = command.map {
          $0.replacingOccurrences(of: "FILE", with: place)
            .replacingOccurrences(of: "DIR", with: "\(folder.path)/dir")
        }
        try Graft.expectFailure(64, arguments, says: ["\(folder.path)/"])
      }
      for place in [name, "dir/\(name)", "beside.predictions/\(name)"] {
        #expect(try folder.bytes(place) == Data(text.utf8))
      }
      try folder.remove("link")
    }
    #expect(folder.names == ["beside.predictions", "dir", "mine.json", "mine.jsonl", "mine.txt"])
  }

  /// A table of the commands that this test has, against all that declare an output.
  @Test func everyCommandWithAnOutputIsTried() {
    let tried = Self.commands.map { "graft " + $0.joined(separator: " ") }
    for (name, type) in GraftCommand.leaves where type is any WritingCommand.Type {
      #expect(tried.contains { $0.hasPrefix(name + " ") }, "\(name)")
    }
  }

  // MARK: Of another command, and of the same

  @Test func aRunOfAnotherCommandStays() throws {
    let world = try World.shared.get()
    let before = try FileManager.default.contentsOfDirectory(atPath: world.run).sorted()
    for command in [
      ["finetune", "--checkpoint", "/nowhere", "--task", "sst2"],
      ["prefixes", "--checkpoint", "/nowhere", "--task", "sst2"],
      ["transfer", "--checkpoint", "/nowhere", "--task", "sst2"], ["ablate", "/nowhere"],
    ] {
      try Graft.expectFailure(64, command + ["--output", world.run], says: ["not of an earlier graft \(command[0])"])
    }
    let results = "\(world.run)/results.json"
    try Graft.expectFailure(
      64, ["evaluate", "--checkpoint", world.run, "--task", "micro-nli", "--json", results],
      says: ["was not written by graft evaluate"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: world.run).sorted() == before)
  }

  /// What `kills.py` once met: a run that was killed between making its lock and writing its number into it.
  @Test func aRunThatWasKilledInItsFirstMomentGoesOn() throws {
    let folder = try TestFolder()
    let begun = ["begun/lock": "", "cached/lock": "", "cached/cache/a.tokens": "x", "held/lock": "7\n", "held/x": ""]
    for (name, text) in begun { try folder.write(name, text) }
    let command = ["pretrain", "--corpus", "/nowhere", "--tokenizer", "/nowhere", "--resume", "--output"]
    for name in ["begun", "cached", "held"] { try Graft.expectFailure(66, command + ["\(folder.path)/\(name)"]) }
    try folder.write("foreign/lock", "")
    try folder.write("foreign/letter.txt", "mine")
    try Graft.expectFailure(64, command + ["\(folder.path)/foreign"], says: ["not of an earlier graft pretrain"])
  }

  @Test func aStudyIsNoRun() throws {
    let folder = try TestFolder()
    for (name, own) in [("grid", "ablate"), ("laboratory", "prefixes"), ("transfer", "transfer"), ("arena", "arena")] {
      try folder.write("\(name)/\(name).json", "{}")
      try folder.write("\(name)/lock", "1\n")
      for command in [
        ["finetune", "--checkpoint", "/nowhere", "--task", "sst2"],
        ["prefixes", "--checkpoint", "/nowhere", "--task", "sst2"],
        ["transfer", "--checkpoint", "/nowhere", "--task", "sst2"], ["ablate", "/nowhere"],
        ["pretrain", "--corpus", "/nowhere", "--tokenizer", "/nowhere"],
      ] {
        let outcome = try Graft.run(command + ["--output", "\(folder.path)/\(name)"])
        #expect(outcome.errors.contains("not of an earlier") == (own != command[0]), "\(command): \(outcome.errors)")
      }
    }
    // What failed before it was written down left no more than a lock, or the texts of tasks.
    try folder.write("begun/lock", "4711\n")
    try folder.write("cached/cache/a", "")
    for name in ["begun", "cached"] {
      let outcome = try Graft.run(
        ["pretrain", "--corpus", "/nowhere", "--tokenizer", "/nowhere", "--output", "\(folder.path)/\(name)"])
      #expect(outcome.status == 66, "\(outcome.errors)")
    }
  }

  @Test func onesOwnIsReplaced() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let (text, json) = (try folder.write("text", "one\ntwo\n"), "\(folder.path)/out.json")
    let commands = [
      ["metric", "accuracy", "--predictions", text, "--references", text, "--json", json],
      ["compare", text, text, "--references", text, "--metric", "accuracy", "--json", json],
      ["score", "--checkpoint", world.run, "--input", "a", "--target", "b", "--json", json],
      ["score", "--checkpoint", world.run, "--input", "a", "--target", "b", "c", "--json", json],
      ["generate", "--checkpoint", world.run, "--target-length", "2", "--json", json, "a"],
      ["tokenizer", "train", "--corpus", text, "--vocabulary-size", "380", "--output", json],
      ["tokenizer", "train", "--corpus", text, "--vocabulary-size", "380", "--output", folder.path],
      ["tokenizer", "import", world.tokenizer, "--output", json],
      ["tokenizer", "export", "--tokenizer", world.tokenizer, "--output", "\(folder.path)/export"],
      ["benchmark", "tokenizer", text, "--rounds", "1", "--vocabulary-size", "380", "--json", json],
      [
        "benchmark", "decode", "--checkpoint", world.run, "--batch", "1", "--beam", "1", "--rounds", "1",
        "--target-length", "2", "--json", json,
      ],
      [
        "stress", "evaluate", "--checkpoint", world.run, "--task", "micro-nli", "--tasks", world.directory, "--data",
        world.directory, "--transform", "typo", "--limit", "4", "--json", json,
      ],
    ]
    for command in commands {
      for _ in 0..<2 {
        let outcome = try Graft.run(command)
        #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      }
      if command.last == json || command.contains(json) { try folder.remove("out.json") }
    }
  }

  @Test func aWorldIsReplacedAndWhatWasAddedStays() throws {
    let folder = try TestFolder()
    let command = [
      "microworld", "--output", "\(folder.path)/world", "--corpus-bytes", "2000", "--training-examples", "12",
      "--test-examples", "6",
    ]
    #expect(try Graft.run(command).status == 0)
    let first = try folder.bytes("world/corpus.txt")
    try folder.write("world/runs/a/notes.txt", "mine")
    let again = try Graft.run(command + ["--seed", "7"])
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.contains("corpus  \(folder.path)/world/corpus.txt"))
    #expect(try folder.bytes("world/corpus.txt") != first)
    #expect(try folder.bytes("world/runs/a/notes.txt") == Data("mine".utf8))
    #expect(folder.names == ["world"])
  }

  @Test func aPlaceThatCannotBeIsToldBeforeAnyWork() throws {
    let folder = try TestFolder()
    let file = try folder.write("file", "")
    let generate = ["generate", "--checkpoint", "/nowhere", "text", "--json"]
    try Graft.expectFailure(74, generate + ["\(folder.path)/none/a.json"], says: ["its folder does not exist"])
    try Graft.expectFailure(74, generate + [folder.path], says: ["is a folder where a file is needed"])
    try Graft.expectFailure(64, generate + [""], says: ["name of an output is empty"])
    for command in [
      ["stress", "make", "--task", "nothing", "--transform", "typo"], ["probe", "--task", "nothing"],
      ["finetune", "--checkpoint", "/nowhere", "--task", "sst2"],
    ] {
      try Graft.expectFailure(74, command + ["--output", file], says: ["is a file where a folder is needed"])
    }
    let world = try World.shared.get()
    try Graft.expectFailure(
      64, ["finetune", "--checkpoint", world.run, "--task", "sst2", "--output", "\(world.run)/../run"],
      says: ["is the input '\(world.run)'"])
  }
}
