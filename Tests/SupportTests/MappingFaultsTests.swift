import Foundation
import Support
import TestSupport
import Testing

/// A file that shrinks while it is mapped is an error that names it, not a death by signal.
@Suite(.tags(.process)) struct MappingFaultsTests {
  @Test func aMappedFileThatShrinksIsNamed() async throws {
    let result = try await #require(
      processExitsWith: .exitCode(ExitCode.inputOutput.rawValue), observing: [\.standardErrorContent]
    ) {
      MappingFaults.install()
      let folder = try TestFolder()
      let path = try folder.write("shrinking.txt", String(repeating: "a", count: 3 << 16))
      let file = try MappedFile(path)
      try #require(truncate(path, 10) == 0)
      // The first page is still there; all others are not.
      try #require(file.bytes[9] == UInt8(ascii: "a"))
      // Looked at, so that no compiler leaves the reading out.
      try #require(file.bytes[2 << 16] == UInt8(ascii: "a"))
    }
    let said = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(said.contains("shrinking.txt': it became shorter, or its disk failed, while it was read\n"))
  }

  @Test func aSignalFromElsewhereStillEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      MappingFaults.install()
      raise(SIGBUS)
      raise(SIGBUS)
    }
  }
}
