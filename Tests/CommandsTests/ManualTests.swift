import Foundation
import TestSupport
import Testing

@testable import Commands

/// Manual pages of every command, made of the same texts as the help.
@Suite(.tags(.process)) struct ManualTests {
  @Test func everyCommandHasAPage() throws {
    let folder = try TestFolder()
    try folder.write("man1/other.1", "not mine\n")
    let outcome = try Graft.run(["manual", "--output", "\(folder.path)/man1"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/man1")
    let fixtures = try FileManager.default.contentsOfDirectory(atPath: "\(Graft.packageRoot)/Tests/Fixtures/help")
    #expect(Set(names) == Set(fixtures.map { $0.replacing(".txt", with: ".1") } + ["other.1"]))
    let page = String(decoding: try folder.bytes("man1/graft-data-fetch.1"), as: UTF8.self)
    for text in [
      ".Dt GRAFT-DATA-FETCH 1", ".Nm graft data fetch", ".It Fl -from Ar from", ".It Fl -dry-run\n", ".Sh EXAMPLES",
      "graft data fetch sst2 rte \\-\\-data data", ".Sh TASKS AND DATA", ".Xr graft-data 1\n",
    ] { #expect(page.contains(text), "\(text)") }
  }

  /// `mandoc -Tlint` finds nothing, where there is one.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/mandoc")))
  func pagesAreCleanForMandoc() throws {
    let folder = try TestFolder()
    var paths: [String] = []
    for page in try ManualCommand.pages() { paths.append(try folder.write("\(page.name).1", page.text)) }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/mandoc")
    process.arguments = ["-Tlint", "-Wwarning"] + paths
    process.standardOutput = pipe
    try process.run()
    let found = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(found.isEmpty, "\(found.prefix(2000))")
    #expect(process.terminationStatus == 0)
  }

  @Test func textsThatWouldBeMacrosAreNot() {
    #expect(ManualPage.macro("Pp a \"b\" .") == "\\&Pp a \\(dqb\\(dq \\&.")
    #expect(ManualPage.prose(".TH is \\ here") == "\\&.TH is \\e here")
    let (paragraphs, example) = ManualPage.parts("One.\nTwo.\n\nThree.\n\nExample:\n  graft a\n  graft b\n")
    #expect(paragraphs == ["One. Two.", "Three."] && example == ["graft a", "graft b"])
  }
}
