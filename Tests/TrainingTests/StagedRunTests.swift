import Corpus
import Foundation
import Objectives
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Training

/// What changes over a run: the size of batches, the length of sequences, an objective's rate, the documents' order.
@Suite struct StagedRunTests {
  @Test func stagesAreReadAndWritten() throws {
    let number = try #require(StagedNumber(argument: "8,32@30%,64@62.5%"))
    #expect(number.stages.map(\.value) == [8, 32, 64] && number.stages.map(\.from) == [0, 0.3, 0.625])
    #expect([0, 0.29, 0.3, 0.6, 0.625, 1].map(number.value) == [8, 8, 32, 32, 64, 64])
    #expect(number.largest == 64 && number.smallest == 8 && !number.isConstant)
    // 8 · 0.3 + 32 · 0.325 + 64 · 0.375
    #expect(abs(number.mean - 36.8) < 1e-12)
    #expect(number.description == "8,32@30%,64@62.5%")
    #expect(StagedNumber(argument: "16") == StagedNumber(16) && StagedNumber(16).mean == 16)
    for wrong in ["", "a", "8,16", "8@10%", "8,16@0%", "8,16@100%", "8,16@50%,32@50%", "8,16@0.5", "8,16@50%@60%"] {
      #expect(StagedNumber(argument: wrong) == nil, "\(wrong)")
    }
    for share in [0.0, 0.02, 0.07, 0.29, 0.3, 0.57, 0.625, 1] {
      #expect(Share(argument: "\(Share(share))")?.value == share)
    }
    #expect(Warmup(argument: "2%") == .share(0.02) && Warmup(argument: "100") == .updates(100))
    #expect(["2", "2%", "100,10%"].map { Warmup(argument: $0)?.description } == ["2", "2%", "100,10%"])
    #expect(Warmup(argument: "100,10%") == .standard)
    #expect(["100,", "100,0%", "100,10", "2%,10%", "1,2%,3%"].allSatisfy { Warmup(argument: $0) == nil })
    #expect(Warmup(argument: "2.5") == nil && Warmup(argument: "101%") == nil && Warmup(argument: "%") == nil)
  }

  /// Ten updates: batches grow behind the third, sequences behind the third and the seventh.
  private func plan(_ family: String) throws -> PretrainingPlan {
    var plan = try Laboratory.shared.get().plan(family)
    if family == "bert" {
      plan.objective = "masked-lm"
      plan.objectiveParameters = ["masking-rate": 0.5, "final-masking-rate": 0.1]
    }
    plan.length = try #require(StagedNumber(argument: "8,16@30%,32@70%"))
    plan.shufflesDocuments = true
    plan.settings.batch = try #require(StagedNumber(argument: "4,12@30%"))
    plan.settings.schedule = "constant"
    plan.settings.warmup = .share(0.2)
    plan.settings.cooldown = 0.5
    plan.settings.steps = 10
    return plan
  }

