import ArgumentParser
import Compute
import Foundation
import Reporting
import Support
import Training

/// `graft benchmark`
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure what this machine does: training steps, decoding, matrix products, tokenizers.",
    subcommands: [
      TrainingBenchmarkCommand.self, DecodingBenchmarkCommand.self, MatrixBenchmarkCommand.self,
      TokenizerBenchmarkCommand.self,
    ])
}

/// `graft benchmark train`
struct TrainingBenchmarkCommand: WritingCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Time whole training steps of a model of size S, M or L on random tokens.",
    discussion: """
      Forward, backward, clipping and AdamW with dropout 0.1, after some steps to warm up. Under mpirun the shards are \
      dealt over the processes, and what a step sends and waits is said.

      Example:
        graft benchmark train --objective causal-lm --size S --steps 20
      """)

  @Option(help: "The objective; `graft list objectives` shows all.")
  var objective = "causal-lm"

  @Option(help: "The family of the model; by default one that the objective trains, such as gpt for causal-lm.")
  var family: String?

  @Option(help: "The model: \(BenchmarkSize.all.map(\.name).joined(separator: ", ")).")
  var size = "S"

  @Option(help: "Operands of matrix products: bf16 where the processor has it, else f32.")
  var precision: Precision?

  @Option(help: "Steps to time.")
  var steps = 10

  @Option(help: "Steps before them that are not timed.")
  var warmUp = 3

  @Option(help: "Parts a batch is dealt into, one thread each; by default as many as cores.")
  var shards: Int?

  @Option(
    help: """
      Sequences of an update; by default \(BenchmarkSize.all.map { "\($0.batch) of \($0.name)" }.joined(separator: ", ")).
      """)
  var batch: Int?

  @Option(help: "Parts of a shard's batch that are computed one after another: less memory.")
  var microBatches = 1

  @Option(help: "Matrix products: amx, onednn, openblas; the fastest there are by default.")
  var backend: String?

  @Option(
    help: """
      Under mpirun: what gradients travel as: \
      \(GradientTraffic.allValueStrings.joined(separator: ", ")).
      """)
  var gradientTraffic = GradientTraffic.f32

  @Option(
    help: "Fail with exit code 3 if a step reaches less than this fraction of the rate of products alone.")
  var requireFraction: Double?

  @Flag(help: "Say what each kind of operation takes: time, operations and bytes per step and thread.")
  var profile = false

  @Option(help: "Write the figures as JSON to this file, - for standard output.")
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(.json(json, .trainingBenchmark, keys: ["stepSeconds", "fractionOfPeak"]))
  }

  func run() throws {
    var benchmark = TrainingBenchmark(
      objective: objective, size: try BenchmarkSize.named(size),
      precision: precision ?? MatrixBackends.preferredPrecision, steps: steps,
      shards: shards ?? ProcessInfo.processInfo.activeProcessorCount, backend: backend)
    (benchmark.family, benchmark.profiling) = (family, profile)
    (benchmark.batch, benchmark.microBatches, benchmark.warmUpSteps) = (batch, microBatches, warmUp)
    (benchmark.gradientTraffic, benchmark.world) = (gradientTraffic, try ProcessWorld.joined.get())
    let report = try benchmark.run()
    guard benchmark.world.isRoot else { return }
    if let json { try JSONOutput.write(report, to: json) }
    if json != "-" { show(report) }
    if let requireFraction, report.fractionOfPeak < requireFraction {
      throw GraftError(
        .requirementNotMet,
        "a step reaches \(NumberText.fixed(report.fractionOfPeak, digits: 3)) of the rate of products alone,"
          + " \(requireFraction) were required",
        hint: "try again when nothing else runs; --profile says where the time goes.")
    }
  }

  private func show(_ report: TrainingBenchmark.Report) {
    var table = Table([.init(""), .init("", .right)])
    table.append(["parameters", NumberText.abbreviated(Double(report.parameters))])
    table.append(["tokens per step", "\(report.tokensPerStep)"])
    table.append(["tokens per second, median", NumberText.abbreviated(report.tokensPerSecond.median)])
    table.append(["tokens per second, best", NumberText.abbreviated(report.tokensPerSecond.best)])
    table.append(["GFLOP/s of products alone", NumberText.fixed(report.peakGFLOPS, digits: 0)])
    table.append(["of which a step reaches", NumberText.fixed(100 * report.fractionOfPeak, digits: 1) + " %"])
    if let bytes = report.sentBytesPerStep, let share = report.waitingShare {
      table.append(["MB sent per step and rank", NumberText.fixed(Double(bytes) / 1e6, digits: 2)])
      table.append(["of a step, waiting for other ranks", NumberText.fixed(100 * share, digits: 1) + " %"])
    }
    table.append(["peak memory", NumberText.fixed(Double(report.peakMemoryBytes) / 1e6, digits: 0) + " MB"])
    standardOutput(
      "\(report.objective) \(report.size) \(report.precision), \(report.shards) shards"
        + (report.ranks.map { " over \($0) ranks" } ?? "") + ", \(report.backend)")
    standardOutput(table.plainText, terminator: "")
    if let operations = report.operations { standardOutput("\n" + profileTable(operations).plainText, terminator: "") }
  }

  private func profileTable(_ operations: [TrainingBenchmark.Operation]) -> Table {
    var table = Table([
      .init("operation, per step and thread"), .init("ms", .right), .init("share", .right),
      .init("ms in products", .right), .init("GFLOP", .right), .init("GFLOP/s", .right), .init("MB", .right),
      .init("GB/s", .right),
    ])
    for operation in operations {
      func rate(_ amount: Double, per scale: Double) -> String {
        amount > 0 ? NumberText.fixed(amount / operation.milliseconds * scale, digits: 0) : ""
      }
      table.append([
        operation.name, NumberText.fixed(operation.milliseconds, digits: 2),
        NumberText.fixed(100 * operation.share, digits: 1) + " %",
        operation.productMilliseconds > 0 ? NumberText.fixed(operation.productMilliseconds, digits: 2) : "",
        operation.gigaFLOP > 0 ? NumberText.fixed(operation.gigaFLOP, digits: 2) : "",
        rate(operation.gigaFLOP, per: 1e3),
        operation.megabytes > 0 ? NumberText.fixed(operation.megabytes, digits: 1) : "",
        rate(operation.megabytes, per: 1),
      ])
    }
    return table
  }
}

