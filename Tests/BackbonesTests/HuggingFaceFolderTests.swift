import Backbones
import Checkpointing
import Examples
import Foundation
import ModelKit
import Support
import TestSupport
import Testing

/// Folders of transformers: what is read from them computes what transformers computes, and what is written is what
/// was read.
@Suite struct HuggingFaceFolderTests {
  private static let tokens = HuggingFaceTokens(
    Vocabulary(size: 300, sentinels: [3]), name: { ["<pad>", "</s>", "<unk>"][Int($0)] })

  private func laboratory(_ folder: HuggingFaceFolder) throws -> ModelLaboratory {
    let laboratory = try ModelLaboratory(folder.configuration)
    try folder.load(into: laboratory.store)
    return laboratory
  }

  /// All values of a folder's model, read into it.
  private func values(_ folder: TestFolder) throws -> [Float] {
    let laboratory = try laboratory(HuggingFaceFolder(folder.path))
    return withExtendedLifetime(laboratory) { Array(laboratory.store.values) }
  }

  private func write(_ store: ParameterStore, _ configuration: TransformerConfiguration, to path: String)
    throws
  {
    try HuggingFaceWriter(configuration, tokenizer: Data("{}".utf8), tokens: Self.tokens)
      .write(store, to: path)
  }

  @Test(arguments: HuggingFaceFixture.names) func logitsAreThoseOfTransformers(_ name: String) throws {
    let fixture = try HuggingFaceFixture.read(name)
    let laboratory = try laboratory(HuggingFaceFolder(HuggingFaceFixture.path(name)))
    let expected = try HuggingFaceFixture.logits(name)
    let got = laboratory.logits(fixture.batch(laboratory.backbone.layout))
    #expect(got.count == expected.values.count)
    let worst = zip(got, expected.values).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(worst < 1e-4)
  }

