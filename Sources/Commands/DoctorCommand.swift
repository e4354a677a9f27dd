import ArgumentParser
import CICUShim
import Compute
import Experiments
import Foundation
import Inference
import Reporting
import Support
import TaskRegistry

/// `graft doctor`
struct DoctorCommand: ParsableCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what this machine offers and where tasks and data are found.",
    discussion: """
      Version and commit, the processor and its features, what $GRAFT_ISA leaves out, threads, memory, the MPI library \
      and under mpirun the ranks by machine (Docs/DISTRIBUTED.md), ICU, where \
      Swift's runtime, tasks, presets and data are (builtin:Tasks is within the executable), and the rate of matrix \
      products by library and precision, which takes some seconds and all cores to measure.
      """)

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func run() throws {
    let processes = try DoctorCommand.processes
    guard try ProcessWorld.joined.get().isRoot else { return }
    let threads = ProcessInfo.processInfo.activeProcessorCount
    var facts = Table([.init(""), .init("")])
    facts.append(["graft", GraftVersion.text])
    facts.append(["processor", Processor.name])
    facts.append(["features", InstructionSets.present.joined(separator: " ")])
    facts.append([InstructionSetLimit.variable, try DoctorCommand.limit])
    facts.append(["threads", "\(threads)"])
    facts.append(["memory", "\(ProcessInfo.processInfo.physicalMemory >> 30) GiB"])
    facts.append(["MPI", processes])
    facts.append(["ICU", DoctorCommand.icuVersion])
    facts.append(["Swift runtime", Processor.swiftRuntime])
    facts.append(["tasks", DoctorCommand.place(Resources.tasks)])
    facts.append(["presets", DoctorCommand.place(Resources.presets)])
    facts.append(["models", DoctorCommand.place(ReleasedModels.folder)])
    facts.append(["data", data.root.path ?? "not set (--data DIR or $\(DataRoot.environmentVariable))"])
    standardOutput(facts.plainText)
    guard !MatrixBackends.available.isEmpty else {
      throw GraftError(
        .internalError, "no matrix library found", hint: "`apt-get install libdnnl-dev libopenblas-dev`.")
    }
    var table = Table([.init("matrix products"), .init("f32 GFLOP/s", .right), .init("bf16 GFLOP/s", .right)])
    for backend in MatrixBackends.available {
      var cells = [backend.signature]
      for precision in Precision.allCases {
        let rate =
          backend.precisions.contains(precision)
          ? try MatrixBenchmark.peak(backend: backend, precision: precision, threads: threads) : nil
        cells.append(rate.map { NumberText.fixed($0, digits: 0) } ?? "–")
      }
      table.append(cells)
    }
    standardOutput(table.plainText, terminator: "")
  }

  /// Where tasks, presets or models are: within the executable, or below `$GRAFT_HOME`.
  private static func place(_ folder: String) -> String {
    guard BuiltInFiles.isOne(folder) else { return "\(folder) ($\(BuiltInFiles.homeVariable))" }
    return "\(folder) (\(BuiltInFiles.paths(under: folder).count) files within the executable)"
  }

  private static var limit: String {
    get throws {
      guard let limit = try InstructionSetLimit.read() else { return "not set" }
      return limit.rawValue + (InstructionSetLimit.leavesOutTiles ? ": AMX is left out" : "")
    }
  }

  /// The MPI library, and which machines the ranks are on.
  private static var processes: String {
    get throws {
      let world = try ProcessWorld.joined.get()
      let hosts = try world.gathered(world.host)
      guard hosts.count > 1 else { return MessagePassingWorld.description }
      let ranks = Dictionary(grouping: hosts) { $0 }.sorted { $0.key < $1.key }
        .map { "\($0.value.count) on \($0.key)" }
      return "\(MessagePassingWorld.description), \(hosts.count) ranks: \(ranks.joined(separator: ", "))"
    }
  }

  private static var icuVersion: String {
    var text = [CChar](repeating: 0, count: 32)
    graft_icu_version(&text)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What the system says of the processor and of this process.
enum Processor {
  private static func line(_ key: String) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
    return line.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  static var name: String { line("model name") ?? "unknown" }

  /// The library with Swift's standard library that this process has loaded.
  static var swiftRuntime: String {
    let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
    let line = maps.split(separator: "\n").first { $0.hasSuffix("/libswiftCore.so") }
    return line.flatMap { $0.split(separator: " ").last.map(String.init) } ?? "within the executable"
  }
}
