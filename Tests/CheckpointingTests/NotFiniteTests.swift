import Foundation
import ModelKit
import Support
import TestSupport
import Testing

@testable import Checkpointing

/// Weights that are NaN or infinite are neither saved nor computed with.
@Suite struct NotFiniteTests {
  let folder: TestFolder
  let store = ParameterStore([("embedding.weight", [3, 2]), ("decoder.final_norm.weight", [2])])

  init() throws {
    folder = try TestFolder()
    for index in 0..<store.count { store.values[index] = Float(index) + 0.5 }
  }

  private func writer() throws -> CheckpointWriter {
    try CheckpointWriter(
      config: Sizes(width: 2), weights: store.tensorSources(), tokenizer: Data("{}".utf8), readme: "# Card\n")
  }

  /// Every length around the kernel's vectors, with one such value in every place.
  @Test(arguments: [Float.nan, .infinity, -.infinity, Float(bitPattern: 0x7F80_0001)])
  func everyPlaceIsLookedAt(_ broken: Float) {
    for count in [1, 2, 15, 16, 17, 31, 33, 64, 67] {
      var values = (0..<count).map { Float($0) * 1e36 }
      values[0] = -0.0
      #expect(NotFinite.count(values) == 0)
      for place in 0..<count {
        var changed = values
        changed[place] = broken
        #expect(NotFinite.count(changed) == 1)
        changed[count - 1] = broken
        #expect(NotFinite.count(changed) == (place == count - 1 ? 1 : 2))
      }
    }
    #expect(NotFinite.count([Float]()) == 0)
    #expect(NotFinite.count([.greatestFiniteMagnitude, -.leastNonzeroMagnitude, 0]) == 0)
  }

  @Test func nothingIsSavedOfThem() throws {
    let path = folder.file("model")
    try writer().write(to: path)
    let before = try folder.bytes("model/model.safetensors")
    store.values[6] = .nan
    store.values[7] = .infinity
    let failure = try #require(error { try writer().write(to: path) })
    #expect(failure.code == .internalError)
    #expect(failure.message.contains("'decoder.final_norm.weight'"), "\(failure)")
    #expect(failure.message.contains("2 of 2 values"), "\(failure)")
    #expect(folder.names == ["model"])
    #expect(try folder.bytes("model/model.safetensors") == before)
  }

  @Test func momentsAreLookedAtAsWell() throws {
    let moments = ParameterStore([("m", [2])])
    moments.values[0] = 1
    moments.values[1] = -.infinity
    var writer = try writer()
    try writer.setTraining(
      TrainingState(step: 1, tokensSeen: 1, sampleIndex: 1, elapsedSeconds: 1, details: NoDetails()),
      optimizer: moments.tensorSources())
    let failure = try #require(error { try writer.write(to: folder.file("model")) })
    #expect(failure.code == .internalError && failure.message.contains("'m'"), "\(failure)")
    #expect(folder.names == [])
  }

  /// Exchanges a file of a checkpoint and puts its new hash into the manifest.
  private func exchange(_ name: String, of path: String, by bytes: Data) throws {
    try bytes.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    let manifest = "\(path)/\(CheckpointManifest.fileName)"
    var files = try JSONFile.read(CheckpointManifest.self, from: manifest).files
    files[name] = try CheckpointFile.fingerprint("\(path)/\(name)")
    try JSONFile.write(CheckpointManifest(files: files), to: manifest)
  }

  @Test func theyAreNoticedWhenLoaded() throws {
    let path = folder.file("model")
    try writer().write(to: path)
    var bytes = try folder.bytes("model/model.safetensors")
    // The last four bytes are the last value of the tensor that comes last by name.
    bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
    try exchange("model.safetensors", of: path, by: bytes)
    let checkpoint = try Checkpoint(path)
    let failure = try #require(error { try checkpoint.load(into: store) })
    #expect(failure.code == .internalError)
    #expect(failure.message.contains("'embedding.weight'"), "\(failure)")
    #expect(failure.message.contains("1 of 6 values"), "\(failure)")
  }

  @Test(
    .tags(.slow),
    arguments: [
      ("step", "-1"), ("step", "9223372036854775807"), ("tokensSeen", "-1"),
      ("tokensSeen", "9223372036854775807"), ("sampleIndex", "-5"), ("sampleIndex", "9223372036854775807"),
      ("elapsedSeconds", "1e308"), ("elapsedSeconds", "-1"), ("elapsedSeconds", "1e999"), ("step", "1.5"),
      ("step", "9223372036854775808"), ("step", "null"),
    ])
  func countersThatCannotBeAreRefused(_ name: String, _ value: String) throws {
    let path = folder.file("model")
    var writer = try writer()
    try writer.setTraining(
      TrainingState(step: 7, tokensSeen: 900, sampleIndex: 12, elapsedSeconds: 1.5, details: NoDetails()),
      optimizer: store.tensorSources())
    try writer.write(to: path)
    let text = String(decoding: try folder.bytes("model/training-state.json"), as: UTF8.self)
    let changed = text.split(separator: "\n").map { line in
      guard line.contains("\"\(name)\"") else { return String(line) }
      return "  \"\(name)\" : \(value)\(line.hasSuffix(",") ? "," : "")"
    }.joined(separator: "\n")
    #expect(changed != text)
    try exchange("training-state.json", of: path, by: Data(changed.utf8))
    let failure = try #require(
      error { _ = try Checkpoint(path).trainingState(TrainingState<NoDetails>.self) })
    #expect(failure.code == .badData, "\(failure)")
    #expect(failure.description.contains("training-state.json"), "\(failure)")
  }
}
