import Foundation
import ModelKit
import Support
import TestSupport
import Testing

@testable import Checkpointing

struct Sizes: Codable, Equatable, Sendable { var width: Int }

@Suite struct CheckpointTests {
  let folder: TestFolder
  let store = ParameterStore([("embedding.weight", [3, 2]), ("decoder.final_norm.weight", [2])])

  init() throws {
    folder = try TestFolder()
    for index in 0..<store.count { store.values[index] = Float(index) + 0.5 }
  }

  private func writer(step: Int = 7) throws -> CheckpointWriter {
    var writer = try CheckpointWriter(
      config: Sizes(width: 2), weights: store.tensorSources(), tokenizer: Data("{}".utf8), readme: "# Card\n")
    let moments = TensorSource(
      name: "embedding.weight.first_moment", shape: [8], values: UnsafeBufferPointer(store.values))
    try writer.setTraining(
      TrainingState(
        step: step, tokensSeen: 900, sampleIndex: 12, elapsedSeconds: 1.5, details: NoDetails()),
      optimizer: [moments])
    return writer
  }

  @Test func whatIsSavedIsLoaded() throws {
    let path = folder.file("model")
    try writer().write(to: path)
    let checkpoint = try Checkpoint(path)
    #expect(
      Set(checkpoint.manifest.files.keys) == [
        "README.md", "config.json", "model.safetensors", "optimizer.safetensors", "tokenizer.json",
        "training-state.json",
      ])
    #expect(try checkpoint.config(Sizes.self) == Sizes(width: 2))
    #expect(try checkpoint.tokenizer() == Data("{}".utf8))
    let state = try checkpoint.trainingState(TrainingState<NoDetails>.self)
    #expect(
      state.step == 7 && state.tokensSeen == 900 && state.sampleIndex == 12 && state.elapsedSeconds == 1.5)
    #expect(
      try checkpoint.optimizerState().tensor("embedding.weight.first_moment").values == Array(store.values))
    let copy = ParameterStore(store.entries.map { ($0.name, $0.shape) })
    try checkpoint.load(into: copy)
    #expect(Array(copy.values) == Array(store.values))
    #expect(folder.names == ["model"])
  }

  @Test func savingAgainReplacesAndWeightsAreTheSameBytes() throws {
    let path = folder.file("model")
    let weights = URL(fileURLWithPath: path + "/model.safetensors")
    try writer(step: 1).write(to: path)
    let first = try Data(contentsOf: weights)
    try writer(step: 2).write(to: path)
    #expect(try Data(contentsOf: weights) == first)
    #expect(try Checkpoint(path).trainingState(TrainingState<NoDetails>.self).step == 2)
    #expect(folder.names == ["model"])
  }

  @Test func aModelWithoutTrainingStateSaysSo() throws {
    let path = folder.file("model")
    try CheckpointWriter(
      config: Sizes(width: 2), weights: store.tensorSources(), tokenizer: Data(), readme: ""
    ).write(to: path)
    let checkpoint = try Checkpoint(path)
    #expect(!checkpoint.isResumable)
    #expect(error { _ = try checkpoint.optimizerState() }?.message.contains("no training state") == true)
  }

  @Test func anotherModelsWeightsAreNamed() throws {
    let path = folder.file("model")
    try writer().write(to: path)
    let checkpoint = try Checkpoint(path)
    let larger = ParameterStore([("embedding.weight", [3, 2]), ("decoder.final_norm.weight", [4])])
    #expect(
      error { try checkpoint.load(into: larger) }?.message.contains("has shape [2], expected [4]") == true)
    let smaller = ParameterStore([("embedding.weight", [3, 2])])
    #expect(
      error { try checkpoint.load(into: smaller) }?.message.contains("decoder.final_norm.weight") == true)
    let wrong = error { _ = try checkpoint.config([String: String].self) }
    #expect(wrong?.code == .badData && wrong?.message.contains("'width'") == true)
  }

  // MARK: damage

  @Test(
    .tags(.slow),
    arguments: [
      "README.md", "config.json", "model.safetensors", "optimizer.safetensors", "tokenizer.json",
    ])
  func aDamagedFileIsNamed(name: String) throws {
    let path = folder.file("model")
    let file = "\(path)/\(name)"
    try writer().write(to: path)
    let good = try Data(contentsOf: URL(fileURLWithPath: file))

    var changed = good
    changed[changed.count / 2] ^= 1
    try changed.write(to: URL(fileURLWithPath: file))
    let tampered = try #require(error { _ = try Checkpoint(path) })
    #expect(tampered.code == .badData && tampered.message.contains("'\(name)' was changed"))
    #expect(tampered.hint?.contains("previous checkpoint") == true)

    try good.dropLast().write(to: URL(fileURLWithPath: file))
    #expect(
      error { _ = try Checkpoint(path) }?.message.contains("'\(name)' has \(good.count - 1) bytes") == true)

    try FileManager.default.removeItem(atPath: file)
    let missing = try #require(error { _ = try Checkpoint(path) })
    #expect(missing.code == .badData && missing.message.contains("'\(name)' is missing"))
  }

  @Test(
    .tags(.slow),
    arguments: [
      ("", "cannot be read"), ("{\"version\": 1", "cannot be read"), ("{\"version\": 1}", "cannot be read"),
      ("{\"version\": 1, \"files\": {}}", "does not list 'config.json'"),
      ("{\"version\": 2, \"files\": {}}", "format version 2"),
    ])
  func aDamagedManifestIsRefused(text: String, reason: String) throws {
    let path = folder.file("model")
    try writer().write(to: path)
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/manifest.json"))
    let failure = try #require(error { _ = try Checkpoint(path) })
    #expect(failure.code == .badData && failure.message.contains(reason), "\(failure)")
  }

  @Test func aManifestCannotPointOutside() throws {
    let path = folder.file("model")
    try writer().write(to: path)
    var manifest = try Checkpoint(path).manifest
    manifest.files["../secret"] = .init(size: 0, sha256: "")
    try JSONFile.write(manifest, to: "\(path)/manifest.json")
    #expect(error { _ = try Checkpoint(path) }?.message.contains("not a file name") == true)
  }

  @Test func aMissingCheckpointIsMissingInput() {
    #expect(error { _ = try Checkpoint(folder.file("none")) }?.code == .missingInput)
  }

  // MARK: interruption and failure

  @Test func aFailedSaveLeavesTheOldOneAndNoDebris() throws {
    let path = folder.file("model")
    try writer(step: 1).write(to: path)
    let old = try Checkpoint(path).manifest
    var failing = try writer(step: 2)
    // As a full disk would, after most files are written.
    failing.add(named: "zz.bin") { (target) throws(GraftError) in
      throw .systemCall("write", path: target, number: ENOSPC)
    }
    let failure = try #require(error { try failing.write(to: path) })
    #expect(failure.code == .inputOutput && failure.hint?.contains("free some space") == true)
    #expect(try Checkpoint(path).manifest == old)
    #expect(folder.names == ["model"])
  }

  @Test func partialFoldersAreIgnoredAndRemovedByTheNextSave() throws {
    let checkpoints = CheckpointFolder(folder.file("checkpoints"))
    #expect(try checkpoints.latest() == nil)
    try checkpoints.save(writer(step: 10), step: 10)
    // What a kill leaves: while writing step 20, and while removing step 5.
    let manager = FileManager.default
    try manager.copyItem(atPath: checkpoints.path(step: 10), toPath: checkpoints.path(step: 20) + ".partial")
    try manager.copyItem(
      atPath: checkpoints.path(step: 10), toPath: checkpoints.path(step: 5) + ".removed.partial")
    try manager.createDirectory(atPath: checkpoints.path(step: 30), withIntermediateDirectories: false)
    try manager.createDirectory(atPath: checkpoints.path + "/step-4", withIntermediateDirectories: false)
    #expect(try checkpoints.steps() == [10])
    #expect(try checkpoints.latest()?.path == checkpoints.path(step: 10))
    try checkpoints.save(writer(step: 20), step: 20)
    #expect(
      try manager.contentsOfDirectory(atPath: checkpoints.path).sorted()
        == ["step-000000010", "step-000000020", "step-000000030", "step-4"])
    #expect(try checkpoints.latestStep() == 20)
  }

  @Test(.tags(.slow)) func rotationKeepsTheNewest() throws {
    let checkpoints = CheckpointFolder(folder.file("a/b/checkpoints"))
    for step in [5, 10, 15, 1_000_000_000] { try checkpoints.save(writer(step: step), step: step) }
    #expect(try checkpoints.steps() == [15, 1_000_000_000])
    try checkpoints.save(writer(step: 1_000_000_001), step: 1_000_000_001, keep: 1)
    #expect(try checkpoints.steps() == [1_000_000_001])
  }

  @Test func goingBackKeepsLaterCheckpoints() throws {
    let checkpoints = CheckpointFolder(folder.file("checkpoints"))
    for step in [10, 20, 15] { try checkpoints.save(writer(step: step), step: step) }
    #expect(try checkpoints.steps() == [10, 15, 20])
  }

  @Test func aDamagedLatestNamesThePrevious() throws {
    let checkpoints = CheckpointFolder(folder.file("checkpoints"))
    for step in [10, 20] { try checkpoints.save(writer(step: step), step: step) }
    try Data("{}".utf8).write(to: URL(fileURLWithPath: checkpoints.path(step: 20) + "/config.json"))
    let failure = try #require(error { _ = try checkpoints.latest() })
    #expect(failure.code == .badData && failure.message.contains("config.json"))
    #expect(failure.hint?.contains("step-000000010") == true)
  }
}
