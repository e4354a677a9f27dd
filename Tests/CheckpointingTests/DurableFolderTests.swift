import Foundation
import TestSupport
import Testing

@testable import Support

/// Folders that appear whole or not at all.
@Suite struct DurableFolderTests {
  private func text(_ folder: TestFolder, _ name: String) throws -> String {
    String(decoding: try folder.bytes(name), as: UTF8.self)
  }

  @Test func nothingStandsThereUntilItIsWhole() throws {
    let folder = try TestFolder()
    try DurableFolder.replace("\(folder.path)/new/sets") { (partial) throws(GraftError) in
      try AtomicFile.write("a", to: "\(partial)/a")
      #expect(!Paths.isFolder("\(folder.path)/new/sets"))
      #expect(PartialFile.process(ofName: Paths.name(of: partial)) == getpid())
    }
    #expect(try text(folder, "new/sets/a") == "a")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/new") == ["sets"])
  }

  @Test func aFailureLeavesWhatWasThere() throws {
    let folder = try TestFolder()
    try folder.write("sets/old", "old")
    #expect(throws: GraftError.self) {
      try DurableFolder.replace("\(folder.path)/sets") { (partial) throws(GraftError) in
        try AtomicFile.write("new", to: "\(partial)/new")
        throw GraftError(.inputOutput, "no space")
      }
    }
    #expect(folder.names == ["sets"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/sets") == ["old"])
  }

  @Test(arguments: [true, false]) func othersStayIfTheyAreToStay(_ keeping: Bool) throws {
    let folder = try TestFolder()
    try folder.write("sets/old", "old")
    try folder.write("sets/both", "old")
    try folder.write("sets/below/old", "old")
    try folder.write("sets/below/both", "old")
    try folder.write("sets/apart/old", "old")
    try DurableFolder.replace("\(folder.path)/sets", keepingOthers: keeping) { (partial) throws(GraftError) in
      try makeFolder("\(partial)/below")
      for name in ["both", "below/both", "new"] { try AtomicFile.write("new", to: "\(partial)/\(name)") }
    }
    #expect(folder.names == ["sets"])
    for name in ["both", "below/both", "new"] { #expect(try text(folder, "sets/\(name)") == "new") }
    for name in ["old", "below/old", "apart/old"] {
      #expect((try? text(folder, "sets/\(name)")) == (keeping ? "old" : nil), "\(name)")
    }
  }

  @Test func aLinkStaysAndItsFolderIsReplaced() throws {
    let folder = try TestFolder()
    try folder.write("real/old", "old")
    symlink("real", "\(folder.path)/link")
    try DurableFolder.replace("\(folder.path)/link/") { (partial) throws(GraftError) in
      try AtomicFile.write("new", to: "\(partial)/new")
    }
    #expect(folder.names == ["link", "real"])
    #expect(try text(folder, "real/new") == "new" && text(folder, "link/new") == "new")
  }

  /// Of its own target, and of dead processes alone.
  @Test func leftoversOfTheSamePlaceGo() throws {
    let folder = try TestFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    let end = "\(process.processIdentifier)-0123456789abcdef.partial"
    let kept = ["others.\(end)", "sets.\(getpid())-0123456789abcdef.partial", "sets.partial", "setsb.\(end)"]
    for name in ["sets.\(end)"] + kept { try folder.write("\(name)/half", "half") }
    try DurableFolder.replace("\(folder.path)/sets") { (_) throws(GraftError) in }
    #expect(folder.names == (["sets"] + kept).sorted())
  }

  // MARK: A file beside it

  @Test func whatComesLastComesWhenTheFileIsWhole() throws {
    let folder = try TestFolder()
    let file = "\(folder.path)/file"
    try AtomicFile.write(Data("new".utf8), to: file) { () throws(GraftError) in
      #expect(folder.names.count == 1 && folder.names != ["file"])
      #expect((try? folder.bytes(folder.names[0])) == Data("new".utf8))
    }
    #expect(folder.names == ["file"])
    #expect(throws: GraftError.self) {
      try AtomicFile.write(Data("newer".utf8), to: file) { () throws(GraftError) in
        throw GraftError(.inputOutput, "no space")
      }
    }
    #expect(folder.names == ["file"])
    #expect(try text(folder, "file") == "new")
  }
}
