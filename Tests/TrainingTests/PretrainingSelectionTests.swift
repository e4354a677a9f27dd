import Foundation
import Support
import TestSupport
import Testing
import Training

/// Runs that end with the model of the least held-out loss.
@Suite(.tags(.slow)) struct PretrainingSelectionTests {
  let folder: TestFolder
  let laboratory: Laboratory

  init() throws {
    folder = try TestFolder()
    laboratory = try Laboratory.shared.get()
  }

  /// Text of one kind, measured on text of another: from some update on it gets worse.
  private func plan() throws -> PretrainingPlan {
    var plan = laboratory.plan("gpt")
    plan.corpora = [
      CorpusShare(
        path: try folder.write(
          "cats.txt", (0..<60).map { "The dog saw a red cat, and then cat number \($0 % 7).\n\n" }.joined()))
    ]
    plan.validation = [
      try folder.write("dogs.txt", (0..<20).map { "The cat saw dog number \($0), and a red one.\n\n" }.joined())
    ]
    plan.keeps = .best
    plan.settings.steps = 40
    plan.settings.learningRate = 3e-2
    plan.settings.schedule = "constant"
    plan.settings.evaluationInterval = 2
    return plan
  }

  private func weights(_ name: String) throws -> Data { try folder.bytes("\(name)/model/model.safetensors") }

  @Test func theModelOfTheLeastLossIsKept() throws {
    var plan = try plan()
    let whole = try laboratory.pretrain(plan, "\(folder.path)/whole").result
    let best = try #require(whole.heldOut.dropFirst().min { $0.lossPerToken < $1.lossPerToken })
    #expect(best.step < 40, "the loss must rise for there to be anything to keep")
    #expect(whole.selectedStep == best.step)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/whole/best"))
    #expect(throws: GraftError.self) {
      try laboratory.pretrain(plan, "\(folder.path)/parts", stoppingAt: best.step + 1)
    }
    let parts = try laboratory.pretrain(plan, "\(folder.path)/parts", resuming: true).result
    #expect(parts.selectedStep == best.step)
    #expect(try weights("parts") == weights("whole"))
    #expect(try folder.bytes("parts/selection.json") == folder.bytes("whole/selection.json"))
    plan.settings.steps = best.step
    let short = try laboratory.pretrain(plan, "\(folder.path)/short").result
    #expect(short.selectedStep == nil)
    #expect(try weights("short") == weights("whole"))
  }

  @Test func patienceEndsTheRun() throws {
    var plan = try plan()
    plan.settings.patience = 3
    let result = try laboratory.pretrain(plan, "\(folder.path)/run").result
    let best = try #require(result.selectedStep)
    #expect(result.steps == best + 6 && result.heldOut.last?.step == best + 6)
    // It is over: nothing is left to resume.
    let weights = try weights("run")
    let again = try laboratory.pretrain(plan, "\(folder.path)/run", resuming: true)
    #expect(again.steps.isEmpty && again.result.steps == result.steps)
    #expect(try self.weights("run") == weights)
  }
}
