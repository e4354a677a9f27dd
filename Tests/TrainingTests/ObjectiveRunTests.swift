import Families
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

  /// Keys that give a family's member another layout or another head, for where the plain one will not do.
  private static let switches: [[String: SizeValue]] = [[:], ["prefix": true], ["nextSentence": true]]

  /// Of the first model of the table that fits.
  private func plan(_ item: Case, _ laboratory: Laboratory) throws -> PretrainingPlan {
    let objective = try Objectives.make(item.objective, vocabulary: laboratory.tokenizer.vocabulary)
    func fits(_ model: ModelConfiguration) -> Bool {
      guard let backbone = try? Families.make(model).backbone, backbone.layout == item.layout else { return false }
      do { _ = try objective.loss(of: backbone) } catch { return false }
      return true
    }
    let plans = Self.switches.flatMap { switches in
      Families.registry.names.map { family in
        var plan = laboratory.plan(family)
        plan.model.sizes.merge(switches) { $1 }
        return plan
      }
    }
    var plan = try #require(plans.first { fits($0.model) })
    plan.objective = item.objective
    plan.settings.steps = 4
    plan.settings.evaluationInterval = 2
    plan.settings.checkpointInterval = 2
    return plan
  }

  /// A run that was stopped goes on to the same bytes, as its twin reaches them without a stop.
  @Test(arguments: cases) func aStoppedRunGoesOn(_ item: Case) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    let plan = try plan(item, laboratory)
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
