import Checkpointing
import Foundation
import TestSupport
import Testing

/// `graft convert`, and every command that takes a model on folders that transformers saved.
@Suite(.tags(.process)) struct ConvertTests {
  private struct Fixture: Decodable {
    var input: String?
    var target: String
    var scores: [Double]

    static let names = [
      "bart", "bert", "bert-pretraining", "electra-generator", "gpt-neox", "gpt2", "marian", "mistral", "qwen3", "t5",
      "t5-v1.1",
    ]

    static func path(_ name: String) -> String {
      "\(Graft.packageRoot)/Tests/Fixtures/huggingface/\(name)"
    }

    init(_ name: String) throws {
      self = try JSONDecoder().decode(
        Fixture.self, from: Data(contentsOf: URL(fileURLWithPath: Self.path(name) + ".json")))
    }
  }

  private struct Score: Decodable {
    struct Token: Decodable {
      var token: String
      var logProbability: Double
    }
    var tokens: [Token]
  }

  private func scores(_ checkpoint: String, _ fixture: Fixture) throws -> [Double] {
    let outcome = try Graft.run(
      ["score", "--checkpoint", checkpoint, "--json", "-", "--target", fixture.target]
        + (fixture.input.map { ["--input", $0] } ?? []))
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSONDecoder().decode(Score.self, from: Data(outcome.output.utf8)).tokens.map(\.logProbability)
  }

  private func convert(_ source: String, _ target: String, says texts: [String]) throws {
    let outcome = try Graft.run(["convert", "--from", source, "--to", target])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in texts { #expect(outcome.output.contains(text), "\(outcome.output)") }
  }

  /// Theirs, ours and theirs again.
  @Test(arguments: Fixture.names) func scoresAreThoseOfTransformers(_ name: String) throws {
    let fixture = try Fixture(name)
    let folder = try TestFolder()
    let (ours, theirs) = ("\(folder.path)/ours", "\(folder.path)/theirs")
    try convert(Fixture.path(name), ours, says: ["graft checkpoint"])
    try convert(ours, theirs, says: ["Hugging Face folder", "transformers' "])
    let expected = try scores(Fixture.path(name), fixture)
    #expect(expected.count == fixture.scores.count)
    for (got, wanted) in zip(expected, fixture.scores) { #expect(abs(got - wanted) < 1e-4) }
    for path in [ours, theirs] { #expect(try scores(path, fixture) == expected, "\(path)") }
    for path in [Fixture.path(name), ours, theirs] {
      let inspected = try Graft.run(["inspect", "checkpoint", path])
      #expect(inspected.status == 0, "\(inspected.errors)")
      #expect(inspected.output.contains("width 32"))
    }
    #expect(
      try folder.bytes("theirs/tokenizer.json")
        == Data(contentsOf: URL(fileURLWithPath: Fixture.path(name) + "/tokenizer.json")))
  }

  /// The first releases of BERT have a vocab.txt in place of a tokenizer.json.
  @Test func anOlderVocabularyBecomesATokenizer() throws {
    let folder = try TestFolder()
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: "\(Fixture.path("bert"))/\(name)", toPath: "\(folder.path)/\(name)")
    }
    // As many pieces as the model has rows.
    let config = try folder.bytes("config.json")
    let size = try #require(
      (try JSONSerialization.jsonObject(with: config) as? [String: Any])?["vocab_size"] as? Int)
    let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s", "see"]
    let rest = (pieces.count..<size).map { "unused\($0)" }
    try folder.write("vocab.txt", (pieces + rest).joined(separator: "\n") + "\n")
    let scored = try Graft.run([
      "score", "--checkpoint", folder.path, "--target", "The cats see", "--json", "-",
    ])
    #expect(scored.status == 0, "\(scored.errors)")
    for token in ["the", "cat", "##s", "see"] { #expect(scored.output.contains("\"\(token)\"")) }
    let converted = try Graft.run(["convert", "--from", folder.path, "--to", "\(folder.path)/ours"])
    #expect(converted.status == 0, "\(converted.errors)")
    let again = try Graft.run(
      ["score", "--checkpoint", "\(folder.path)/ours", "--target", "The cats see", "--json", "-"])
    #expect(again.output == scored.output)
  }

  /// What Graft trained comes back with the same bits.
  @Test func aRunGoesThereAndBack() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try convert(world.run, "\(folder.path)/theirs/", says: ["T5ForConditionalGeneration"])
    try convert("\(folder.path)/theirs", "\(folder.path)/ours", says: ["graft checkpoint, t5"])
    for name in ["model.safetensors", "config.json", "tokenizer.json"] {
      #expect(try folder.bytes("ours/\(name)") == world.folder.bytes("run/model/\(name)"), "\(name)")
    }
    #expect(folder.names == ["ours", "theirs"])
  }

  /// Half as many bytes, and what is read again is what was rounded.
  @Test func weightsAreWrittenInSixteenBits() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    for (layout, source) in [("huggingface", world.run), ("graft", "\(folder.path)/huggingface")] {
      let outcome = try Graft.run([
        "convert", "--from", source, "--to", "\(folder.path)/\(layout)", "--layout", layout, "--precision", "bf16",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let config = String(decoding: try folder.bytes("huggingface/config.json"), as: UTF8.self)
    #expect(config.contains("bfloat16") && !config.contains("float32"))
    let sizes = try ["huggingface", "graft"].map { try folder.bytes("\($0)/model.safetensors").count }
    let whole = try world.folder.bytes("run/model/model.safetensors").count
    for size in sizes { #expect(Double(size) < 0.6 * Double(whole)) }
    // Rounded once, nothing changes any more.
    let again = try Graft.run([
      "convert", "--from", "\(folder.path)/graft", "--to", "\(folder.path)/again", "--layout", "graft",
      "--precision", "bf16",
    ])
    #expect(again.status == 0, "\(again.errors)")
    #expect(try folder.bytes("again/model.safetensors") == folder.bytes("graft/model.safetensors"))
    #expect(try folder.bytes("again/README.md") == folder.bytes("graft/README.md"))
  }

  /// One command from a folder of transformers to scores. T5 v1.1's has more rows than its tokenizer tokens.
  @Test(arguments: ["bert-pretraining", "electra-discriminator", "gpt2", "t5-v1.1"]) func aFolderIsFineTuned(
    _ name: String
  ) throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let path = Fixture.path(name)
    var arguments = world.replacing(
      "--checkpoint", by: path, in: world.finetune("x", task: "micro-sentiment"))
    arguments = world.replacing("--output", by: "\(folder.path)/tuned", in: arguments)
    let tuned = try Graft.run(
      arguments + ["--input-length", "40", "--target-length", "8", "--no-baselines", "--seeds", "1"])
    #expect(tuned.status == 0, "\(tuned.errors)")
    let evaluated = try Graft.run([
      "evaluate", "--checkpoint", "\(folder.path)/tuned", "--task", "micro-sentiment", "--tasks",
      world.directory,
      "--data", world.directory, "--split", "test", "--no-baselines", "--input-length", "40",
      "--target-length",
      "8",
    ])
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    if name == "gpt2" || name == "t5-v1.1" {
      let answer = try Graft.run(
        ["generate", "--checkpoint", path, "--target-length", "8", "sentence: a film"])
      #expect(answer.status == 0, "\(answer.errors)")
    }
    try convert("\(folder.path)/tuned", "\(folder.path)/theirs", says: ["Hugging Face folder"])
    try convert("\(folder.path)/theirs", "\(folder.path)/ours", says: ["graft checkpoint"])
    #expect(
      try folder.bytes("ours/model.safetensors") == folder.bytes("tuned/model/model.safetensors"))
    #expect(try folder.bytes("ours/config.json") == folder.bytes("tuned/model/config.json"))
  }

  /// BART answers by a head on its decoder, whether it came with one or gets one in place of what it wrote with.
  @Test(arguments: [("bart", ["--heads", "--layout", "segments"]), ("bart-classifier", [])])
  func anEncoderDecoderAnswersByAHead(_ name: String, _ flags: [String]) throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    var arguments = world.replacing(
      "--checkpoint", by: Fixture.path(name), in: world.finetune("x", task: "micro-nli"))
    arguments = world.replacing("--output", by: "\(folder.path)/tuned", in: arguments)
    let lengths = ["--input-length", "40", "--target-length", "8", "--no-baselines", "--no-overlap"]
    let tuned = try Graft.run(arguments + lengths + flags + ["--seeds", "1"])
    #expect(tuned.status == 0, "\(tuned.errors)")
    try convert("\(folder.path)/tuned", "\(folder.path)/theirs", says: ["BartForSequenceClassification"])
    try convert("\(folder.path)/theirs", "\(folder.path)/ours", says: ["graft checkpoint"])
    #expect(try folder.bytes("ours/model.safetensors") == folder.bytes("tuned/model/model.safetensors"))
    let scores = try ["tuned", "theirs"].map { model in
      let evaluated = try Graft.run(
        [
          "evaluate", "--checkpoint", "\(folder.path)/\(model)", "--task", "micro-nli", "--tasks", world.directory,
          "--data", world.directory, "--split", "test", "--json", "\(folder.path)/\(model).json",
        ] + lengths)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      return evaluated.output
    }
    #expect(scores[0] == scores[1])
  }

  /// What only tokenizer_config.json says of the tokens goes along, there and back.
  @Test func rolesOfTokensAreKept() throws {
    let folder = try TestFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: Fixture.path("gpt2")) {
      let text = try String(contentsOfFile: "\(Fixture.path("gpt2"))/\(name)", encoding: .isoLatin1)
      // Names that say nothing, for the end and the padding.
      let isOfTokenizer = name.hasPrefix("tokenizer")
      let content =
        isOfTokenizer ? text.replacing("\"</s>\"", with: "\"|stop|\"").replacing("\"<pad>\"", with: "\"|gap|\"") : text
      try folder.write("named/\(name)", Array(content.data(using: .isoLatin1) ?? Data()))
    }
    let (named, ours, theirs) = ("\(folder.path)/named", "\(folder.path)/ours", "\(folder.path)/theirs")
    func inspected(_ path: String) throws -> String {
      let outcome = try Graft.run(["tokenizer", "inspect", path])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    try convert(named, ours, says: ["graft checkpoint"])
    try convert(ours, theirs, says: ["Hugging Face folder"])
    #expect(try inspected(named).contains("1 |stop|"))
    for path in [ours, theirs] { #expect(try inspected(path) == inspected(named)) }
    try FileManager.default.removeItem(atPath: "\(ours)/special_tokens_map.json")
    #expect(try inspected(ours) != inspected(named))
    try Graft.expectFailure(65, ["inspect", "checkpoint", ours], says: ["special_tokens_map.json"])
    // A tokenizer whose names say it all needs no such file.
    try convert(Fixture.path("gpt2"), "\(folder.path)/plain", says: ["graft checkpoint"])
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/plain/special_tokens_map.json"))
  }

  @Test func aFolderIsTrainedOn() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    for (name, objective) in [
      ("bert", "masked-lm"), ("electra-generator", "masked-lm"), ("t5", "prefix-lm"),
    ] {
      let path = Fixture.path(name)
      var arguments = world.pretrain(
        into: "\(folder.path)/\(name)", steps: 2, ["--checkpoint", path, "--objective", objective])
      arguments = world.replacing("--tokenizer", by: path, in: arguments)
      let outcome = try Graft.run(arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test func anElectraGoesThereInTwoParts() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try folder.write(
      "electra.json",
      """
      {"family": "electra", "width": 32, "heads": 2, "feedForward": 64, "encoderLayers": 1, "maximumLength": 64,
       "activation": "exact-gelu", "epsilon": 1e-12, "generatorSize": 0.5}
      """)
    let trained = try Graft.run(
      world.replacing(
        "--backbone", by: "\(folder.path)/electra.json",
        in: world.pretrain(into: "\(folder.path)/run", steps: 1, ["--objective", "replaced-token-detection"]))
    )
    #expect(trained.status == 0, "\(trained.errors)")
    let whole = try Graft.run(["convert", "--from", "\(folder.path)/run", "--to", "\(folder.path)/whole"])
    #expect(whole.status == 0 && whole.output.contains("ElectraForPreTraining"), "\(whole.errors)")
    #expect(whole.errors.contains("--generator"))
    let part = try Graft.run(
      ["convert", "--from", "\(folder.path)/run", "--to", "\(folder.path)/part", "--generator"])
    #expect(part.status == 0 && part.output.contains("ElectraForMaskedLM"), "\(part.errors)")
    #expect(try scores("\(folder.path)/part", Fixture("bert")).isEmpty == false)
    try Graft.expectFailure(
      64, ["convert", "--from", world.run, "--to", "\(folder.path)/none", "--generator"],
      says: ["no checkpoint of an"])
  }

  // MARK: Errors

  private func expectFailure(_ code: Int32, _ folder: TestFolder, says texts: [String]) throws {
    try Graft.expectFailure(
      code, ["convert", "--from", folder.path, "--to", "\(folder.path)-converted"], says: texts)
    try Graft.expectFailure(code, ["score", "--checkpoint", folder.path, "--target", "a"], says: texts)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)-converted"))
  }

  @Test func foldersThatCannotBeRead() throws {
    let folder = try TestFolder()
    for file in try FileManager.default.contentsOfDirectory(atPath: Fixture.path("t5")) {
      try FileManager.default.copyItem(
        atPath: Fixture.path("t5") + "/\(file)", toPath: "\(folder.path)/\(file)")
    }
    let config = String(decoding: try folder.bytes("config.json"), as: UTF8.self)
    func rewrite(_ old: String, _ new: String) throws {
      try folder.write("config.json", config.replacingOccurrences(of: old, with: new))
    }
    try rewrite("\"decoder_start_token_id\": 0", "\"decoder_start_token_id\": 1")
    try expectFailure(65, folder, says: ["starts with token 1", "decoder_start_token_id"])
    try rewrite("\"vocab_size\": 320", "\"vocab_size\": 200")
    try expectFailure(65, folder, says: ["has 300 tokens", "200"])
    try rewrite("\"relu\"", "\"mish\"")
    try expectFailure(65, folder, says: ["'feed_forward_proj' is 'mish'", "config.json:"])
    try rewrite("\"num_layers\": 1", "\"num_layers\": 2")
    try expectFailure(65, folder, says: ["missing 'encoder.block.1.layer.0.layer_norm.weight'"])
    try rewrite("\"model_type\"", "\"modle_type\"")
    try expectFailure(65, folder, says: ["neither", "model_type"])
    try folder.remove("model.safetensors")
    try folder.write("tf_model.h5", "")
    try rewrite("", "")
    try expectFailure(66, folder, says: ["tf_model.h5", "safe_serialization=True"])
    try folder.write("pytorch_model.bin", "")
    try expectFailure(65, folder, says: ["pytorch_model.bin", "an empty file"])
    try folder.remove("config.json")
    try expectFailure(66, folder, says: ["no config.json"])
    try folder.remove("pytorch_model.bin")
    try expectFailure(66, folder, says: ["no checkpoint at"])
  }

  @Test func aTargetThatExists() throws {
    let folder = try TestFolder()
    try folder.write("precious.txt", "kept")
    try Graft.expectFailure(
      64, ["convert", "--from", Fixture.path("t5"), "--to", folder.path], says: ["already exists"])
    #expect(folder.names == ["precious.txt"])
  }

  @Test func aModelThatTransformersHasNot() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    try folder.write(
      "prefix.json", World.preset("gpt", layers: 0, extra: ", \"maximumLength\": 64, \"prefix\": true"))
    let trained = try Graft.run(
      world.replacing(
        "--backbone", by: "\(folder.path)/prefix.json",
        in: world.pretrain(into: "\(folder.path)/run", steps: 1, ["--objective", "prefix-lm"])))
    #expect(trained.status == 0, "\(trained.errors)")
    try Graft.expectFailure(
      64, ["convert", "--from", "\(folder.path)/run", "--to", "\(folder.path)/theirs"], says: ["both sides"])
  }
}
