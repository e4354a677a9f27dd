import Foundation
import TestSupport
import Testing

/// The built executable, run as a person runs it.
enum Graft {
  struct Outcome: Sendable {
    var status: Int32
    /// Whether a signal ended it, as a trap or a kill does.
    var wasSignalled: Bool
    var output: String
    var errors: String
  }

  /// Beside the test bundle in the build folder.
  static let executable: String? = {
    let folders = [
      URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
      URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath(),
    ].map { $0.deletingLastPathComponent().path }
    return folders.map { "\($0)/graft" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// A run that has begun.
  final class Running {
    private let process = Process()
    private let files: TestFolder

    /// - Parameter launcher: what starts the executable, such as mpirun with its arguments.
    init(
      _ arguments: [String], input: String? = nil, environment extra: [String: String] = [:], launcher: [String] = []
    ) throws {
      files = try TestFolder()
      for name in ["output", "errors"] { try files.write(name, "") }
      try files.write("input", input ?? "")
      let command = launcher + [try #require(Graft.executable, "graft was not built")] + arguments
      process.executableURL = URL(fileURLWithPath: command[0])
      process.arguments = Array(command.dropFirst())
      var environment = ProcessInfo.processInfo.environment
      for name in ["GRAFT_HOME", "GRAFT_DATA", "GRAFT_TASKS"] { environment[name] = nil }
      environment.merge(extra) { $1 }
      process.environment = environment
      process.standardInput = try #require(FileHandle(forReadingAtPath: "\(files.path)/input"))
      process.standardOutput = try #require(FileHandle(forWritingAtPath: "\(files.path)/output"))
      process.standardError = try #require(FileHandle(forWritingAtPath: "\(files.path)/errors"))
      try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// What it has printed so far.
    var output: String { (try? String(contentsOfFile: "\(files.path)/output", encoding: .utf8)) ?? "" }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    func wait() throws -> Outcome {
      process.waitUntilExit()
      func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(files.path)/\(name)")), as: UTF8.self)
      }
      return Outcome(
        status: process.terminationStatus, wasSignalled: process.terminationReason == .uncaughtSignal,
        output: try text("output"), errors: try text("errors"))
    }
  }

  /// - Parameter environment: variables beside those of the tests.
  static func run(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:], launcher: [String] = []
  ) throws -> Outcome {
    try Running(arguments, input: input, environment: environment, launcher: launcher).wait()
  }

  /// Runs what must fail: with this exit code, one error, a hint, and every one of these texts in it.
  static func expectFailure(
    _ code: Int32, _ arguments: [String], says texts: [String] = [], hint: Bool = true,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(arguments)
    let shown = Comment(rawValue: "graft \(arguments.joined(separator: " "))\n\(outcome.errors)")
    #expect(!outcome.wasSignalled, shown, sourceLocation: sourceLocation)
    #expect(outcome.status == code, shown, sourceLocation: sourceLocation)
    #expect(outcome.errors.contains("error: "), shown, sourceLocation: sourceLocation)
    if hint { #expect(outcome.errors.contains("hint: "), shown, sourceLocation: sourceLocation) }
    for text in texts { #expect(outcome.errors.contains(text), shown, sourceLocation: sourceLocation) }
  }
}