  @Test(arguments: HuggingFaceFixture.exact) func exportUndoesImport(_ name: String) throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path(name))
    let target = try TestFolder()
    try write(laboratory(folder).store, folder.configuration, to: "\(target.path)/out")
    let written = try HuggingFaceFolder("\(target.path)/out")
    #expect(written.configuration == folder.configuration)
    #expect(written.modelType == folder.modelType)
    let (theirs, ours) = (folder.weights, written.weights)
    #expect(ours.tensors.map(\.name) == theirs.tensors.map(\.name))
    for tensor in theirs.tensors {
      let (a, b) = (try theirs.tensor(tensor.name), try ours.tensor(tensor.name))
      #expect(a.shape == b.shape && zip(a.values, b.values).allSatisfy { $0.bitPattern == $1.bitPattern })
    }
  }

  /// Every key that is written says what transformers' own file says.
  @Test(arguments: HuggingFaceFixture.exact) func configKeysAreThoseOfTransformers(_ name: String) throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path(name))
    let target = try TestFolder()
    try write(laboratory(folder).store, folder.configuration, to: "\(target.path)/out")
    func config(_ path: String) throws -> [String: NSObject] {
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/config.json"))
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: NSObject])
    }
    let (theirs, ours) = (try config(folder.path), try config("\(target.path)/out"))
    // Earlier versions' name for dtype; BERT and GPT-2 of transformers have no tokens of Graft's; GPT-2 writes null
    // for the width of the feed-forward layer that follows from the others.
    let own: Set = ["torch_dtype", "pad_token_id", "n_inner", "attn_pdrop", "embd_pdrop"]
    for (key, value) in ours where !own.contains(key) { #expect(theirs[key] == value, "\(key)") }
    #expect(ours.count > 12)
    // What transformers writes beyond it has a default that leaves the computation as it is.
    let immaterial: Set = [
      "add_cross_attention", "bos_token_id", "classifier_dropout", "eos_token_id", "initializer_factor",
      "initializer_range", "is_decoder", "reorder_and_upcast_attn", "scale_attn_by_inverse_layer_idx",
      "scale_attn_weights", "summary_activation", "summary_first_dropout", "summary_proj_to_labels",
      "summary_type", "summary_use_proj", "transformers_version", "use_cache",
    ]
    #expect(Set(theirs.keys).subtracting(ours.keys).subtracting(immaterial).isEmpty)
  }

  /// Models that only Graft has made, variants included.
  @Test(arguments: 0..<6) func aRoundTripIsBitIdentical(_ index: Int) throws {
    var configurations = [
      TestModels.bert(), TestModels.gpt(), TestModels.gpt(), TestModels.t5(gated: true),
      TestModels.t5(gated: false, dropout: 0.25), TestModels.t5(gated: true),
    ]
    configurations[2].tied = false
    configurations[2].activation = .exactGELU
    configurations[5].activation = .relu
    configurations[5].tied = true
    let laboratory = try ModelLaboratory(configurations[index], seed: 3)
    let target = try TestFolder()
    try write(laboratory.store, configurations[index], to: "\(target.path)/out")
    let folder = try HuggingFaceFolder("\(target.path)/out")
    #expect(folder.configuration == configurations[index])
    let back = try self.laboratory(folder)
    #expect(zip(back.store.values, laboratory.store.values).allSatisfy { $0.bitPattern == $1.bitPattern })
    #expect(target.names == ["out"])
    let files = Set(try FileManager.default.contentsOfDirectory(atPath: "\(target.path)/out"))
    #expect(
      files.isSuperset(of: ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]))
    let taken = #expect(throws: GraftError.self) {
      try write(laboratory.store, configurations[index], to: "\(target.path)/out")
    }
    #expect(taken?.code == .usage && taken?.message.contains("already exists") == true)
  }

  @Test func whatTransformersHasNotIsRefused() throws {
    var gated = TestModels.gpt()
    gated.gated = true
    var narrow = TestModels.bert()
    narrow.headDimension = 4
    var exact = TestModels.t5(gated: true)
    exact.activation = .exactGELU
    for (configuration, text) in [
      (TestModels.prefix(), "both sides"), (TestModels.shared(), "share"), (gated, "gated"),
      (narrow, "width"),
      (exact, "exact GELU"),
    ] {
      let error = #expect(throws: GraftError.self) {
        try HuggingFaceWriter(configuration, tokenizer: Data(), tokens: Self.tokens)
      }
      #expect(error?.code == .usage && error?.message.contains(text) == true && error?.hint != nil)
    }
  }

  // MARK: What other versions and classes save

  @Test func sixteenBitsAreWidened() throws {
    let folder = try HuggingFaceFixture.copy("t5")
    let exact = try values(folder)
    try folder.editTensors(type: .bfloat16) { _ in }
    let rounded = try values(folder)
    #expect(rounded.allSatisfy { $0.bitPattern & 0xffff == 0 })
    #expect(zip(exact, rounded).allSatisfy { abs($0 - $1) <= abs($0) / 256 })
  }

  @Test func aPoolerIsThereForHeads() throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path("bert-pretraining"))
    #expect(try folder.extra("pooler.weight")?.shape == [32, 32])
    #expect(try folder.extra("pooler.bias")?.shape == [32])
    #expect(try folder.extra("segment_embedding.weight") == nil)
    #expect(try HuggingFaceFolder(HuggingFaceFixture.path("bert")).extra("pooler.weight") == nil)
  }

  /// Copies of tied tensors, tables that nothing reads, and the names of the first releases.
  @Test func whatOlderVersionsSaved() throws {
    for name in HuggingFaceFixture.exact {
      let folder = try HuggingFaceFixture.copy(name)
      let expected = try values(folder)
      let index = LoadedTensor(shape: [1, 2], values: [0, 1])
      try folder.editTensors { tensors in
        switch name {
        case "bert":
          for (key, tensor) in tensors where key.contains("LayerNorm") {
            tensors[key] = nil
            let old = key.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
            tensors[old.replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")] = tensor
          }
          tensors["cls.predictions.decoder.weight"] = tensors["bert.embeddings.word_embeddings.weight"]
          tensors["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"]
          tensors["bert.embeddings.position_ids"] = index
        case "gpt2":
          for (key, tensor) in tensors {
            tensors[key] = nil
            tensors[String(key.dropFirst("transformer.".count))] = tensor
          }
          tensors["h.0.attn.bias"] = index
          tensors["lm_head.weight"] = tensors["wte.weight"]
        default:
          tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"]
          tensors["decoder.embed_tokens.weight"] = tensors["shared.weight"]
          if name == "t5" { tensors["lm_head.weight"] = tensors["shared.weight"] }
          tensors["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = index
        }
      }
      #expect(try values(folder) == expected, "\(name)")
    }
  }

  /// Recent transformers tie T5 v1.1's embeddings unless the file keeps them apart, and say so by other keys.
  @Test func aT5ThatIsTiedAndNotScaled() throws {
    let folder = try HuggingFaceFixture.copy("t5-v1.1")
    try folder.editConfig("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true")
    let apart = try HuggingFaceFolder(folder.path)
    #expect(!apart.configuration.tied)
    try folder.editTensors { $0["lm_head.weight"] = nil }
    let store = try laboratory(HuggingFaceFolder(folder.path)).store
    let (input, output) = (
      try #require(store.entry(named: "embedding.weight")),
      try #require(store.entry(named: "output_embedding.weight"))
    )
    #expect(store.values(of: input).elementsEqual(store.values(of: output)))
  }
}
