import Corpus
import Foundation
import ModelKit
import Objectives
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference
@testable import Training

/// Labelled tasks mixed with text.
@Suite(.tags(.slow)) struct SupervisedPretrainingTests {
  private static func task(_ name: String, _ count: Int) -> LabelledTask {
    LabelledTask(
      name: name,
      examples: (0..<count).map {
        Example(identifier: "\(name)/train/\($0)", inputs: "\(name) The cat \($0)", targets: "yes")
      }, hash: name)
  }

  private static let tasks = [task("first", 30), task("second", 10)]

  private func plan(_ family: String, share: Double, rates: MixtureRates = MixtureRates()) throws
    -> PretrainingPlan
  {
    var plan = try Laboratory.shared.get().plan(family)
    plan.supervised = SupervisedShare(tasks: ["first", "second"], share: share, rates: rates)
    return plan
  }

  private func run(
    _ plan: PretrainingPlan, _ directory: String, resuming: Bool = false, stoppingAt: Int? = nil
  ) throws -> PretrainingResult {
    let laboratory = try Laboratory.shared.get()
    let stop = StopRequest()
    return try Pretraining.run(
      plan, tokenizer: laboratory.tokenizer, directory: directory, cache: "\(laboratory.folder.path)/cache",
      resuming: resuming, arguments: ["test"], stop: stop, tasks: Self.tasks
    ) { event in
      if case .step(let report) = event, report.step == stoppingAt { stop.request(signal: SIGINT) }
    }
  }

  /// 0.4 of the samples are of the tasks, three quarters of these of the larger one, or half if they are mixed equally.
  @Test(arguments: [(false, 3000), (true, 2000)])
  func samplesHaveTheirShares(_ isEqual: Bool, _ expected: Int) throws {
    let laboratory = try Laboratory.shared.get()
    let plan = try plan("t5", share: 0.4, rates: MixtureRates(isEqual: isEqual))
    let objective = try Objectives.make("span-corruption", vocabulary: laboratory.tokenizer.vocabulary)
    let model = try ShardedModel(
      plan.model, key: RandomKey(seed: 0), precision: .f32, shardCount: 1, training: false)
    let data = try PretrainingData(
      plan, objective, model.backbone, tokenizer: laboratory.tokenizer,
      cache: "\(laboratory.folder.path)/cache", tasks: Self.tasks
    ) { _ in }
    let answer = TextCodec(laboratory.tokenizer).tokens("yes")
    let first = Set(Self.tasks[0].examples.map { TextCodec(laboratory.tokenizer).tokens($0.inputs) })
    let samples = (0..<10_000).map { data.source.example(at: $0, progress: 0) }
    let labelled = samples.filter { $0.targets == answer }
    #expect(labelled.count == 4000)
    // Exact over 10,000 labelled samples; these are the first 4,000.
    #expect(abs(labelled.count { first.contains($0.inputs) } - expected) < 120)
    #expect(data.hashes(plan)["task second"] == "second")
    #expect(
      abs(data.epochs(after: [10_000])[0] - 6000 / Double(samples.count) * data.epochs(after: [16_667])[0]) < 0.1)
  }

  /// A corpus is read as often as it is repeated, however long it is.
  @Test func repetitionsFollowLengths() throws {
    let laboratory = try Laboratory.shared.get()
    let short = try laboratory.folder.write("short.txt", "The cat sat on the mat.\n\nA dog saw it.\n")
    let key = RandomKey(seed: 9)
    var options = CorpusOptions()
    options.heldOutFraction = 0
    let windows = try [laboratory.corpus, short].map { path in
      TokenWindows(
        try PreparedCorpus.prepare(
          files: [path], tokenizer: laboratory.tokenizer, options: options,
          cacheDirectory: "\(laboratory.folder.path)/cache"
        ).training, length: 4, key: key)
    }
    let objective = try Objectives.make("causal-lm", vocabulary: laboratory.tokenizer.vocabulary)
    let source = try WindowSource(windows, repetitions: [1, 2], objective: objective, key: key)
    let epochs = source.epochs(after: 100_000)
    #expect(epochs[0] > 1 && abs(epochs[1] / epochs[0] - 2) < 0.1, "\(epochs)")
    #expect(source.example(at: 12_345, progress: 0) == source.example(at: 12_345, progress: 0))
    for impossible in [[0, 0], [1, -1.0]] {
      #expect(throws: GraftError.self) {
        try WindowSource(windows, repetitions: impossible, objective: objective, key: key)
      }
    }
  }

  @Test func aStoppedRunGoesOn() throws {
    let folder = try TestFolder()
    let plan = try plan("gpt", share: 0.5)
    let whole = try run(plan, "\(folder.path)/whole")
    #expect(throws: GraftError.self) { try run(plan, "\(folder.path)/parts", stoppingAt: 5) }
    let parts = try run(plan, "\(folder.path)/parts", resuming: true)
    #expect(whole.heldOut.map(\.lossPerToken) == parts.heldOut.map(\.lossPerToken))
    #expect(
      try folder.bytes("whole/model/model.safetensors") == folder.bytes("parts/model/model.safetensors"))
  }

  @Test(arguments: [("bert", 0.5), ("t5", 0), ("t5", 1), ("t5", -1)])
  func whatCannotBeIsSaid(_ family: String, _ share: Double) throws {
    let folder = try TestFolder()
    let error = #expect(throws: GraftError.self) {
      try run(try plan(family, share: share), "\(folder.path)/run")
    }
    #expect(error?.code == .usage && error?.hint != nil)
  }
}
