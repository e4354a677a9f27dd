import Foundation
import TestSupport
import Testing

@testable import Support

/// What a killed process leaves of the files it was writing.
@Suite struct TemporaryFileTests {
  /// The number of a process that has ended.
  private func deadProcess() throws -> pid_t {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test(arguments: [
    ("run.json.812-3.partial", 812), ("a.b.tokens.1-10.partial", 1), ("model.partial", nil),
    ("notes.12.partial", nil), (".12-1.partial", nil), ("x.12-.partial", nil), ("x.-1-2.partial", nil),
    ("x.12-1.partial.txt", nil), ("x.0-1.partial", nil), ("x.99999999999-1.partial", nil),
    ("x.1a-2.partial", nil), ("x.١-2.partial", nil),
  ] as [(String, pid_t?)])
  func theNameSaysWhoWrites(_ name: String, _ writer: pid_t?) {
    #expect(TemporaryFile.writer(ofName: name) == writer)
  }

  @Test func ownNamesAreKnown() {
    let name = (TemporaryFile.path(for: "/a/results.json") as NSString).lastPathComponent
    #expect(TemporaryFile.writer(ofName: name) == getpid())
    #expect(TemporaryFile.path(for: "x") != TemporaryFile.path(for: "x"))
  }

  @Test func onlyThoseOfDeadProcessesGo() throws {
    let folder = try TestFolder()
    let dead = try deadProcess()
    let (mine, kept) = ("run.json.\(dead)-1.partial", "results.json.\(getpid())-1.partial")
    for name in [mine, kept, "model.partial", "mine.txt", "x.\(dead)-a.partial"] {
      try folder.write(name, "text")
    }
    try folder.write("folder.\(dead)-1.partial/file", "text")
    symlink("mine.txt", "\(folder.path)/link.\(dead)-2.partial")
    TemporaryFile.removeLeftovers(in: folder.path)
    #expect(
      folder.names
        == [
          kept, "model.partial", "mine.txt", "x.\(dead)-a.partial", "folder.\(dead)-1.partial",
          "link.\(dead)-2.partial",
        ].sorted())
  }

  /// As a process in another container, whose number says nothing here.
  @Test func aFileThatIsHeldStays() throws {
    let folder = try TestFolder()
    let path = try folder.write("a.\(try deadProcess())-1.partial", "text")
    let descriptor = open(path, O_RDWR)
    defer { close(descriptor) }
    TemporaryFile.hold(descriptor)
    TemporaryFile.removeLeftovers(in: folder.path)
    #expect(folder.names.count == 1)
  }
}
