import Foundation
import Support
import Testing

@Suite struct BuiltInFilesTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// A file that was added and not listed would be missing from installed executables alone.
  @Test(arguments: ["Tasks", "Checkpoints"])
  func theFilesOfTheRepositoryAreWithinTheExecutable(_ folder: String) throws {
    var expected: [String] = []
    let files = try #require(FileManager.default.enumerator(atPath: "\(Self.root)/\(folder)"))
    for case let name as String in files {
      guard files.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
      // A page about a folder is for people; a model's card is one of its files.
      if name.hasSuffix(".md"), !name.hasPrefix("models/") { continue }
      expected.append("\(folder)/\(name)")
    }
    #expect(expected.count > 20)
    let found = BuiltInFiles.paths(under: BuiltInFiles.path(folder))
    #expect(Set(found) == Set(expected.map(BuiltInFiles.path)), "run `make resources`")
    for name in expected {
      let content = try MappedFile("\(Self.root)/\(name)").data()
      let builtIn = try MappedFile(BuiltInFiles.path(name)).data()
      #expect(builtIn == content, "\(name) is older within the executable")
    }
  }

  @Test func pathsAreResolved() throws {
    let path = BuiltInFiles.path("Tasks/glue/mnli.yaml")
    #expect(BuiltInFiles.isOne(path) && !BuiltInFiles.isOne("Tasks/glue/mnli.yaml"))
    #expect(BuiltInFiles.resolved(BuiltInFiles.path("Tasks/nli/.././glue/mnli.yaml")) == path)
    #expect(BuiltInFiles.resolved("a/../b") == "a/../b")
    #expect(BuiltInFiles.paths(under: path) == [path])
    #expect(BuiltInFiles.paths(under: BuiltInFiles.path("Tasks/gl")) == [])
    let absent = BuiltInFiles.path("Tasks/none.yaml")
    let failure = #expect(throws: GraftError.self) { try FileContents.read(absent) }
    #expect(failure?.code == .missingInput)
  }
}
