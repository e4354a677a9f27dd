import Compute
import Objectives
import Records
import Support
import TestSupport
import Testing

@testable import Training

/// The benchmark of training steps and its profile.
@Suite(.tags(.slow)) struct TrainingBenchmarkTests {
  private static let tiny = BenchmarkSize(
    name: "T", width: 64, layers: 2, heads: 2, feedForward: 128, vocabularySize: 512, length: 32, batch: 8)

  private func run(
    _ objective: String, family: String? = nil, profiling: Bool = false, microBatches: Int = 1
  ) throws -> TrainingBenchmark.Report {
    var benchmark = TrainingBenchmark(
      objective: objective, size: Self.tiny, precision: .f32, steps: 3, shards: 2, backend: nil)
    (benchmark.family, benchmark.profiling) = (family, profiling)
    benchmark.microBatches = microBatches
    return try benchmark.run()
  }

  @Test(arguments: [("causal-lm", 8 * 32), ("masked-lm", 8 * 32), ("span-corruption", 8 * (32 + 8))])
  func reportAddsUp(objective: String, positions: Int) throws {
    let report = try run(objective)
    #expect(report.tokensPerStep == positions)
    #expect(report.tokensPerSecond.best >= report.tokensPerSecond.median)
    #expect(report.tokensPerSecond.median > 0)
    let fraction = report.tokensPerSecond.median * report.modelGFLOPPerToken / report.peakGFLOPS
    #expect(abs(report.fractionOfPeak - fraction) < 1e-9)
    #expect(report.peakMemoryBytes > 4 * report.parameters)
    #expect(report.operations == nil)
    #expect(try run(objective, microBatches: 4).tokensPerStep == positions)
  }

  /// The profile counts the products that were executed; the report those the model has. Without padding, and
  /// with nothing computed twice but the scores in attention's backward pass, they are the same.
  @Test func profileSeesEveryProduct() throws {
    let report = try run("causal-lm", profiling: true)
    let operations = try #require(report.operations)
    #expect(abs(operations.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    let executed = 2 * operations.reduce(0) { $0 + $1.gigaFLOP }
    let model = report.modelGFLOPPerToken * Double(report.tokensPerStep)
    let scores = 2.0 * Double(32 * 32 * Self.tiny.width * Self.tiny.layers * Self.tiny.batch) / 1e9
    #expect(abs(executed - scores - model) < 0.001 * model)
    for name in ["linear", "linear, backward", "attention", "cross-entropy", "optimizer", "add gradients"] {
      let operation = try #require(operations.first { $0.name == name }, "\(name) is not in the profile")
      #expect(operation.milliseconds > 0)
      #expect(operation.productMilliseconds <= operation.milliseconds)
    }
  }

  @Test func profilingChangesNoResult() throws {
    #expect(try run("span-corruption", profiling: true).lastLoss == run("span-corruption").lastLoss)
  }

  /// Published figures are of these families.
  @Test(arguments: [
    ("causal-lm", "gpt"), ("masked-lm", "bert"), ("replaced-token-detection", "electra"), ("span-corruption", "t5"),
  ]) func aFamilyIsFoundForAnObjective(objective: String, family: String) throws {
    let vocabulary = Vocabulary(size: Self.tiny.vocabularySize, sentinels: (1...100).map { TokenID(512 - $0) })
    let objective = try Objectives.make(objective, vocabulary: vocabulary)
    #expect(try Self.tiny.model(for: objective, family: nil, dropout: 0).family == family)
  }

  @Test func aFamilyIsChosen() throws {
    let report = try run("causal-lm", family: "lstm")
    #expect(report.family == "lstm" && report.tokensPerSecond.median > 0)
    let error = #expect(throws: GraftError.self) { try run("causal-lm", family: "bert") }
    #expect(error?.message.contains("needs the layout decoder") == true)
  }

  @Test func unknownNamesAreNamed() {
    #expect(throws: GraftError.self) { try BenchmarkSize.named("XL") }
    #expect(throws: GraftError.self) { try run("deshufling") }
    #expect(throws: GraftError.self) { try run("causal-lm", family: "gtp") }
    // It needs a head that the plain member of BERT has not.
    let error = #expect(throws: GraftError.self) { try run("masked-lm-next-sentence") }
    #expect(error?.message.contains("trains no family as the benchmark makes it") == true)
  }
}
