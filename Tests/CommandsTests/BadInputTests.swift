import Checkpointing
import Foundation
import ModelKit
import Support
import TestSupport
import Testing

/// Bad input gets one clear error with a hint and the documented exit code, and harms nothing that was saved.
// One after another: they share a run directory that none of them may leave behind.
@Suite(.serialized, .tags(.process)) struct BadInputTests {
  @Test func aMissingCorpus() throws {
    let world = try World.shared.get()
    let arguments = world.replacing("--corpus", by: "nowhere.txt", in: world.pretrain("new", steps: 2))
    try Graft.expectFailure(66, arguments, says: ["nowhere.txt"])
  }

  @Test func aMissingTokenizer() throws {
    let world = try World.shared.get()
    let arguments = world.replacing("--tokenizer", by: "nowhere.json", in: world.pretrain("new", steps: 2))
    try Graft.expectFailure(66, arguments, says: ["nowhere.json"])
  }

  /// What could not be scored in the end is said before anything is trained or scored.
  @Test func absentDataIsNamedBeforeAnythingIsDone() throws {
    let world = try World.shared.get()
    let data = try TestFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: world.directory)
    where ["-train.jsonl", "-validation.jsonl", ".yaml"].contains(where: name.hasSuffix) {
      try FileManager.default.copyItem(atPath: "\(world.directory)/\(name)", toPath: "\(data.path)/\(name)")
    }
    let output = "\(data.path)/new"
    func arguments(_ command: String, _ more: String...) -> [String] {
      [command, "--checkpoint", world.run, "--tasks", data.path, "--data", data.path] + more
    }
    let suite = ["--suite", "micro-nli-stress"]
    try Graft.expectFailure(
      66, arguments("finetune", "--task", "micro-nli", "--skip-absent", "--output", output) + suite,
      says: ["nli-stress-test.jsonl"])
    try Graft.expectFailure(
      66, arguments("evaluate", "--task", "micro-nli", "--split", "validation") + suite,
      says: ["nli-stress-test.jsonl"])
    try Graft.expectFailure(
      66, arguments("evaluate", "--task", "micro-nli") + suite,
      says: ["micro-nli test, micro-nli-stress", "nli-test.jsonl"])
    try Graft.expectFailure(
      66, arguments("transfer", "--task", "micro-nli", "--evaluate", "micro-nli:test", "--output", output),
      says: ["nli-test.jsonl"])
    try FileManager.default.removeItem(atPath: "\(data.path)/nli-validation.jsonl")
    try Graft.expectFailure(
      66, arguments("prefixes", "--task", "micro-nli", "--output", output), says: ["nli-validation.jsonl"])
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test func unknownNames() throws {
    let world = try World.shared.get()
    try Graft.expectFailure(
      64, world.finetune("new", task: "micro-nil"), says: ["'micro-nil'", "did you mean 'micro-nli'?"])
    try Graft.expectFailure(
      64, world.pretrain("new", steps: 2, "--objective", "span-coruption"),
      says: ["'span-coruption'", "did you mean 'span-corruption'?", "graft list objectives"])
    try Graft.expectFailure(
      64, world.replacing("--backbone", by: "t5-mni", in: world.pretrain("new", steps: 2)),
      says: ["did you mean 't5-mini'?", "graft list backbones"])
    try Graft.expectFailure(
      64, world.pretrain("new", steps: 2, "--optimizer", "adamv"), says: ["did you mean 'adamw'?"])
    try Graft.expectFailure(
      64, world.pretrain("new", steps: 2, "--schedule", "cosin"), says: ["did you mean 'cosine'?"])
    try Graft.expectFailure(
      64, world.pretrain("new", steps: 2, "--set", "noise-densty=0.2"),
      says: ["did you mean 'noise-density'?"])
    try Graft.expectFailure(
      64, world.pretrain("new", steps: 2, "--cleaning", "c5"), says: ["did you mean 'c4'?"])
    try Graft.expectFailure(64, world.pretrain("new", steps: 2, "--backend", "onednm"), says: ["onednm"])
    try Graft.expectFailure(
      64, world.finetune("new", task: "micro-nli", "--suite", "micro-nli-stres"),
      says: ["did you mean 'micro-nli-stress'?"])
    try Graft.expectFailure(
      64, ["metric", "blue", "--predictions", world.corpus, "--references", world.corpus],
      says: ["did you mean 'bleu'?"])
    try Graft.expectFailure(64, ["benchmark", "train", "--size", "XS"], says: ["did you mean 'S'?"])
    try Graft.expectFailure(
      64, ["benchmark", "train", "--objective", "causal-ml"], says: ["did you mean 'causal-lm'?"])
    for flag in ["--shards", "--steps"] {
      try Graft.expectFailure(64, ["benchmark", "train", flag, "0"], says: [flag], hint: false)
    }
  }

  @Test func anObjectiveThatCannotTrainTheBackbone() throws {
    let world = try World.shared.get()
    let arguments = world.replacing(
      "--backbone", by: "\(world.folder.path)/tiny-gpt.json",
      in: world.pretrain("new", steps: 2, "--objective", "masked-lm"))
    try Graft.expectFailure(64, arguments, says: ["masked-lm", "the layout encoder", "not decoder"])
  }

  @Test func embeddingsThatWouldOverwriteACheckpoint() throws {
    let world = try World.shared.get()
    try Graft.expectFailure(
      64,
      world.pretrain("new", steps: 2, "--embeddings", "cooccurrence", "--checkpoint", world.run),
      says: ["--embeddings cooccurrence", "checkpoint"])
  }

  @Test func aTokenizerFromNothing() throws {
    let output = "\(try World.shared.get().folder.path)/none.json"
    try Graft.expectFailure(
      64, ["tokenizer", "train", "--output", output], says: ["no text", "--corpus", "--task-text"])
    try Graft.expectFailure(
      64, ["tokenizer", "train", "--output", output, "--task-text", "sst2", "--format", "text"],
      says: ["--format"])
  }

  @Test func aTokenizerWithoutSentinels() throws {
    let world = try World.shared.get()
    let arguments = world.replacing(
      "--tokenizer", by: "\(world.folder.path)/no-sentinels.json", in: world.pretrain("new", steps: 2))
    try Graft.expectFailure(64, arguments, says: ["sentinel", "graft tokenizer train --sentinels"])
  }

  @Test func aDamagedTokenizer() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let text = try String(contentsOfFile: world.tokenizer, encoding: .utf8)
    try folder.write("tokenizer.json", String(text.prefix(text.count / 2)))
    let arguments = world.replacing("--tokenizer", by: folder.path, in: world.pretrain("new", steps: 2))
    try Graft.expectFailure(65, arguments, says: ["tokenizer.json:"])
  }

  @Test func aCorpusThatIsNotUTF8() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try Data("fine text\n\nba\u{0}d ".utf8 + [0xFF, 0xFE] + Data(" text\n".utf8))
      .write(to: URL(fileURLWithPath: "\(folder.path)/corpus.txt"))
    let arguments = world.replacing(
      "--corpus", by: "\(folder.path)/corpus.txt", in: world.pretrain("new", steps: 2))
    try Graft.expectFailure(65, arguments, says: ["not UTF-8", "at byte 16", "iconv"])
  }

  @Test func anEmptyCorpusAndDamagedGzip() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try folder.write("empty.txt", "")
    try Data([0x1F, 0x8B, 8, 0, 0, 0]).write(to: URL(fileURLWithPath: "\(folder.path)/cut.txt.gz"))
    try folder.write("lines.jsonl", "{\"text\": \"good\"}\n{\"text\": 5}\n")
    for (name, text) in [
      ("empty.txt", "no text"), ("cut.txt.gz", "truncated"), ("lines.jsonl", "lines.jsonl:2"),
    ] {
      let arguments = world.replacing(
        "--corpus", by: "\(folder.path)/\(name)", in: world.pretrain("new", steps: 2))
      try Graft.expectFailure(65, arguments, says: [text])
    }
  }

  @Test func aRowWithTooFewColumns() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try folder.write(
      "tiny.yaml",
      """
      task: tiny
      version: 1
      source:
        folder: .
        format: tsv
        fields: {sentence: text, label: label}
      splits:
        train: train.tsv
      inputs: "tiny sentence: {sentence}"
      targets: "{label}"
      choices: [bad, good]
      output: choices
      metrics: [accuracy]
      primaryMetric: accuracy

      """)
    try folder.write("train.tsv", "text\tlabel\nfine\tgood\nno label\nawful\tbad\n")
    var arguments = world.finetune("new", task: "tiny")
    arguments = world.replacing("--tasks", by: folder.path, in: arguments)
    arguments = world.replacing("--data", by: folder.path, in: arguments)
    try Graft.expectFailure(65, arguments, says: ["train.tsv:3"])
    try folder.remove("train.tsv")
    try Graft.expectFailure(66, arguments, says: ["train.tsv"])
  }

  // MARK: Run directories

  @Test func aRunDirectoryInUse() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let lock = try RunLock(directory: folder.path)
    defer { withExtendedLifetime(lock) {} }
    try Graft.expectFailure(
      64, world.pretrain(into: folder.path, steps: 2), says: ["in use", "by process \(getpid())"])
  }

  @Test func aRunDirectoryThatHoldsARun() throws {
    let world = try World.shared.get()
    let before = try world.folder.bytes("run/model/model.safetensors")
    let log = try world.folder.bytes("run/events.jsonl")
    try Graft.expectFailure(64, world.pretrain("run", steps: 2), says: ["already holds a run", "--resume"])
    #expect(try world.folder.bytes("run/model/model.safetensors") == before)
    #expect(try world.folder.bytes("run/events.jsonl") == log)
  }

  @Test func resumingWithAnotherCorpusOrTokenizer() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try FileManager.default.copyItem(atPath: world.run, toPath: "\(folder.path)/run")
    try FileManager.default.copyItem(atPath: world.corpus, toPath: "\(folder.path)/corpus.txt")
    // The same path as before but other text cannot be arranged for the shared corpus: first make it our own.
    let own = world.replacing(
      "--corpus", by: "\(folder.path)/corpus.txt", in: world.pretrain(into: "\(folder.path)/own", steps: 2))
    #expect(try Graft.run(own).status == 0)
    let before = try folder.bytes("own/run.json")
    let text = try String(contentsOfFile: world.corpus, encoding: .utf8)
    try folder.write("corpus.txt", text + "One more sentence.\n")
    try Graft.expectFailure(
      65, own + ["--resume"], says: ["corpus.txt is not what this run began with"])
    #expect(try folder.bytes("own/run.json") == before)
  }

  @Test func outputThatIsAFile() throws {
    let world = try World.shared.get()
    try Graft.expectFailure(74, world.pretrain(into: world.preset, steps: 2), says: ["is a file"])
  }

  // MARK: Checkpoints

  private func copyOfTheModel() throws -> TestFolder {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try FileManager.default.copyItem(atPath: "\(world.run)/model", toPath: "\(folder.path)/model")
    return folder
  }

  private func generate(_ folder: TestFolder) -> [String] {
    ["generate", "--checkpoint", "\(folder.path)/model", "sentiment sentence: a film"]
  }

  @Test(arguments: ["model.safetensors", "config.json", "tokenizer.json", "README.md"])
  func aTamperedCheckpoint(_ name: String) throws {
    let folder = try copyOfTheModel()
    #expect(try Graft.run(generate(folder)).status == 0)
    var bytes = try folder.bytes("model/\(name)")
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: "\(folder.path)/model/\(name)"))
    try Graft.expectFailure(65, generate(folder), says: [name, "changed"])
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: "\(folder.path)/model/\(name)"))
    try Graft.expectFailure(65, generate(folder), says: [name, "bytes"])
    try folder.remove("model/\(name)")
    let outcome = try Graft.run(generate(folder))
    // Without its configuration a folder is no checkpoint at all.
    #expect(outcome.status == (name == "config.json" ? 66 : 65))
    #expect(outcome.errors.contains("hint: "))
  }

  @Test func aDamagedManifest() throws {
    let folder = try copyOfTheModel()
    let text = String(decoding: try folder.bytes("model/manifest.json"), as: UTF8.self)
    for damaged in [
      "", "{", String(text.prefix(40)), text.replacingOccurrences(of: "README.md", with: "../x"),
    ] {
      try folder.write("model/manifest.json", damaged)
      try Graft.expectFailure(65, generate(folder), says: ["manifest"])
    }
    try folder.write(
      "model/manifest.json", text.replacingOccurrences(of: "\"version\" : 1", with: "\"version\" : 9"))
    try Graft.expectFailure(65, generate(folder), says: ["version 9"])
    try folder.remove("model/manifest.json")
    try Graft.expectFailure(65, generate(folder), says: ["manifest.json"])
  }

  /// Hashes hold, but the configuration is another program's, an older one, or absurd.
  @Test func aForeignConfiguration() throws {
    let folder = try copyOfTheModel()
    let config = String(decoding: try folder.bytes("model/config.json"), as: UTF8.self)
    let cases: [(config: String, says: String)] = [
      ("{\"architectures\": [\"T5ForConditionalGeneration\"], \"d_model\": 512}", "'family' is missing"),
      (config.replacingOccurrences(of: "\"family\" : \"t5\"", with: "\"family\" : \"bert\""), "bert"),
      (config.replacingOccurrences(of: "\"width\" : 32", with: "\"width\" : 48"), "shape"),
      (config.replacingOccurrences(of: "\"width\" : 32", with: "\"width\" : -1"), "'width' is -1"),
      (config.replacingOccurrences(of: "\"width\" : 32", with: "\"width\" : \"wide\""), "'width'"),
      (config.replacingOccurrences(of: "\"heads\" : 2", with: "\"heads\" : 9999999"), "'heads' is 9999999"),
      (
        config.replacingOccurrences(of: "\"width\" : 32", with: "\"width\" : 65536")
          .replacingOccurrences(of: "\"feedForward\" : 64", with: "\"feedForward\" : 1048576"),
        "expected [400, 65536]"
      ),
      (config.replacingOccurrences(of: "\"decoderLayers\" : 1", with: "\"decoderLayers\" : 2"), "tensor"),
      (
        config.replacingOccurrences(of: "\"vocabularySize\" : 400", with: "\"vocabularySize\" : 399"),
        "tokens"
      ),
      (
        config.replacingOccurrences(of: "\"vocabularySize\" : 400", with: "\"vocabularySize\" : 401"),
        "shape"
      ),
    ]
    for (text, says) in cases {
      #expect(text != config)
      try folder.write("model/config.json", text)
      try rewriteManifest(folder)
      try Graft.expectFailure(65, generate(folder), says: [says], hint: false)
    }
  }

  private func rewriteManifest(_ folder: TestFolder) throws {
    var manifest = try JSONDecoder().decode(
      CheckpointManifest.self, from: folder.bytes("model/manifest.json"))
    let bytes = try folder.bytes("model/config.json")
    manifest.files["config.json"] = .init(size: bytes.count, sha256: ContentHash.of(bytes))
    try JSONEncoder().encode(manifest).write(to: URL(fileURLWithPath: "\(folder.path)/model/manifest.json"))
  }

  @Test func noCheckpoint() throws {
    let folder = try TestFolder()
    try Graft.expectFailure(66, ["generate", "--checkpoint", folder.path, "text"], says: ["no checkpoint"])
    try Graft.expectFailure(66, ["inspect", "checkpoint", "\(folder.path)/none"], says: ["no checkpoint"])
  }

  @Test func aPresetThatIsNone() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let good = World.preset("t5", layers: 1)
    for (name, text, code) in [
      ("empty", "", 65), ("other", "{\"width\": 5}", 65), ("zero", good.replacing("32", with: "0"), 65),
      ("huge", good.replacing("32", with: "60000"), 65), ("family", good.replacing("t5", with: "bert"), 65),
      ("flat", World.preset("t5", layers: 0), 65), ("endless", World.preset("gpt", layers: 0), 65),
    ] as [(String, String, Int32)] {
      try folder.write("\(name).json", text)
      let arguments = world.replacing(
        "--backbone", by: "\(folder.path)/\(name).json", in: world.pretrain("new", steps: 2))
      try Graft.expectFailure(code, arguments, hint: false)
    }
    try folder.write("key.json", good.replacing("{", with: "{\"gate\": true, "))
    let arguments = world.replacing(
      "--backbone", by: "\(folder.path)/key.json", in: world.pretrain("new", steps: 2))
    try Graft.expectFailure(65, arguments, says: ["'gate'", "did you mean 'gated'?", "key.json"])
  }

  // MARK: Numbers

  @Test func numbersThatMakeNoSense() throws {
    let world = try World.shared.get()
    let flags: [[String]] = [
      ["--batch", "0"], ["--batch", "99999999999999"], ["--micro-batches", "0"],
      ["--micro-batches", "9999999999"], ["--shards", "0"], ["--shards", "100000"],
      ["--sequence-length", "0"], ["--sequence-length", "-5"], ["--sequence-length", "99999999999999"],
      ["--steps", "0"], ["--steps", "-1"], ["--held-out", "nan"], ["--held-out", "0.9"], ["--clip", "nan"],
      ["--clip", "inf"], ["--learning-rate", "nan"], ["--learning-rate", "inf"], ["--learning-rate", "0"],
      ["--final-fraction", "2"], ["--final-fraction", "nan"], ["--dropout", "1"], ["--dropout", "nan"],
      ["--warmup", "-1"], ["--evaluate-every", "often"], ["--evaluate-every", "-1"], ["--evaluate-every", "0%"],
      ["--save-every", "-1"],
      ["--set", "noise-density=nan"], ["--set", "noise-density"], ["--corpus", "\(world.corpus):inf"],
      ["--corpus", "\(world.corpus):-1"], ["--corpus", "\(world.corpus):0"],
      ["--optimizer-option", "beta1=nan"],
    ]
    for flag in flags {
      var arguments = world.pretrain("new", steps: 2)
      if let present = arguments.firstIndex(of: flag[0]) { arguments.removeSubrange(present...present + 1) }
      // With an equals sign, or a negative number would be taken for a flag.
      try Graft.expectFailure(64, arguments + [flag.joined(separator: "=")], hint: false)
    }
  }

  @Test func numbersThatMakeNoSenseInFineTuning() throws {
    let world = try World.shared.get()
    for flag in [
      "--input-length=0", "--input-length=-1", "--target-length=0", "--target-length=999999999999",
      "--limit=0", "--limit=-3",
    ] {
      try Graft.expectFailure(64, world.finetune("new", task: "micro-nli") + [flag])
      let evaluate = [
        "evaluate", "--checkpoint", world.run, "--task", "micro-nli", "--tasks", world.directory,
      ]
      try Graft.expectFailure(64, evaluate + ["--data", world.directory, flag])
    }
    try Graft.expectFailure(64, ["generate", "--checkpoint", world.run, "--target-length=-3", "text"])
    for smoothing in ["-0.1", "1", "nan"] {
      try Graft.expectFailure(
        64, world.finetune("new", task: "micro-nli") + ["--label-smoothing=\(smoothing)"],
        says: ["--label-smoothing must be at least 0 and less than 1"])
    }
    try world.folder.write(
      "tiny-bert.json", World.preset("bert", layers: 1, extra: ", \"maximumLength\": 64"))
    try Graft.expectFailure(
      64,
      [
        "finetune", "--backbone", "\(world.folder.path)/tiny-bert.json", "--tokenizer", world.tokenizer,
        "--task",
        "micro-nli", "--tasks", world.directory, "--data", world.directory, "--output",
        "\(world.folder.path)/new", "--steps", "1", "--label-smoothing", "0.1", "--input-length", "32",
      ], says: ["an encoder answers by a head"])
    for epochs in ["nan", "inf", "0"] {
      var arguments = world.finetune("new", task: "micro-nli")
      let steps = try #require(arguments.firstIndex(of: "--steps"))
      arguments.replaceSubrange(steps...steps + 1, with: ["--epochs", epochs])
      try Graft.expectFailure(64, arguments)
    }
  }
}
