import Checkpointing
import Compute
import Foundation
import ModelKit
import Randomness
import TestSupport
import Testing

@testable import Inference
@testable import Optimization
@testable import Training

/// Parameters that are trained otherwise than the others, in whole runs.
@Suite struct ParameterGroupTests {
  private func weights(_ directory: String) throws -> [String: [Float]] {
    let file = try SafetensorsFile("\(directory)/model/model.safetensors")
    return Dictionary(
      uniqueKeysWithValues: try file.tensors.map { ($0.name, try file.tensor($0.name).values) })
  }

  @Test(.tags(.slow)) func frozenParametersStayAndDoNotCountInTheNorm() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = laboratory.folder.path
    var plan = laboratory.plan("t5")
    plan.settings.optimizer = "muon"
    plan.settings.steps = 3
    plan.settings.groups = [
      ParameterRule("embedding", isFrozen: true), ParameterRule("encoder.blocks.0.*", isFrozen: true),
    ]
    let start = try ShardedModel(
      plan.model, key: RandomKey(seed: plan.settings.seed).folded("parameters"), precision: .f32, shardCount: 1,
      training: false)
    _ = try laboratory.pretrain(plan, "\(folder)/frozen")
    let found = try weights("\(folder)/frozen")
    #expect(found.count == start.store.entries.count)
    for entry in start.store.entries {
      let isFrozen = entry.role == .embedding || entry.name.hasPrefix("encoder.blocks.0.")
      #expect((found[entry.name] == Array(start.store.values(of: entry))) == isFrozen, "\(entry.name)")
    }
  }

  /// Freezing leaves products out; what is still trained must not notice.
  @Test func gradientsOfTheRestStayTheSame() throws {
    let laboratory = try Laboratory.shared.get()
    func gradients(_ rules: ParameterRules) throws -> ([Float], trained: [TrainedParameter]) {
      let model = try ShardedModel(
        laboratory.configuration("t5"), key: RandomKey(seed: 9), precision: .f32, shardCount: 2, training: true)
      let batches = try ShardedModelTests.batches(model)
      let trained = try rules(model.store.entries)
      model.freeze(allBut: trained)
      _ = model.accumulate(
        batches, key: RandomKey(seed: 1), recomputing: false, loss: try ShardedModelTests.loss(model))
      return (model.gradientSum(), trained)
    }
    let (all, _) = try gradients(ParameterRules())
    let (rest, trained) = try gradients(
      ParameterRules([ParameterRule("embedding", isFrozen: true), ParameterRule("*.attention.*", isFrozen: true)]))
    let kept = Set(trained.flatMap(\.entry.range))
    for i in all.indices { #expect(rest[i] == (kept.contains(i) ? all[i] : 0)) }
    #expect(kept.count < all.count && !kept.isEmpty)
  }

  @Test(.tags(.slow)) func anAveragedRunGoesOnAsIfItHadNotBeenStopped() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = laboratory.folder.path
    var plan = laboratory.plan("gpt")
    plan.settings.averaging = .moving(decay: 0.9)
    plan.settings.layerDecay = 0.8
    plan.settings.optimizer = "muon"
    let whole = try laboratory.pretrain(plan, "\(folder)/averaged")
    #expect(throws: (any Error).self) {
      try laboratory.pretrain(plan, "\(folder)/averaged-stopped", stoppingAt: 7)
    }
    let resumed = try laboratory.pretrain(plan, "\(folder)/averaged-stopped", resuming: true)
    #expect(try weights("\(folder)/averaged") == weights("\(folder)/averaged-stopped"))
    #expect(whole.result.heldOut.map(\.lossPerToken) == resumed.result.heldOut.map(\.lossPerToken))
    // What is kept is the average, and the loss that is reported is the average's.
    plan.settings.averaging = nil
    let plain = try laboratory.pretrain(plan, "\(folder)/not-averaged")
    #expect(try weights("\(folder)/averaged") != weights("\(folder)/not-averaged"))
    #expect(plain.result.heldOut.last?.lossPerToken != whole.result.heldOut.last?.lossPerToken)
    #expect(plain.steps.map(\.loss) == whole.steps.map(\.loss))
  }

  /// At a rate at which the loss rises soon, whatever was stopped before or after it was found to.
  @Test(.tags(.slow), arguments: [2, 9]) func anAverageSinceTheLossStalledGoesOnAsIfItHadNotBeenStopped(
    _ stop: Int
  ) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = laboratory.plan("gpt")
    plan.settings.averaging = .sinceStalled(patience: 1)
    (plan.settings.optimizer, plan.settings.learningRate) = ("adamw", 0.3)
    plan.settings.evaluation = .updates(1)
    let whole = try laboratory.pretrain(plan, "\(folder.path)/whole")
    let losses = whole.result.heldOut.map { (step: $0.step, loss: $0.lossPerToken) }
    let found = try #require(ValueAverage.stall(losses, patience: 1))
    #expect(found > 2 && found < 9, "\(losses)")
    #expect(throws: (any Error).self) {
      try laboratory.pretrain(plan, "\(folder.path)/parts", stoppingAt: stop)
    }
    let resumed = try laboratory.pretrain(plan, "\(folder.path)/parts", resuming: true)
    #expect(try weights("\(folder.path)/whole") == weights("\(folder.path)/parts"))
    #expect(whole.result.heldOut.map(\.lossPerToken) == resumed.result.heldOut.map(\.lossPerToken))
    plan.settings.averaging = nil
    let plain = try laboratory.pretrain(plan, "\(folder.path)/plain")
    #expect(try weights("\(folder.path)/whole") != weights("\(folder.path)/plain"))
    // Up to where it stalls nothing is averaged, and it trains the same all along.
    for (one, other) in zip(whole.result.heldOut, plain.result.heldOut) {
      #expect((one.lossPerToken == other.lossPerToken) == (one.step <= found))
    }
    #expect(plain.steps.map(\.loss) == whole.steps.map(\.loss))
  }

  @Test func unitsAreDealtByTheirCost() {
    func units(_ costs: [Double]) -> [OptimizerUnit] { costs.map { OptimizerUnit(range: 0..<1, cost: $0) } }
    #expect(ShardedModel.deal(units([1, 5, 2, 2, 4]), to: 2) == [[1, 3], [4, 2, 0]])
    #expect(ShardedModel.deal(units([3, 3, 3]), to: 2) == [[0, 2], [1]])
    #expect(ShardedModel.deal(units([1]), to: 3) == [[0], [], []])
    #expect(ShardedModel.deal([], to: 2) == [[], []])
  }
}