  @Test(.tags(.slow), arguments: ["bert", "gpt"], [1, 2, 3, 4, 6, 7, 8])
  func aRunThatStoppedAroundABoundaryGoesOn(_ family: String, _ step: Int) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    let plan = try plan(family)
    let whole = try laboratory.pretrain(plan, "\(folder.path)/whole")
    #expect(throws: GraftError.self) { try laboratory.pretrain(plan, "\(folder.path)/parts", stoppingAt: step) }
    let parts = try laboratory.pretrain(plan, "\(folder.path)/parts", resuming: true)
    let weights = "model/model.safetensors"
    #expect(try folder.bytes("whole/\(weights)") == folder.bytes("parts/\(weights)"))
    #expect(parts.steps.map(\.loss) == whole.steps.suffix(10 - step).map(\.loss))
    #expect(parts.steps.map(\.learningRate) == whole.steps.suffix(10 - step).map(\.learningRate))
    #expect(parts.result.tokensSeen == whole.result.tokensSeen && parts.result.epochs == whole.result.epochs)
  }

  @Test(.tags(.slow)) func batchesAndSequencesHaveTheirSizes() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    let (result, steps) = try laboratory.pretrain(try plan("gpt"), "\(folder.path)/run")
    let seen = steps.map(\.tokensSeen)
    #expect(
      zip(seen, [0] + seen).map(-) == Array(repeating: 4 * 8, count: 3) + Array(repeating: 12 * 16, count: 4)
        + Array(repeating: 12 * 32, count: 3))
    let peak = 1e-2
    for (rate, share) in zip(steps.map(\.learningRate), [0.5, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2, 0]) {
      #expect(abs(rate - peak * share) < 1e-12)
    }
    #expect(result.epochs[0] > 0)
  }

  @Test(.tags(.slow)) func aBudgetOfTokensKnowsTheStages() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = try plan("gpt")
    plan.settings.steps = nil
    // An update has 0.3 · 32 + 0.4 · 192 + 0.3 · 384 = 201.6 positions on average.
    plan.budget = .tokens(4032)
    let (result, steps) = try laboratory.pretrain(plan, "\(folder.path)/run")
    #expect(steps.count == 20 && result.tokensSeen == 4032)
  }

  /// Half of the tokens are asked for at first, three tenths half-way, a tenth at the end.
  @Test func theMaskingRateFollowsTheRun() throws {
    let vocabulary = Vocabulary(size: 400, sentinels: (0..<100).map { TokenID(399 - $0) })
    let tokens = (0..<100).map { TokenID(10 + $0) }
    func asked(_ name: String, _ parameters: [String: Double], _ progress: Double) throws -> Int {
      let objective = try Objectives.make(name, parameters, vocabulary: vocabulary).at(progress: progress)
      let example = try #require(objective.example(from: tokens, key: RandomKey(seed: 1)))
      return example.targets.count { $0 != Batch.ignored }
    }
    let falling = ["masking-rate": 0.5, "final-masking-rate": 0.1]
    for name in ["masked-lm", "replaced-token-detection"] {
      #expect(try [0, 0.5, 1].map { try asked(name, falling, $0) } == [50, 30, 10])
      #expect(try [0, 0.5, 1].map { try asked(name, ["masking-rate": 0.2], $0) } == [20, 20, 20])
    }
    // Of the hybrid, also the share of texts that are read from the left only: none at first, then all.
    for (progress, share) in [(0.0, 0), (0.5, 50), (1, 100)] {
      let parameters = ["causal-share": 0.0, "final-causal-share": 1, "masking-rate": 0.5, "final-masking-rate": 0.1]
      let hybrid = try Objectives.make("hybrid-lm", parameters, vocabulary: vocabulary).at(progress: progress)
      let examples = (0..<100).compactMap { hybrid.example(from: tokens, key: RandomKey(seed: 3).folded($0)) }
      #expect(abs(examples.count { $0.inputs.isEmpty } - share) <= (share == 50 ? 20 : 0))
      for example in examples where !example.inputs.isEmpty {
        // A span that does not fit is passed over.
        #expect(abs(example.targets.count { $0 != Batch.ignored } - (progress == 0 ? 50 : 30)) <= 2)
      }
    }
    // What is changed twice is as if it had been changed once.
    let objective = try Objectives.make("masked-lm", falling, vocabulary: vocabulary)
    let key = RandomKey(seed: 2)
    #expect(
      objective.at(progress: 1).at(progress: 0.5).example(from: tokens, key: key)
        == objective.at(progress: 0.5).example(from: tokens, key: key))
  }

  /// What is shown is the cross-entropy, which begins as it does without; what is learned is another model.
  @Test(.tags(.slow)) func theZLossIsLearnedFromButNotShown() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = laboratory.plan("gpt")
    plan.settings.steps = 3
    let without = try laboratory.pretrain(plan, "\(folder.path)/without")
    plan.settings.zLoss = 0
    try laboratory.pretrain(plan, "\(folder.path)/zero")
    plan.settings.zLoss = 0.01
    let with = try laboratory.pretrain(plan, "\(folder.path)/with")
    let weights = "model/model.safetensors"
    #expect(try folder.bytes("zero/\(weights)") == folder.bytes("without/\(weights)"))
    #expect(try folder.bytes("with/\(weights)") != folder.bytes("without/\(weights)"))
    #expect(with.steps[0].loss == without.steps[0].loss && with.steps[2].loss != without.steps[2].loss)
  }

  @Test func whatCannotBeIsSaid() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    func message(_ change: (inout PretrainingPlan) throws -> Void) throws -> String? {
      var plan = try plan("gpt")
      try change(&plan)
      return #expect(throws: GraftError.self) { try laboratory.pretrain(plan, "\(folder.path)/run") }?.message
    }
    #expect(try message { $0.merged = false }?.contains("`shuffle-documents:`") == true)
    #expect(try message { $0.length = try #require(StagedNumber(argument: "2,16@50%")) }?.contains("2,16@50%") == true)
    #expect(
      try message { $0.settings.batch = try #require(StagedNumber(argument: "0,4@50%")) }?.contains("`batch:`") == true)
    #expect(try message { $0.settings.schedule = "cosine" }?.contains("cooldown") == true)
  }
}
