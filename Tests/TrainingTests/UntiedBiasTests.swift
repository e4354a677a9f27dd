import Checkpointing
import Foundation
import TestSupport
import Testing

@testable import Inference

/// The second bias of a BERT whose output layer is not tied, which is the one that transformers 5 computes with.
@Suite struct UntiedBiasTests {
  private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/huggingface/bert-untied").path

  @Test func bothAreWrittenAndThatOfTheLayerIsRead() throws {
    let folder = try TestFolder()
    let (graft, theirs) = ("\(folder.path)/graft", "\(folder.path)/theirs")
    _ = try ModelConversion.convert(Self.fixture, to: graft)
    _ = try ModelConversion.convert(graft, to: theirs)
    let names = ["cls.predictions.decoder.bias", "cls.predictions.bias"]
    let file = try SafetensorsFile("\(theirs)/model.safetensors")
    let own = try SafetensorsFile("\(Self.fixture)/model.safetensors").tensor(names[1])
    #expect(own.values.contains { $0 != 0 })
    for name in names { #expect(try file.tensor(name) == own, "\(name)") }

    // transformers 5 trains the one and leaves the other as it was drawn.
    var buffers: [UnsafeMutableBufferPointer<Float>] = []
    defer { for buffer in buffers { buffer.deallocate() } }
    var sources: [TensorSource] = []
    for tensor in file.tensors {
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.count)
      _ = buffer.initialize(
        from: tensor.name == names[1]
          ? Array(repeating: 0, count: tensor.count)
          : try file.tensor(tensor.name).values)
      buffers.append(buffer)
      sources.append(TensorSource(name: tensor.name, shape: tensor.shape, values: UnsafeBufferPointer(buffer)))
    }
    try SafetensorsWriter.write(sources, to: "\(theirs)/model.safetensors")
    _ = try ModelConversion.convert(theirs, to: "\(folder.path)/again")
    #expect(
      try Checkpoint("\(folder.path)/again").weights.tensor("vocabulary_head.bias").values == own.values)
  }
}
