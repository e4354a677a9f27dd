import Autograd
import Compute
import Families
import Foundation
import ModelKit
import Randomness
import Support
import Tokenization

@testable import Checkpointing
@testable import Experiments
@testable import Inference
@testable import Training

extension Readers {
  static let models = [
    Reader("backbone", readBackbone),
    Reader("checkpoint-config", readCheckpointConfig),
    Reader("checkpoint-manifest", readCheckpointManifest),
    Reader("checkpoint-state", readCheckpointState),
    Reader("foreign-config", readForeignConfig),
    Reader("foreign-index", readForeignIndex),
    Reader("safetensors", readSafetensors),
    Reader("torch", readTorch),
  ]
}

private let fixtures = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Fixtures/huggingface").path

/// A preset of a model. If it holds, the parameters of the model can be named.
@Sendable private func readBackbone(_ input: UnsafeRawBufferPointer) throws {
  let configuration = try Resources.preset(Scratch.write("preset.json", input), vocabularySize: 300)
  try use(configuration)
}

/// Names the parameters without making them: a model of a file may be larger than this machine.
private func use(_ configuration: ModelConfiguration) throws {
  let (_, declarations) = try Families.make(configuration)
  for parameter in declarations.all {
    var count = 1
    for size in parameter.shape {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: size)
      precondition(size > 0 && !isTooLarge, "\(parameter.name) is \(parameter.shape)")
      count = product
    }
  }
}

/// A safetensors file; what was read is the same after it was written.
@Sendable private func readSafetensors(_ input: UnsafeRawBufferPointer) throws {
  let file = try SafetensorsFile(Scratch.write("model.safetensors", input))
  var sources: [TensorSource] = []
  var tensors: [LoadedTensor] = []
  for description in file.tensors {
    guard description.type == .float32 else {
      _ = try? file.tensor(description.name)
      continue
    }
    tensors.append(try file.tensor(description.name))
  }
  let floats = file.tensors.filter { $0.type == .float32 }
  for (description, tensor) in zip(floats, tensors) {
    precondition(tensor.shape == description.shape, "a tensor has another shape than its description")
    tensor.values.withUnsafeBufferPointer { values in
      sources.append(TensorSource(name: description.name, shape: tensor.shape, values: values))
    }
  }
  try withExtendedLifetime(tensors) {
    let copy = "\(Scratch.path)/copy.safetensors"
    try SafetensorsWriter.write(sources, metadata: file.metadata, to: copy)
    let again = try SafetensorsFile(copy)
    precondition(again.metadata == file.metadata, "the metadata changes by writing it")
    for (description, tensor) in zip(floats, tensors) {
      let other = try again.tensor(description.name)
      precondition(
        other.shape == tensor.shape && other.values.map(\.bitPattern) == tensor.values.map(\.bitPattern),
        "'\(description.name)' changes by writing it")
    }
  }
}

/// A file of torch.save: its tensors have as many values as their shapes say.
@Sendable private func readTorch(_ input: UnsafeRawBufferPointer) throws {
  let file = try TorchFile(Scratch.write("pytorch_model.bin", input))
  for description in file.tensors where description.type.isReadable {
    let tensor = try file.tensor(description.name)
    precondition(tensor.values.count == description.count, "a tensor has another size than its description")
  }
}

// MARK: Folders of transformers

/// A config.json beside the weights of a model of its type.
@Sendable private func readForeignConfig(_ input: UnsafeRawBufferPointer) throws {
  let text = String(decoding: input, as: UTF8.self)
  let fixture =
    text.contains("electra")
    ? "electra-discriminator"
    : ["gpt2", "t5", "modernbert", "distilbert", "roberta", "deberta"].first(where: text.contains) ?? "bert"
  let folder = "\(Scratch.path)/\(fixture)"
  if mkdir(folder, 0o700) == 0 {
    for name in ["model.safetensors", "tokenizer.json"] {
      symlink("\(fixtures)/\(fixture)/\(name)", "\(folder)/\(name)")
    }
  }
  Scratch.write("\(fixture)/config.json", input)
  try open(folder)
}

/// The index of weights in several files, beside these files.
@Sendable private func readForeignIndex(_ input: UnsafeRawBufferPointer) throws {
  let folder = "\(Scratch.path)/several"
  let source = "\(fixtures)/bert-pretraining"
  if mkdir(folder, 0o700) == 0 {
    for name in try FileManager.default.contentsOfDirectory(atPath: source)
    where !name.hasSuffix("index.json") {
      symlink("\(source)/\(name)", "\(folder)/\(name)")
    }
  }
  Scratch.write("several/model.safetensors.index.json", input)
  try open(folder)
}

