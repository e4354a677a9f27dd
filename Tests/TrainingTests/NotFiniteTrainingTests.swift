import Checkpointing
import Compute
import Corpus
import Foundation
import Inference
import ModelKit
import Objectives
import Randomness
import Records
import Support
import Synchronization
import TestSupport
import Testing
import Tokenization

@testable import Inference
@testable import Training

/// Updates that cannot be made: they end a run, are left out, or send it back, and a run that stopped in between ends
/// as one that did not.
@Suite(.tags(.slow)) struct NotFiniteTrainingTests {
  /// Examples some of which have a gradient of NaN.
  private struct Source: SampleSource {
    var poisoned: Set<Int>
    static let mark: TokenID = 41

    func example(at index: Int, progress: Double) -> TokenExample {
      let words = (0..<5).map { TokenID(50 + (index * 7 + $0) % 30) }
      return TokenExample(inputs: [poisoned.contains(index) ? Self.mark : 42] + words, targets: words + [1])
    }
  }

  /// The steps and the number of an event.
  private struct Told {
    var steps: [Int] = []
    var skipped: [Int] = []
    var rolledBack: [[Int]] = []
    var saved: [Int] = []
  }

  private static func loss(_ model: ShardedModel, _ text: @escaping BatchLoss) throws -> BatchLoss {
    let predictor = try model.tokenPredictor()
    return { batch, scale, state, recomputing, tape in
      guard batch.encoder.tokens.contains(Source.mark) else { return text(batch, scale, state, recomputing, tape) }
      return predictor.forward(batch, on: tape).crossEntropy(batch, gradientScale: .nan, on: tape)
    }
  }

  private func plan(_ policy: NonFinitePolicy?) throws -> PretrainingPlan {
    var plan = try Laboratory.shared.get().plan()
    plan.settings.batchSize = 4
    plan.settings.steps = 14
    plan.settings.evaluationInterval = nil
    plan.settings.nonFinite = policy
    return plan
  }

  private func train(
    _ plan: PretrainingPlan, _ directory: String, poisoned: Set<Int>, resuming: Bool = false,
    stoppingAt: Int? = nil
  ) throws -> (state: TrainingState<LoopDetails>, told: Told) {
    let laboratory = try Laboratory.shared.get()
    let told = Mutex(Told())
    let stop = StopRequest()
    let model = try plan.makeModel(laboratory.tokenizer).model
    let objective = try Objectives.make("span-corruption", [:], vocabulary: laboratory.tokenizer.vocabulary)
    let converter = model.backbone.layout.converter(
      vocabulary: laboratory.tokenizer.vocabulary, lengths: SequenceLengths(inputs: 8, targets: 8))
    let session = try RunSession(
      plan, in: RunDirectory(directory, resuming: resuming), resuming: resuming, model: model,
      tokenizer: laboratory.tokenizer, source: Source(poisoned: poisoned), converter: converter,
      loss: try Self.loss(model, objective.loss(of: model.backbone)), hashes: [:],
      arguments: ["test"], stop: stop,
      emit: { event in
        told.withLock { told in
          switch event {
          case .step(let report):
            told.steps.append(report.step)
            if report.step == stoppingAt { stop.request(signal: 2) }
          case .skipped(let step, _, _): told.skipped.append(step)
          case .rolledBack(let from, let to, _, _): told.rolledBack.append([from, to])
          case .saved(_, let step): told.saved.append(step)
          default: break
          }
        }
      }, card: { _ in "" })
    let state = try session.train(heldOut: nil, measuresStart: false, keepsLast: true)
    return (state, told.withLock { $0 })
  }

  private func weights(_ directory: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(directory)/model/model.safetensors"))
  }

  /// Updates 1 to 4 read samples 0 to 15, the fifth 16 to 19, the sixth 20 to 23.
  @Test func aRunStopsByItself() throws {
    let folder = try TestFolder()
    let error = #expect(throws: GraftError.self) {
      try train(plan(nil), "\(folder.path)/run", poisoned: [21])
    }
    #expect(error?.code == .internalError && error?.message.contains("update 6") == true)
    #expect(!folder.names.contains("model"))
    #expect(try CheckpointFolder("\(folder.path)/run/checkpoints").latestStep() == 4)
    // The same run goes on under another policy.
    let (state, told) = try train(plan(.skip), "\(folder.path)/run", poisoned: [21], resuming: true)
    #expect(state.step == 14 && told.skipped == [6])
  }

  @Test func anUpdateIsLeftOut() throws {
    let folder = try TestFolder()
    let poisoned: Set = [21, 22, 30]
    let (state, told) = try train(plan(.skip), "\(folder.path)/whole", poisoned: poisoned)
    #expect(state.step == 14 && state.sampleIndex == 56)
    #expect(told.skipped == [6, 8])
    #expect(told.steps == [1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 14])
    #expect(state.details.skippedUpdates == 2 && state.details.skippedInARow == nil)
    let manifest = try RunManifest<PretrainingPlan>.read(fromRun: "\(folder.path)/whole")
    #expect(manifest.nonFinite == NonFiniteUpdates(skipped: 2, rolledBack: 0))
    // What was left out changed nothing: the seventh update is made by the weights of the fifth.
    let (other, _) = try train(plan(.skip), "\(folder.path)/none", poisoned: [])
    #expect(other.details.nonFinite == nil)
    #expect(try weights("\(folder.path)/none") != weights("\(folder.path)/whole"))
    for stopping in [5, 7] {
      let directory = "\(folder.path)/\(stopping)"
      #expect(throws: GraftError.self) {
        try train(plan(.skip), directory, poisoned: poisoned, stoppingAt: stopping)
      }
      let (resumed, _) = try train(plan(.skip), directory, poisoned: poisoned, resuming: true)
      #expect(resumed.details.skippedUpdates == 2)
      #expect(try weights(directory) == weights("\(folder.path)/whole"))
    }
  }

  @Test func leavingOutHasAnEnd() throws {
    let folder = try TestFolder()
    var plan = try plan(.skip)
    plan.settings.steps = 200
    let error = #expect(throws: GraftError.self) {
      try train(plan, "\(folder.path)/run", poisoned: Set(8..<2000))
    }
    #expect(error?.code == .internalError && error?.message.contains("100 updates before it") == true)
  }

  @Test func aRunGoesBack() throws {
    let folder = try TestFolder()
    // The seventh update, after the checkpoint of the fourth.
    let (state, told) = try train(plan(.rollBack), "\(folder.path)/whole", poisoned: [25])
    #expect(told.rolledBack == [[6, 4]])
    #expect(told.saved == [0, 4, 8, 12, 14])
    #expect(told.steps == [1, 2, 3, 4, 5, 6, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    #expect(state.details.rollBacks == 1)
    // Update 5 goes on with sample 28.
    #expect(state.step == 14 && state.sampleIndex == 28 + 40)
    for stopping in [6, 9] {
      let directory = "\(folder.path)/\(stopping)"
      #expect(throws: GraftError.self) {
        try train(plan(.rollBack), directory, poisoned: [25], stoppingAt: stopping)
      }
      // As after a kill: the checkpoint that the stop saved was not there.
      let checkpoints = CheckpointFolder("\(directory)/checkpoints")
      if stopping == 6 {
        try FileManager.default.removeItem(atPath: checkpoints.path(step: 6))
      }
      let (resumed, _) = try train(plan(.rollBack), directory, poisoned: [25], resuming: true)
      #expect(resumed.details.rollBacks == 1 && resumed.sampleIndex == state.sampleIndex)
      #expect(try weights(directory) == weights("\(folder.path)/whole"))
    }
  }

  @Test func goingBackHasAnEnd() throws {
    let folder = try TestFolder()
    let error = #expect(throws: GraftError.self) {
      try train(plan(.rollBack), "\(folder.path)/run", poisoned: Set(20..<2000))
    }
    #expect(error?.code == .internalError && error?.message.contains("8 times did not help") == true)
  }

  /// A loss is that of before the update, so the last update's values show in none.
  @Test(arguments: [nil, .skip, .rollBack] as [NonFinitePolicy?])
  func theLastUpdateIsLookedAt(_ policy: NonFinitePolicy?) throws {
    let folder = try TestFolder()
    var plan = try plan(policy)
    plan.settings.steps = 1
    plan.settings.learningRate = 3e38
    plan.settings.schedule = "constant"
    plan.settings.warmupSteps = 0
    plan.settings.maximumNorm = nil
    plan.settings.optimizer = "adamw"
    let error = #expect(throws: GraftError.self) {
      try train(plan, "\(folder.path)/run", poisoned: [])
    }
    #expect(error?.code == .internalError && error?.message.contains("NaN or infinite") == true)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/run/model"))
    let kept = try CheckpointFolder("\(folder.path)/run/checkpoints").steps()
    #expect(kept == (policy == .rollBack ? [0] : []))
  }

  /// What was done before scoring need not be done again.
  @Test func aFinishedTrainingIsNotRepeated() throws {
    let folder = try TestFolder()
    let directory = "\(folder.path)/run"
    let (state, _) = try train(plan(nil), directory, poisoned: [])
    try FileManager.default.removeItem(atPath: "\(directory)/checkpoints")
    let (again, told) = try train(plan(nil), directory, poisoned: [], resuming: true)
    #expect(again == state && told.steps.isEmpty && told.saved.isEmpty)
    var other = try plan(nil)
    other.settings.learningRate *= 2
    let error = #expect(throws: GraftError.self) {
      try train(other, directory, poisoned: [], resuming: true)
    }
    #expect(error?.code == .usage)
  }
}
