import Foundation
import Support
import TestSupport
import Testing

@Suite struct PathsTests {
  @Test(arguments: [
    ("a", ".", "a"), ("a/", ".", "a"), ("./a", ".", "a"), ("t/run", "t", "run"), ("t//run//", "t", "run"),
    ("/", "/", "/"), ("//", "/", "/"), ("/a", "/", "a"), ("", ".", ""), (".", ".", "."), ("..", ".", ".."),
    ("a/..", "a", ".."), ("é/ü", "é", "ü"), ("a\nb/c d", "a\nb", "c d"), ("/a/b/c", "/a/b", "c"),
  ])
  func partsOfAPath(path: String, parent: String, name: String) {
    #expect(Paths.parent(of: path) == parent)
    #expect(Paths.name(of: path) == name)
  }

  @Test(.tags(.slow)) func everyPathOfTwoBytesHasParts() {
    for first in UInt8(1)...127 {
      for second in UInt8(1)...127 {
        for path in [String(decoding: [first], as: UTF8.self), String(decoding: [first, second], as: UTF8.self)] {
          let joined = Paths.join(Paths.parent(of: path), Paths.name(of: path))
          #expect(Paths.absolute(joined) == Paths.absolute(path))
        }
      }
    }
  }

  @Test func namesAreNotComposedAnew() {
    let decomposed = "e\u{301}"
    #expect(Array(Paths.join(decomposed, decomposed).utf8) == Array("e\u{301}/e\u{301}".utf8))
    #expect(Array(Paths.normalized("./\(decomposed)//").utf8) == Array(decomposed.utf8))
  }

  @Test func joiningAndNormalizing() {
    #expect(Paths.join("", "x") == "x")
    #expect(Paths.join(".", "x") == "x")
    #expect(Paths.join("/", "x") == "/x")
    #expect(Paths.join("a/", "/x") == "a/x")
    #expect(Paths.normalized("./a//b/./c/") == "a/b/c")
    #expect(Paths.normalized("/a/../b") == "/a/../b")
    #expect(Paths.normalized("./") == ".")
    #expect(Paths.normalized("") == "")
    #expect(Paths.stem(of: "x/a.tar.gz") == "a.tar")
    #expect(Paths.stem(of: ".profile") == ".profile")
    #expect(Paths.stem(of: "a.") == "a.")
  }

  @Test func placesFollowLinks() throws {
    let folder = try TemporaryFolder()
    try makeFolder(folder.path("real/inner"))
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: "real")
    #expect(Paths.isWithin(folder.path("link/inner/new/file"), folder.path("real")))
    #expect(!Paths.isWithin(folder.path("realm"), folder.path("real")))
    #expect(Paths.identity(folder.path("link")) == Paths.identity(folder.path("real")))
    #expect(Paths.identity(folder.path("nothing")) == nil)
  }

  @Test func foldersAreMadeWithWhatTheUmaskLeaves() throws {
    let folder = try TemporaryFolder()
    try makeFolder(folder.path("a/b/c/"))
    #expect(folder.mode("a/b/c") == 0o777 & ~folder.umask)
    try makeFolder(folder.path("a/b/c"))
    try AtomicFile.write("x", to: folder.path("file"))
    #expect(throws: GraftError.self) { try makeFolder(folder.path("file")) }
    #expect(throws: GraftError.self) { try makeFolder(folder.path("file/below")) }
    #expect(throws: GraftError.self) { try makeFolder("") }
    try FileManager.default.createSymbolicLink(atPath: folder.path("dangling"), withDestinationPath: "no")
    #expect(throws: GraftError.self) { try makeFolder(folder.path("dangling")) }
  }
}
