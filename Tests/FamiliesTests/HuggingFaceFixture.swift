import Checkpointing
import Foundation
import ModelKit
import Records
import TestSupport

/// A folder that transformers saved, and what it computes. See huggingface/make_folders.py.
struct HuggingFaceFixture: Decodable {
  var encoder: [TokenID]?
  var decoder: [TokenID]?

  static let names = [
    "albert", "albert-classifier", "bart", "bart-classifier", "bert", "bert-classifier", "bert-pretraining",
    "electra-classifier",
    "electra-discriminator", "electra-generator", "gpt2", "mpnet", "mpnet-classifier", "t5", "t5-v1.1", "bert-labels",
    "bert-one-segment", "bert-untied", "deberta", "deberta-classifier", "deberta-exact", "distilbert",
    "distilbert-classifier", "distilbert-untied", "roberta", "roberta-classifier",
    "electra-untied", "gemma", "gpt-neo", "gpt-neox", "gpt-neox-serial", "gpt2-scaled-by-layer", "gpt2-unscaled",
    "llama",
    "llama-biased", "llama-scaled", "llama-smol", "marian", "mistral", "modernbert", "modernbert-classifier",
    "modernbert-untied", "opt", "qwen2", "qwen2-window", "qwen2-yarn", "qwen3", "t5-gated-silu", "umt5",
  ]
  /// Models that become another type of transformers' or get other names for their tensors, and the type they become: a
  /// Mistral without a window is a Llama.
  static let otherTypes = [
    "albert-pretraining": "albert", "deberta-own-head": "deberta-v2", "mistral-whole": "llama", "mt5": "t5",
    "xlm-roberta": "roberta",
  ]

  private static var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/huggingface")
  }

  static func read(_ name: String) throws -> HuggingFaceFixture {
    try JSONDecoder().decode(
      HuggingFaceFixture.self, from: Data(contentsOf: root.appendingPathComponent("\(name).json")))
  }

  static func path(_ name: String) -> String { root.appendingPathComponent(name).path }

  static func logits(_ name: String) throws -> LoadedTensor {
    try SafetensorsFile(root.appendingPathComponent("\(name).logits.safetensors").path).tensor("logits")
  }

  /// One sequence with a target everywhere, or one answer.
  func batch(_ layout: BatchLayout) -> Batch {
    var batch = Batch(layout: layout)
    if let encoder { batch.encoder.append(encoder) }
    if let decoder { batch.decoder.append(decoder) }
    batch.targets = [TokenID](repeating: 0, count: (decoder ?? encoder ?? []).count)
    return batch
  }

  /// A file that torch.save wrote. See torch/make_torch_files.py.
  static func torchFile(_ name: String) -> String {
    root.deletingLastPathComponent().appendingPathComponent("torch/\(name)").path
  }

  /// A copy of a fixture's folder that a test may spoil.
  static func copy(_ name: String) throws -> TestFolder {
    let folder = try TestFolder()
    for file in try FileManager.default.contentsOfDirectory(atPath: path(name)) {
      try FileManager.default.copyItem(atPath: "\(path(name))/\(file)", toPath: "\(folder.path)/\(file)")
    }
    return folder
  }
}

extension TestFolder {
  /// Replaces `old` in config.json, which must be there.
  func editConfig(_ old: String, _ new: String) throws {
    let text = String(decoding: try bytes("config.json"), as: UTF8.self)
    guard text.contains(old) else { throw CocoaError(.fileReadCorruptFile) }
    try write("config.json", text.replacingOccurrences(of: old, with: new))
  }

  /// Writes model.safetensors again with its tensors changed.
  func editTensors(
    type: TensorType = .float32, metadata: [String: String] = [:],
    _ change: (inout [String: LoadedTensor]) -> Void
  ) throws {
    let file = try SafetensorsFile("\(path)/model.safetensors")
    var tensors: [String: LoadedTensor] = [:]
    for tensor in file.tensors { tensors[tensor.name] = try file.tensor(tensor.name) }
    change(&tensors)
    let buffers = tensors.map { name, tensor in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.values.count)
      _ = buffer.initialize(from: tensor.values)
      return (name, tensor.shape, buffer)
    }
    defer { for (_, _, buffer) in buffers { buffer.deallocate() } }
    try SafetensorsWriter.write(
      buffers.map { TensorSource(name: $0, shape: $1, values: UnsafeBufferPointer($2), type: type) },
      metadata: metadata, to: "\(path)/model.safetensors")
  }
}