/// `graft benchmark gemm`
struct MatrixBenchmarkCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm", abstract: "Time matrix products, every thread with matrices of its own.")

  @Option(help: "Threads; by default as many as cores.")
  var threads: Int?

  @Option(help: "Write the figures as JSON to this file, - for standard output.")
  var json: String?

  private struct Entry: Encodable {
    var backend: String
    var precision: String
    var m, n, k: Int
    var threads: Int
    var gflops: Double
  }

  func files() -> CommandFiles {
    CommandFiles(.json(json, keys: ["m", "n", "k", "gflops"]))
  }

  func validate() throws {
    guard (threads ?? 1) > 0 else { throw ValidationError("--threads must be positive") }
  }

  func run() throws {
    let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    var entries: [Entry] = []
    for backend in MatrixBackends.available {
      for precision in Precision.allCases where backend.precisions.contains(precision) {
        for shape in MatrixBenchmark.shapes {
          entries.append(
            Entry(
              backend: backend.signature, precision: precision.rawValue, m: shape.m, n: shape.n, k: shape.k,
              threads: threads,
              gflops: try MatrixBenchmark.rate(
                shape, backend: backend, precision: precision, threads: threads)))
        }
      }
    }
    if let json { try JSONOutput.write(entries, to: json) }
    guard json != "-" else { return }
    var table = Table([
      .init("backend"), .init("precision"), .init("m × n × k", .right), .init("GFLOP/s", .right),
    ])
    for entry in entries {
      table.append([
        entry.backend, entry.precision, "\(entry.m) × \(entry.n) × \(entry.k)",
        NumberText.fixed(entry.gflops, digits: 0),
      ])
    }
    standardOutput(table.plainText, terminator: "")
  }
}
