import Foundation
import Support
import Testing

@Suite struct AtomicFileTests {
  @Test func linksAreFollowed() throws {
    let folder = try TemporaryFolder()
    try makeFolder(folder.path("t"))
    try folder.put("old", in: "t/real")
    try folder.link("link", to: "t/real")
    try folder.link("second", to: "link")
    try AtomicFile.write("new", to: folder.path("second"))
    #expect(folder.text("t/real") == "new")
    #expect(folder.isLink("link") && folder.isLink("second"))
    try folder.link("dangling", to: "t/new")
    try AtomicFile.write("made", to: folder.path("dangling"))
    #expect(folder.text("t/new") == "made")
    #expect(folder.isLink("dangling"))
    #expect(folder.names == ["dangling", "link", "second", "t"])
  }

  @Test func linksThatLeadNowhereAreErrors() throws {
    let folder = try TemporaryFolder()
    try folder.link("a", to: "b")
    try folder.link("b", to: "a")
    try folder.link("lost", to: "nothing/file")
    for name in ["a", "b", "lost"] {
      let error = #expect(throws: GraftError.self) { try AtomicFile.write("x", to: folder.path(name)) }
      #expect(error?.code == .inputOutput)
      #expect(error?.message.contains(name) == true)
    }
    #expect(folder.names == ["a", "b", "lost"])
  }

  @Test func devicesAndPipesAreWrittenStraightInto() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("x", to: "/dev/null")
    var status = stat()
    #expect(lstat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    let full = #expect(throws: GraftError.self) { try AtomicFile.write("x", to: "/dev/full") }
    #expect(full?.code == .inputOutput)
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    // Opened for both, so that neither end waits for the other.
    let reader = open(folder.path("pipe"), O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    try AtomicFile.write("through", to: folder.path("pipe"))
    var buffer = [UInt8](repeating: 0, count: 100)
    let count = read(reader, &buffer, buffer.count)
    #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "through")
    #expect(folder.names == ["pipe"])
  }

  @Test func ownDescriptorsAreWrittenFromWhereTheyStand() throws {
    let folder = try TemporaryFolder()
    let descriptor = open(folder.path("log"), O_WRONLY | O_CREAT, 0o644)
    defer { close(descriptor) }
    #expect(write(descriptor, "first ", 6) == 6)
    try AtomicFile.write("second", to: "/dev/fd/\(descriptor)")
    #expect(write(descriptor, " third", 6) == 6)
    #expect(folder.text("log") == "first second third")
  }

  @Test func rightsAreKept() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("x", to: folder.path("new"))
    #expect(folder.mode("new") == 0o666 & ~folder.umask)
    for mode in [mode_t(0o600), 0o640, 0o755, 0o664] {
      chmod(folder.path("new"), mode)
      try AtomicFile.write("y", to: folder.path("new"))
      #expect(folder.mode("new") == mode)
    }
  }

  @Test func whatIsNoPlaceForAFileIsAnError() throws {
    let folder = try TemporaryFolder()
    try makeFolder(folder.path("sub"))
    for name in ["sub", "sub/", "new/", "none/file", "sub/."] {
      let error = #expect(throws: GraftError.self) { try AtomicFile.write("x", to: folder.path(name)) }
      #expect(error?.code == .inputOutput)
    }
    #expect(throws: GraftError.self) { try AtomicFile.write("x", to: "") }
    #expect(folder.names == ["sub"])
  }

  @Test func longNamesHaveTemporaryFilesToo() throws {
    let folder = try TemporaryFolder()
    for name in [String(repeating: "n", count: 255), String(repeating: "é", count: 127)] {
      try AtomicFile.write("x", to: folder.path(name))
      #expect(folder.text(name) == "x")
    }
    let error = #expect(throws: GraftError.self) {
      try AtomicFile.write("x", to: folder.path(String(repeating: "n", count: 256)))
    }
    #expect(error?.code == .inputOutput)
  }

  @Test func temporaryNamesAreOursAndCannotBeGuessed() throws {
    let folder = try TemporaryFolder()
    var seen: Set<String> = []
    for _ in 0..<20 {
      try AtomicFile.write(to: folder.path("a.json")) { (_) throws(GraftError) in
        let name = folder.names.first { $0 != "a.json" } ?? ""
        #expect(PartialFile.process(ofName: name) == getpid())
        seen.insert(name)
      }
    }
    #expect(seen.count == 20)
    #expect(PartialFile.process(ofName: "run.json.4711-0123456789abcdef.partial") == 4711)
    for name in [
      "notes.partial", "a.4711-1.partial", "a.x-0123456789abcdef.partial", "a.-1-0123456789abcdef.partial",
      "a.0-0123456789abcdef.partial", "4711-0123456789abcdef.partial", "a.4711-0123456789ABCDEF.partial",
      "a.99999999999-0123456789abcdef.partial", "a.4711-0123456789abcdef", "",
    ] { #expect(PartialFile.process(ofName: name) == nil, "\(name)") }
  }

  @Test func aFailedBodyLeavesTheOldFileAndNothingElse() throws {
    let folder = try TemporaryFolder()
    try folder.put("old", in: "a")
    #expect(throws: GraftError.self) {
      try AtomicFile.write(to: folder.path("a")) { (writer) throws(GraftError) in
        try writer.append("half")
        throw GraftError(.badData, "no")
      }
    }
    #expect(folder.text("a") == "old")
    #expect(folder.names == ["a"])
  }
}
