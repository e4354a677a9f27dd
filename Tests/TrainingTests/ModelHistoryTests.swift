import Checkpointing
import Corpus
import ModelKit
import TestSupport
import Testing

@testable import Inference
@testable import Training

@Suite struct ModelHistoryTests {
  let folder: TestFolder

  static let model = ModelConfiguration(
    family: "t5", vocabularySize: 16, dropout: 0,
    sizes: [
      "width": 8, "heads": 2, "feedForward": 16, "encoderLayers": 1, "decoderLayers": 1, "activation": "relu",
      "epsilon": 1e-6,
    ])

  init() throws { folder = try TestFolder() }

  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  func write<Plan: Codable & Sendable>(_ plan: Plan, _ run: String) throws {
    try folder.write("\(run)/checkpoints/step-1/config.json", "{}")
    try RunManifest(
      graftVersion: "test", arguments: [], configuration: plan, seed: 0, shards: 1, precision: "f32",
      backendSignature: "none"
    ).write(toRun: path(run))
  }

  func pretraining(_ paths: [String], from checkpoint: String? = nil) -> PretrainingPlan {
    var plan = PretrainingPlan(
      objective: "span-corruption", backbone: "t5-nano", model: Self.model,
      corpora: paths.map { CorpusShare(path: $0) })
    plan.initialCheckpoint = checkpoint
    return plan
  }

  /// Two stages of pretraining, one of them with labelled examples, then two of fine-tuning.
  @Test func goesBackThroughAllRuns() throws {
    try write(pretraining(["books"]), "first")
    var second = pretraining(["news", "books"], from: path("first"))
    second.textField = "body"
    second.supervised = SupervisedShare(tasks: ["cola"], share: 0.2)
    try write(second, "second")
    var tuned = FineTuningPlan(
      tasks: ["sst2", "cola"], initialCheckpoint: path("second/checkpoints/step-1"),
      model: Self.model)
    tuned.limit = 100
    try write(tuned, "tuned")
    var history = ModelHistory(tasks: [.init(name: "nli")])
    history.add(path("tuned/model"))
    #expect(
      history.tasks == [
        .init(name: "nli"), .init(name: "sst2", limit: 100), .init(name: "cola", limit: 100),
        .init(name: "cola"),
      ])
    #expect(history.texts.map(\.path) == ["news", "books", "books"])
    #expect(history.texts.map(\.textField) == ["body", "body", "text"])
    #expect(history.unknown.isEmpty)
    // A second model of the same kind adds nothing.
    let before = history
    history.add(path("tuned"))
    #expect(history == before)
  }

  @Test func saysWhatItDoesNotKnow() throws {
    try write(pretraining(["books"], from: path("gone")), "run")
    var history = ModelHistory()
    history.add(path("run"))
    #expect(history.unknown == [path("gone")])
    #expect(history.texts.map(\.path) == ["books"])
    // A run that names itself ends.
    try write(pretraining(["books"], from: path("circle")), "circle")
    history.add(path("circle"))
    #expect(history.unknown == [path("gone")])
  }
}