private func open(_ folder: String) throws {
  let (model, configuration, _) = try ModelFolder.open(folder)
  // Names and shapes are compared before a model of this size is made.
  try use(configuration)
  let declared = try Families.make(configuration).declarations.all
  if case .huggingFace(let foreign) = model { try foreign.verify(declared) }
  _ = try model.opened(configuration, precision: .f32, shardCount: 1)
}

// MARK: Checkpoints

/// A checkpoint with a training state, made once, of which inputs replace one file; hashes are made to fit.
private struct SmallCheckpoint: Sendable {
  let path: String

  static let shared = SmallCheckpoint()

  private init() {
    path = "\(Scratch.path)/checkpoint"
    do throws(GraftError) {
      var options = TokenizerTrainingOptions(vocabularySize: 280, sentinelCount: 2)
      options.unit = .bpe
      let tokenizer = try Tokenizer.train(documents: [Array("the cat sat on the mat".utf8)], options: options)
      let configuration = try ModelConfiguration(
        family: "t5", vocabularySize: tokenizer.vocabulary.size, dropout: 0,
        sizes: [
          "width": 8, "heads": 2, "feedForward": 8, "encoderLayers": 1, "decoderLayers": 1, "activation": "relu",
          "epsilon": 1e-6,
        ]
      ).completed()
      let model = try ShardedModel(
        configuration, key: RandomKey(seed: 0), precision: .f32, shardCount: 1, training: false)
      let weights = model.store.entries.map { entry in
        TensorSource(
          name: entry.name, shape: entry.shape, values: UnsafeBufferPointer(model.store.values(of: entry)))
      }
      try tokenizer.write(to: "\(Scratch.path)/small.json")
      var writer = try CheckpointWriter(
        config: configuration, weights: weights, tokenizer: MappedFile("\(Scratch.path)/small.json").data(),
        readme: "small")
      try writer.setTraining(
        TrainingState(step: 2, tokensSeen: 9, sampleIndex: 4, elapsedSeconds: 1, details: LoopDetails()),
        optimizer: [])
      try withExtendedLifetime(model) { () throws(GraftError) in try writer.write(to: path) }
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The checkpoint with one file exchanged.
  func replacing(_ name: String, by input: UnsafeRawBufferPointer) throws(GraftError) -> String {
    let copy = "\(Scratch.path)/changed"
    mkdir(copy, 0o700)
    for file in [
      "config.json", "model.safetensors", "tokenizer.json", "README.md", "training-state.json",
      "optimizer.safetensors", "manifest.json",
    ] {
      unlink("\(copy)/\(file)")
      if file != name { symlink("\(path)/\(file)", "\(copy)/\(file)") }
    }
    Scratch.write("changed/\(name)", input)
    guard name != CheckpointManifest.fileName else { return copy }
    var manifest = try JSONFile.read(CheckpointManifest.self, from: "\(path)/\(CheckpointManifest.fileName)")
    manifest.files[name] = try CheckpointFile.fingerprint("\(copy)/\(name)")
    unlink("\(copy)/\(CheckpointManifest.fileName)")
    let json = try JSONFile.encode(manifest)
    json.withUnsafeBytes { bytes in _ = Scratch.write("changed/\(CheckpointManifest.fileName)", bytes) }
    return copy
  }
}

@Sendable private func readCheckpointConfig(_ input: UnsafeRawBufferPointer) throws {
  let (model, configuration, _) = try ModelFolder.open(
    SmallCheckpoint.shared.replacing("config.json", by: input))
  try use(configuration)
  _ = try model.opened(configuration, precision: .f32, shardCount: 1)
}

@Sendable private func readCheckpointManifest(_ input: UnsafeRawBufferPointer) throws {
  _ = try Checkpoint(SmallCheckpoint.shared.replacing(CheckpointManifest.fileName, by: input))
}

@Sendable private func readCheckpointState(_ input: UnsafeRawBufferPointer) throws {
  let checkpoint = try Checkpoint(SmallCheckpoint.shared.replacing("training-state.json", by: input))
  _ = try checkpoint.trainingState(TrainingState<LoopDetails>.self)
}
