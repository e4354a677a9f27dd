import Checkpointing
import Corpus
import ModelKit
import Optimization
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference
@testable import Training

/// Runs that are fitted into an amount of memory.
@Suite(.tags(.slow)) struct MemoryPlannerTests {
  private func note(_ plan: PretrainingPlan, _ directory: String) throws -> (note: String, settings: TrainingSettings) {
    let laboratory = try Laboratory.shared.get()
    nonisolated(unsafe) var note = ""
    _ = try Pretraining.run(
      plan, tokenizer: laboratory.tokenizer, directory: directory, cache: "\(laboratory.folder.path)/cache",
      resuming: false, arguments: ["test"], stop: StopRequest()
    ) { event in
      if case .note(let text) = event, text.hasPrefix("memory:") { note = text }
    }
    return (note, try RunManifest<PretrainingPlan>.read(fromRun: directory).configuration.settings)
  }

  /// The less there is, the more pieces, then recomputation, then an error that says what would be enough.
  @Test func theBatchIsCutAsFarAsTheMemoryTakes() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = laboratory.plan("gpt")
    plan.settings.steps = 1
    plan.settings.batchSize = 64
    plan.settings.checkpointInterval = nil
    plan.settings.evaluationInterval = nil
    plan.sequenceLength = 64
    plan.settings.memory = 8 << 30
    let roomy = try note(plan, "\(folder.path)/roomy")
    #expect(roomy.settings.microBatches == 1 && !roomy.settings.recomputing && roomy.settings.memory == 8 << 30)
    #expect(roomy.note.contains("batches whole") && roomy.note.contains("of 8192m"))
    plan.settings.memory = 1 << 20
    let error = #expect(throws: GraftError.self) { try note(plan, "\(folder.path)/none") }
    let least = try #require(error?.message.firstMatch(of: #/the run takes (\d+)m/#).flatMap { Int($0.1) })
    #expect(error?.code == .usage)
    // What it says is enough, and takes all there is.
    plan.settings.memory = (least + 1) << 20
    let tight = try note(plan, "\(folder.path)/tight")
    #expect(tight.settings.microBatches > 1)
    // The gradient is that of the whole batch, whichever way.
    plan.settings = tight.settings
    plan.settings.memory = nil
    #expect(try note(plan, "\(folder.path)/same").note.isEmpty)
    func weights(_ name: String) throws -> [Float] {
      let file = try SafetensorsFile("\(folder.path)/\(name)/model/model.safetensors")
      return try file.tensors.flatMap { try file.tensor($0.name).values }
    }
    #expect(try weights("tight") == weights("same"))
  }

  @Test(arguments: [("embeddings,0", ["embedding", "decoder.blocks.0."]), ("decoder", ["decoder."])])
  func partsAreFrozen(_ text: String, _ prefixes: [String]) throws {
    let laboratory = try Laboratory.shared.get()
    let model = try ShardedModel(
      laboratory.configuration("gpt"), key: RandomKey(seed: 1), precision: .f32, shardCount: 1, training: false)
    let rules = ParameterRules(frozen: try FrozenParts(parsing: text))
    let trained = Set(try rules(model.store.entries).map(\.entry.name))
    for entry in model.store.entries {
      let isFrozen =
        prefixes.contains { entry.name.hasPrefix($0) }
        || text.hasPrefix("embeddings") && entry.name.hasPrefix("position_embedding")
      #expect(trained.contains(entry.name) != isFrozen, "\(entry.name)")
    }
  }

  @Test(arguments: ["", "embeddings,", "5-3", "1-", "a,-2", "99", "nothing"])
  func whatCannotBeFrozenIsRefused(_ text: String) throws {
    let laboratory = try Laboratory.shared.get()
    let model = try ShardedModel(
      laboratory.configuration("gpt"), key: RandomKey(seed: 1), precision: .f32, shardCount: 1, training: false)
    let error = #expect(throws: GraftError.self) {
      _ = try ParameterRules(frozen: FrozenParts(parsing: text))(model.store.entries)
    }
    #expect(error?.code == .usage)
  }
}
