import Checkpointing
import Families
import Foundation
import ModelKit
import Support
import TestSupport
import Testing

/// Folders of encoders in the forms that other versions of transformers and other classes saved.
@Suite struct EncoderFolderTests {
  /// All values of a folder's model, read into it.
  private func values(_ folder: TestFolder) throws -> [Float] {
    let opened = try HuggingFaceFolder(folder.path)
    let laboratory = try ModelLaboratory(opened.configuration)
    try opened.load(into: laboratory.store)
    return withExtendedLifetime(laboratory) { Array(laboratory.store.values) }
  }

  /// With copies of tied tensors and indices of positions, as earlier versions saved it; also in several files.
  @Test(arguments: ["bert.bin", "bert.legacy.bin"]) func filesOfTorch(_ name: String) throws {
    let folder = try HuggingFaceFixture.copy("bert")
    let exact = try values(folder)
    try folder.remove("model.safetensors")
    let (source, target) = (HuggingFaceFixture.torchFile(name), "\(folder.path)/pytorch_model.bin")
    try FileManager.default.copyItem(atPath: source, toPath: target)
    #expect(try values(folder) == exact)
    let names = try HuggingFaceFolder(folder.path).weights.tensors.map(\.name)
    #expect(names.contains("bert.embeddings.position_ids"))
    try FileManager.default.moveItem(atPath: target, toPath: "\(folder.path)/part-1.bin")
    let places = names.map { "\"\($0)\": \"part-1.bin\"" }.joined(separator: ", ")
    try folder.write("pytorch_model.bin.index.json", "{\"weight_map\": {\(places)}}")
    #expect(try values(folder) == exact)
    try folder.remove("part-1.bin")
    let error = #expect(throws: GraftError.self) { try HuggingFaceFolder(folder.path) }
    #expect(error?.code == .missingInput && error?.hint?.contains("pytorch_model.bin.index.json") == true)
  }

  /// Versions before 5 say of ModernBERT every how many-th layer sees all, and the bases of rotary positions apart;
  /// none for layers that see a few tokens means that of the others.
  @Test func olderKeysOfModernBERT() throws {
    let folder = try HuggingFaceFixture.copy("modernbert-untied")
    let expected = try HuggingFaceFolder(folder.path).configuration
    #expect(expected.sizes["globalStride"] == 2 && expected.sizes["reach"] == 1)
    #expect(expected.sizes["ropeTheta"] == 500 && expected.sizes["localRopeTheta"] == 20)
    try folder.editConfig("\"rope_parameters\"", "\"global_rope_theta\": 500, \"local_rope_theta\": 20, \"unread\"")
    try folder.editConfig("\"layer_types\"", "\"other\"")
    try folder.editConfig("\"global_attn_every_n_layers\": 3", "\"global_attn_every_n_layers\": 2")
    #expect(try HuggingFaceFolder(folder.path).configuration == expected)
    try folder.editConfig("\"local_rope_theta\": 20", "\"local_rope_theta\": null")
    #expect(try HuggingFaceFolder(folder.path).configuration.sizes["localRopeTheta"] == 500)
  }

  private static let prefixes = ["albert.", "deberta.", "distilbert.", "model.", "mpnet.", "roberta."]

  /// Saved from a class without a head, whose tensors have no prefix, an encoder is what fine-tuning begins with.
  @Test(arguments: ["albert", "deberta", "distilbert", "modernbert", "mpnet", "roberta"])
  func encodersWithoutHeads(_ name: String) throws {
    let folder = try HuggingFaceFixture.copy(name)
    let whole = try SafetensorsFile("\(folder.path)/model.safetensors")
    try folder.editTensors { tensors in
      for (key, tensor) in tensors {
        tensors[key] = nil
        guard let prefix = Self.prefixes.first(where: key.hasPrefix) else { continue }
        tensors[String(key.dropFirst(prefix.count))] = tensor
      }
    }
    let opened = try HuggingFaceFolder(folder.path)
    let format = AnswerFormat(task: "nli", choices: ["no", "yes"])
    let laboratory = try ModelLaboratory(opened.configuration.answering([format]), seed: 6)
    let drawn = Array(laboratory.store.values)
    let heads = laboratory.store.entries.filter(\.isOfHead)
    try opened.load(into: laboratory.store, replacing: Set(heads.map(\.name)))
    #expect(!heads.isEmpty && heads.allSatisfy { laboratory.store.values(of: $0).elementsEqual(drawn[$0.range]) })
    let embedding = try #require(laboratory.store.entry(named: "embedding.weight"))
    let name = try #require(whole.tensors.map(\.name).first { $0.contains("word_embeddings") || $0.contains("tok_") })
    #expect(try laboratory.store.values(of: embedding).elementsEqual(whole.tensor(name).values))
    // Without a head there is nothing to go on with.
    let pretrained = try ModelLaboratory(opened.configuration)
    let error = #expect(throws: GraftError.self) { try opened.load(into: pretrained.store) }
    #expect(error?.message.contains("missing") == true && error?.hint?.contains("ForMaskedLM") == true)
  }

  /// New heads begin with what transformers would also take over: the pooler, of ModernBERT the first layer and the
  /// norm of the head that it was pretrained with.
  @Test(arguments: [
    ("albert-pretraining", ["dense.weight": "albert.pooler.weight", "dense.bias": "albert.pooler.bias"]),
    ("deberta-classifier", ["dense.weight": "pooler.dense.weight", "dense.bias": "pooler.dense.bias"]),
    ("modernbert", ["dense.weight": "head.dense.weight", "norm.weight": "head.norm.weight"]),
    ("modernbert-classifier", ["dense.weight": "head.dense.weight", "norm.weight": "head.norm.weight"]),
  ]) func headsBegin(_ name: String, _ places: [String: String]) throws {
    let folder = try HuggingFaceFolder(HuggingFaceFixture.path(name))
    let format = AnswerFormat(task: "other", choices: ["no", "yes"])
    let laboratory = try ModelLaboratory(folder.configuration.answering([format]), seed: 6)
    let heads = laboratory.store.entries.filter(\.isOfHead)
    try folder.load(into: laboratory.store, replacing: Set(heads.map(\.name)))
    for (ours, theirs) in places {
      let entry = try #require(laboratory.store.entry(named: "answers.other.\(ours)"))
      #expect(try laboratory.store.values(of: entry).elementsEqual(folder.weights.tensor(theirs).values), "\(ours)")
    }
  }
}
