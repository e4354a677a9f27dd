import Foundation
import TestSupport
import Testing

/// Standard output as a shell connects it.
@Suite(.tags(.process)) struct StandardOutputTests {
  private func shell(_ command: String) throws -> (status: Int32, errors: String) {
    let folder = try TestFolder()
    try folder.write("errors", "")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    let graft = try #require(Graft.executable, "graft was not built")
    process.arguments = ["-c", "cd '\(folder.path)'; graft() { '\(graft)' \"$@\"; }; \(command)"]
    process.environment = ["PATH": "/usr/bin:/bin"]
    process.standardError = try #require(FileHandle(forWritingAtPath: "\(folder.path)/errors"))
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOfFile: "\(folder.path)/errors", encoding: .utf8))
  }

  @Test(arguments: [
    "list objectives", "list objectives --json", "--help", "--version", "help list", "list --help",
  ])
  func failedWritesEndWith74(arguments: String) throws {
    for redirection in ["> /dev/full", ">&-"] {
      let outcome = try shell("graft \(arguments) \(redirection)")
      #expect(outcome.status == 74, "\(arguments) \(redirection): \(outcome.errors)")
      #expect(outcome.errors.contains("standard output"), "\(outcome.errors)")
    }
  }

  /// Also where whoever starts it ignores broken pipes, as many servers do.
  @Test(arguments: ["", "trap '' PIPE; "]) func aReaderThatLeavesEndsTheProgramQuietly(before: String) throws {
    let outcome = try shell("\(before)graft list tasks | true; exit ${PIPESTATUS[0]}")
    #expect([0, 141].contains(outcome.status))
    #expect(outcome.errors.isEmpty)
  }

  @Test func aFullStandardErrorIsNoCrash() throws {
    #expect(try shell("graft list nonsense 2> /dev/full").status == 64)
  }
}
