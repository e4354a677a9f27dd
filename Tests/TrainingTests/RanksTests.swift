import Checkpointing
import Compute
import Foundation
import ModelKit
import Support
import TestSupport
import Testing

@testable import Inference
@testable import Training

/// Several ranks train as one process does, to the bit. The ranks are threads here; `DistributedCommandTests` runs
/// processes under mpirun.
@Suite(.tags(.slow)) struct RanksTests {
  private func files(of run: String) throws -> [Data] {
    try Self.files(run).map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
  }

  /// The weights and the state of the optimizer of all checkpoints, and the model.
  private static func files(_ run: String) throws -> [String] {
    let steps = try FileManager.default.contentsOfDirectory(atPath: "\(run)/checkpoints").sorted()
    return ["\(run)/model/model.safetensors"]
      + steps.flatMap { step in
        ["model", "optimizer"].map { "\(run)/checkpoints/\(step)/\($0).safetensors" }
      }
  }

  @discardableResult
  private func pretrain(
    _ plan: PretrainingPlan, _ directory: String, ranks: Int, resuming: Bool = false, stoppingAt: Int? = nil
  ) throws -> [Result<PretrainingResult, any Error>] {
    let laboratory = try Laboratory.shared.get()
    return ThreadWorld.run(ranks) { world in
      let stop = StopRequest()
      return try Pretraining.run(
        plan, tokenizer: laboratory.tokenizer, directory: directory, cache: "\(laboratory.folder.path)/cache",
        resuming: resuming, arguments: ["test"], stop: stop, world: world
      ) { event in
        // Any rank may be the one that is asked to stop.
        if case .step(let report) = event, report.step == stoppingAt, world.rank == ranks - 1 {
          stop.request(signal: SIGTERM)
        }
      }
    }
  }

  /// Families, optimizers and what else is computed in a step.
  static let runs: [(family: String, optimizer: String, change: @Sendable (inout PretrainingPlan) -> Void)] = [
    ("t5", "adamw", { _ in }),
    ("t5", "adafactor", { $0.settings.microBatches = 2 }),
    ("gpt", "muon", { $0.settings.gradientTraffic = .bf16 }),
    ("gpt", "adamw", { $0.settings.averaging = .moving(decay: 0.9) }),
    (
      "gpt", "sgd",
      {
        $0.settings.averaging = .sinceStalled(patience: 1)
        ($0.settings.learningRate, $0.settings.evaluation) = (30, .updates(1))
      }
    ),
    ("bert", "adamw", { $0.settings.precision = .bf16 }),
    ("electra", "adafactor", { $0.objective = "replaced-token-detection" }),
  ]

  @Test(arguments: runs.indices) func ranksComputeWhatOneProcessDoes(_ index: Int) throws {
    let run = Self.runs[index]
    let folder = try TestFolder()
    var plan = try Laboratory.shared.get().plan(run.family)
    plan.settings.optimizer = run.optimizer
    plan.settings.shards = 4
    plan.settings.steps = 6
    run.change(&plan)
    if plan.settings.precision == .bf16, MatrixBackends.preferredPrecision != .bf16 {
      // The library computes it in software, if at all.
      guard MatrixBackends.available.contains(where: { $0.precisions.contains(.bf16) }) else { return }
    }
    let alone = try pretrain(plan, "\(folder.path)/alone", ranks: 1)[0].get()
    let expected = try files(of: "\(folder.path)/alone")
    #expect(expected.count >= 5)
    for ranks in [2, 3, 4] {
      let results = try pretrain(plan, "\(folder.path)/\(ranks)", ranks: ranks).map { try $0.get() }
      #expect(try files(of: "\(folder.path)/\(ranks)") == expected, "\(run.family) \(run.optimizer), \(ranks) ranks")
      #expect(results.allSatisfy { $0.heldOut.map(\.lossPerToken) == alone.heldOut.map(\.lossPerToken) })
    }
  }

  @Test func anotherTrafficIsAnotherRun() throws {
    let folder = try TestFolder()
    var plan = try Laboratory.shared.get().plan("gpt")
    plan.settings.steps = 2
    try pretrain(plan, "\(folder.path)/f32", ranks: 1)[0].get()
    plan.settings.gradientTraffic = .bf16
    try pretrain(plan, "\(folder.path)/bf16", ranks: 1)[0].get()
    #expect(try files(of: "\(folder.path)/f32") != files(of: "\(folder.path)/bf16"))
  }

  @Test func aStoppedRunGoesOnWithAnotherNumberOfRanks() throws {
    let folder = try TestFolder()
    var plan = try Laboratory.shared.get().plan()
    plan.settings.shards = 4
    plan.settings.checkpointInterval = nil
    try pretrain(plan, "\(folder.path)/whole", ranks: 1)[0].get()
    let stopped = try pretrain(plan, "\(folder.path)/parts", ranks: 4, stoppingAt: 5)
    for rank in stopped {
      #expect(throws: GraftError.self) { try rank.get() }
      if case .failure(let error as GraftError) = rank { #expect(error.code == .terminated) }
    }
    for rank in try pretrain(plan, "\(folder.path)/parts", ranks: 2, resuming: true) { _ = try rank.get() }
    let file = "model/model.safetensors"
    #expect(try folder.bytes("whole/\(file)") == folder.bytes("parts/\(file)"))
  }

  @Test func carriedStatesAreThoseOfOneProcess() throws {
    let folder = try TestFolder()
    var plan = try Laboratory.shared.get().plan("lstm")
    plan.objective = "causal-lm"
    plan.carriesState = true
    plan.settings.shards = 3
    plan.settings.microBatches = 2
    try pretrain(plan, "\(folder.path)/alone", ranks: 1)[0].get()
    _ = try pretrain(plan, "\(folder.path)/parts", ranks: 3, stoppingAt: 5)
    for rank in try pretrain(plan, "\(folder.path)/parts", ranks: 2, resuming: true) { _ = try rank.get() }
    let file = "model/model.safetensors"
    #expect(try folder.bytes("alone/\(file)") == folder.bytes("parts/\(file)"))
  }

  @Test func momentsAreKeptOnce() throws {
    let folder = try TestFolder()
    let plan = try Laboratory.shared.get().plan()
    let shares = try ThreadWorld.run(2) { world in
      let laboratory = try Laboratory.shared.get()
      let model = try plan.makeModel(laboratory.tokenizer, world: world).model
      let (optimizer, _) = try plan.settings.makeOptimizer(model.store.entries)
      let shares = UpdateShares(optimizer.units, count: 2)
      return optimizer.state.map { array in
        (array.values.count, shares.places(of: array, rank: world.rank).reduce(0) { $0 + $1.count })
      }
    }.map { try $0.get() }
    for (first, second) in zip(shares[0], shares[1]) { #expect(first.1 + second.1 == first.0) }
    #expect(shares[0].contains { $0.1 > 0 } && shares[1].contains { $0.1 > 0 })
    withExtendedLifetime(folder) {}
  }

  @Test func ranksThatDifferAreNamed() throws {
    let folder = try TestFolder()
    let plan = try Laboratory.shared.get().plan()
    let laboratory = try Laboratory.shared.get()
    let results = ThreadWorld.run(2) { world in
      var own = plan
      if world.rank == 1 { own.settings.learningRate = 0.5 }
      return try Pretraining.run(
        own, tokenizer: laboratory.tokenizer, directory: "\(folder.path)/run",
        cache: "\(laboratory.folder.path)/cache", resuming: false, arguments: ["test"], stop: StopRequest(),
        world: world
      ) { _ in }
    }
    for result in results {
      guard case .failure(let error as GraftError) = result else {
        Issue.record("different settings were not found")
        continue
      }
      #expect(error.code == .usage)
      #expect(error.message.contains("rank 1 on here has another setting than rank 0"))
      #expect(error.message.contains("learningRate"))
    }
  }

  /// What a clock says is agreed on: else one rank would take a step more and wait for ever.
  @Test func aBudgetOfTimeEndsAllRanksAtOneStep() throws {
    let folder = try TestFolder()
    var plan = try Laboratory.shared.get().plan()
    (plan.settings.steps, plan.settings.budgetSeconds) = (nil, 0.5)
    let results = try pretrain(plan, "\(folder.path)/run", ranks: 2).map { try $0.get() }
    #expect(results[0].steps ?? 0 > 0)
    #expect(results[0].steps == results[1].steps)
    #expect(results[0].heldOut == results[1].heldOut)
  }

  /// A model that differs between machines would be mixed without a word.
  @Test func anotherModelToBeginWithIsFound() throws {
    let folder = try TestFolder()
    let laboratory = try Laboratory.shared.get()
    var plan = try laboratory.plan()
    plan.settings.steps = 2
    for (name, seed) in [("a", UInt64(1)), ("b", 2)] {
      plan.settings.seed = seed
      try laboratory.pretrain(plan, "\(folder.path)/\(name)")
    }
    let begun = plan
    let results = ThreadWorld.run(2) { world in
      var own = begun
      // The same path on two machines.
      let link = "\(folder.path)/of-\(world.rank)"
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: "\(folder.path)/\(world.rank == 0 ? "a" : "b")")
      own.initialCheckpoint = link
      let model = try own.makeModel(laboratory.tokenizer, world: world).model
      try RankIdentity.check(begun, [:], model, world)
    }
    for result in results {
      guard case .failure(let error as GraftError) = result else {
        Issue.record("different models were not found")
        continue
      }
      #expect(error.code == .badData && error.message.contains("another model to begin with"), "\(error)")
    }
  }

  @Test func moreRanksThanShardsAreRefused() throws {
    let plan = try Laboratory.shared.get().plan()
    let folder = try TestFolder()
    for result in try pretrain(plan, "\(folder.path)/run", ranks: 3) {
      guard case .failure(let error as GraftError) = result else {
        Issue.record("3 ranks had 2 shards")
        continue
      }
      #expect(error.code == .usage && error.message.contains("2 shards cannot be dealt over 3 processes"))
    }
  }
}
