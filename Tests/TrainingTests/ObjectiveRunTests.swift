import ModelKit
import Objectives
import Records
import Support
import TestSupport
import Testing
import Training

/// Whole runs of every objective of the table, with every layout it says it trains.
@Suite(.tags(.slow)) struct ObjectiveRunTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var objective: String
    var layout: BatchLayout
    var testDescription: String { "\(objective), \(layout.rawValue)" }
  }

  static let cases: [Case] = Objectives.registry.entries.flatMap { entry in
    entry.plugin.layouts.sorted { $0.rawValue < $1.rawValue }.map { Case(objective: entry.name, layout: $0) }
  }

  private static let weights = "model/model.safetensors"

  private func plan(_ item: Case, _ laboratory: Laboratory) -> PretrainingPlan {
    let families: [BatchLayout: String] = [
      .decoder: "gpt", .encoder: "bert", .encoderDecoder: "t5", .prefixDecoder: "gpt",
    ]
    let isDetection = item.objective == ReplacedTokenDetection.identifier
    var plan = laboratory.plan(isDetection ? "electra" : families[item.layout] ?? "")
    plan.objective = item.objective
    plan.settings.steps = 4
    plan.settings.evaluationInterval = 2
    plan.settings.checkpointInterval = 2
    plan.model.sizes["prefix"] = item.layout == .prefixDecoder ? true : nil
    plan.model.sizes["generatorSize"] = isDetection ? 0.5 : nil
    plan.model.sizes["nextSentence"] =
      item.objective == MaskedLanguageModelingWithNextSentence.identifier ? true : nil
    return plan
  }

  /// A run that was stopped goes on to the same bytes, as its twin reaches them without a stop.
  @Test(arguments: cases) func aStoppedRunGoesOn(_ item: Case) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    let plan = plan(item, laboratory)
    let whole = try laboratory.pretrain(plan, "\(folder.path)/whole")
    #expect(throws: GraftError.self) {
      try laboratory.pretrain(plan, "\(folder.path)/parts", stoppingAt: 3)
    }
    let parts = try laboratory.pretrain(plan, "\(folder.path)/parts", resuming: true)
    #expect(try folder.bytes("whole/\(Self.weights)") == folder.bytes("parts/\(Self.weights)"))
    #expect(parts.result.heldOut.map(\.lossPerToken) == whole.result.heldOut.map(\.lossPerToken))
    #expect(parts.result.heldOut.allSatisfy { $0.lossPerToken.isFinite })
    let isLogProbability = try Objectives.registry(item.objective).lossIsLogProbability
    #expect((whole.result.unigramReference != nil) == isLogProbability)
    #expect(whole.result.heldOut.allSatisfy { ($0.bitsPerByte != nil) == isLogProbability })
  }
}
