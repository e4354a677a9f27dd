import Checkpointing
import Compute
import Families
import Foundation
import ModelKit
import Optimization
import Randomness
import Support
import TestSupport
import Testing

@testable import Inference
@testable import Training

/// Whole runs that train an adapter.
@Suite(.tags(.slow)) struct AdapterRunTests {
  private func weights(_ directory: String) throws -> [String: [Float]] {
    let file = try SafetensorsFile("\(directory)/model/model.safetensors")
    return Dictionary(uniqueKeysWithValues: try file.tensors.map { ($0.name, try file.tensor($0.name).values) })
  }

  /// What is saved is the adapter alone, a run that was stopped goes on to the same bits, and the base is checked.
  @Test(arguments: ["gpt", "t5"]) func anAdapterIsTrainedAndGoneOnWith(_ family: String) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = laboratory.plan(family)
    // Under bf16 nothing but copies is kept of the base.
    if family == "t5" { plan.settings.precision = MatrixBackends.preferredPrecision }
    let base = "\(folder.path)/base"
    plan.settings.steps = 2
    try laboratory.pretrain(plan, base)
    plan.settings.steps = 12
    plan.initialCheckpoint = base
    plan.model = try ModelFolder.open(base).configuration
    plan.model.lora = LowRankAdaptation(rank: 3, targets: [LowRankAdaptation.allTargets], dropout: 0.2)
    try laboratory.pretrain(plan, "\(folder.path)/whole")
    #expect(throws: (any Error).self) { try laboratory.pretrain(plan, "\(folder.path)/stopped", stoppingAt: 7) }
    try laboratory.pretrain(plan, "\(folder.path)/stopped", resuming: true)
    let trained = try weights("\(folder.path)/whole")
    #expect(try trained == weights("\(folder.path)/stopped"))
    #expect(trained.keys.allSatisfy { $0.contains(".lora_") } && !trained.isEmpty)
    #expect(trained.values.allSatisfy { $0.contains { $0 != 0 } })
    // The same bits from the same command.
    try laboratory.pretrain(plan, "\(folder.path)/again")
    #expect(try trained == weights("\(folder.path)/again"))
    // The base is the one that it was trained beside.
    let model = try ModelFolder.open("\(folder.path)/whole")
    let store = try Families.make(model.configuration).declarations.makeEmptyStore()
    try model.model.load(into: store)
    plan.model.lora = nil
    plan.settings.steps = 4
    try laboratory.pretrain(plan, "\(folder.path)/other")
    let error = #expect(throws: GraftError.self) {
      try SavedModel("\(folder.path)/whole/model", base: "\(folder.path)/other").load(into: store)
    }
    #expect(error?.code == .badData && error?.message.contains("values differ") == true)
  }

  /// Gradients of what is fixed take no memory: their pages are never touched.
  @Test func gradientsOfTheBaseTakeNoMemory() throws {
    let laboratory = try Laboratory.shared.get()
    var configuration = laboratory.configuration("gpt")
    configuration.vocabularySize = 500_000
    configuration.lora = LowRankAdaptation(rank: 4)
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 1), precision: .f32, shardCount: 2, training: true)
    let trained = try ParameterRules()(model.store.entries)
    model.freeze(allBut: trained)
    let optimizer = try Optimizers.make("adamw", parameters: trained)
    _ = model.accumulate(
      try ShardedModelTests.batches(model), key: RandomKey(seed: 1), recomputing: false,
      loss: try ShardedModelTests.loss(model))
    _ = try model.update(optimizer, learningRate: 1e-3, maximumNorm: 1, step: 1)
    let page = 1 << 12
    defer { withExtendedLifetime(model) {} }
    for shard in model.shards {
      let gradients = try #require(shard.gradients).values
      var resident = [UInt8](repeating: 0, count: (gradients.count * 4 + page - 1) / page)
      #expect(mincore(UnsafeMutableRawPointer(gradients.baseAddress), gradients.count * 4, &resident) == 0)
      // The block of the norm that the first trained value lies in, a large page around it, and the trained values.
      let touched = resident.count { $0 & 1 == 1 } * page
      let most = trained.reduce(0) { $0 + $1.entry.count * 4 } + (1 << 18) + 2 * (1 << 21)
      #expect(touched <= most && gradients.count * 4 > 3 * most)
    }
  }
}
