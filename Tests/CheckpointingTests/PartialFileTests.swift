import Foundation
import TestSupport
import Testing

@testable import Support

/// What a killed process leaves of the files it was writing.
@Suite struct PartialFileTests {
  private let end = "0123456789abcdef"

  /// The number of a process that has ended.
  private func deadProcess() throws -> pid_t {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test(
    arguments: [
      ("run.json.812-0123456789abcdef.partial", 812), ("a.b.tokens.1-ffffffffffffffff.partial", 1),
      ("model.partial", nil), ("notes.12.partial", nil), (".12-0123456789abcdef.partial", nil), ("x.12-.partial", nil),
      ("x.-1-0123456789abcdef.partial", nil), ("x.12-0123456789abcdef.partial.txt", nil),
      ("x.0-0123456789abcdef.partial", nil), ("x.99999999999-0123456789abcdef.partial", nil),
      ("x.1a-0123456789abcdef.partial", nil), ("x.١-0123456789abcdef.partial", nil), ("x.12-3.partial", nil),
    ] as [(String, pid_t?)])
  func theNameSaysWhoWrites(_ name: String, _ writer: pid_t?) {
    #expect(PartialFile.process(ofName: name) == writer)
  }

  @Test func onlyThoseOfDeadProcessesGo() throws {
    let folder = try TestFolder()
    let dead = try deadProcess()
    let (mine, kept) = ("run.json.\(dead)-\(end).partial", "results.json.\(getpid())-\(end).partial")
    for name in [mine, kept, "model.partial", "mine.txt", "x.\(dead)-a.partial"] {
      try folder.write(name, "text")
    }
    try folder.write("folder.\(dead)-\(end).partial/file", "text")
    symlink("mine.txt", "\(folder.path)/link.\(dead)-\(end).partial")
    PartialFile.removeLeftovers(in: folder.path)
    #expect(
      folder.names
        == [
          kept, "model.partial", "mine.txt", "x.\(dead)-a.partial", "link.\(dead)-\(end).partial",
        ].sorted())
  }

  /// As a process in another container, whose number says nothing here.
  @Test func aFileThatIsHeldStays() throws {
    let folder = try TestFolder()
    let path = try folder.write("a.\(try deadProcess())-\(end).partial", "text")
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    PartialFile.hold(descriptor)
    PartialFile.removeLeftovers(in: folder.path)
    #expect(folder.names.count == 1)
  }
}
