import Foundation
import Testing

@Suite struct LayeringTests {
  @Test func thePackageHasTheEdgesOfTheArchitecturePage() throws {
    let allowed = try ArchitecturePage.read().edges
    #expect(!allowed.isEmpty, "Docs/ARCHITECTURE.md has lost its list of edges")
    let targets = try PackageDescription.read().targets.filter { $0.type != "test" }
    for target in targets {
      guard let edges = allowed[target.name] else {
        Issue.record("Docs/ARCHITECTURE.md does not list the target \(target.name)")
        continue
      }
      for dependency in target.dependencies.map(\.name) where !edges.contains(dependency) {
        Issue.record("\(target.name) → \(dependency) is no edge of Docs/ARCHITECTURE.md")
      }
      for edge in edges.subtracting(target.dependencies.map(\.name)).sorted() {
        Issue.record("Docs/ARCHITECTURE.md lists \(target.name) → \(edge), which Package.swift does not have")
      }
    }
    for name in Set(allowed.keys).subtracting(targets.map(\.name)).sorted() {
      Issue.record("Docs/ARCHITECTURE.md lists the target \(name), which Package.swift does not have")
    }
  }

  /// A target that imports what it does not depend on builds only if something else happened to be built before it.
  @Test func targetsImportOnlyWhatTheyDependOn() throws {
    let targets = try PackageDescription.read().targets
    let names = Set(targets.map(\.name))
    for target in targets {
      let dependencies = Set(target.dependencies.map(\.name))
      for file in SourceRules.files(in: packageRoot.appendingPathComponent(target.folder))
      where file.pathExtension == "swift" {
        let imports = SourceRules.imports(in: try String(contentsOf: file, encoding: .utf8))
        for name in imports.intersection(names).subtracting(dependencies).sorted() {
          Issue.record(
            "\(target.folder)/\(file.lastPathComponent) imports \(name), on which \(target.name) does not depend")
        }
      }
    }
  }

  /// An edge that nothing uses permits what nobody meant to permit. A test target may depend on an executable that it
  /// runs; the product of another package is called as its module is.
  @Test func targetsDependOnlyOnWhatTheyImport() throws {
    for target in try PackageDescription.read().targets where target.type != "system" {
      var imports: Set<String> = []
      for file in SourceRules.files(in: packageRoot.appendingPathComponent(target.folder)) {
        imports.formUnion(SourceRules.imports(in: try String(contentsOf: file, encoding: .utf8)))
      }
      for dependency in Self.unused(target.dependencies.map(\.name), imports: imports) where dependency != "graft" {
        Issue.record("\(target.name) depends on \(dependency), which no file of \(target.folder) imports")
      }
    }
  }

  private static func unused(_ dependencies: [String], imports: Set<String>) -> [String] {
    dependencies.filter { !imports.contains(String($0.split(separator: "/").last ?? "")) }
  }

  @Test func unusedDependenciesAreFound() {
    #expect(Self.unused(["A", "B", "swift-x/C", "swift-x/D"], imports: ["A", "C"]) == ["B", "swift-x/D"])
  }

  /// Public types of one target are in the signatures of others.
  @Test func theLibraryHasEveryTargetOfTheSources() throws {
    let package = try PackageDescription.read()
    // A target of C is named as such: CKernels.
    func isOfC(_ name: String) -> Bool { name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true }
    let sources = package.targets.filter { $0.type == "regular" && $0.path == nil && !isOfC($0.name) }
    let library = try #require(package.products.first { $0.name == "GraftKit" })
    #expect(sources.count > 10)
    #expect(Set(library.targets) == Set(sources.map(\.name)))
  }

  /// `make test-tiny` goes by the tags.
  @Test func testsThatLaunchProcessesOrReadDataSaySo() throws {
    let needed = [
      "Graft.executable": "process", "Graft.run(": "process", "World.shared": "process", "RealData.root": "data",
    ]
    for file in SourceRules.files(in: packageRoot.appendingPathComponent("Tests")) {
      let text = try String(contentsOf: file, encoding: .utf8)
      // Whoever holds no test is called by one.
      guard text.contains("@Suite"), file.lastPathComponent != "LayeringTests.swift" else { continue }
      for (word, tag) in needed where text.contains(word) {
        #expect(text.contains(".tags(.\(tag)"), "\(file.lastPathComponent) has \(word) and no tag .\(tag)")
      }
    }
  }

  @Test func targetsStandInLayers() throws {
    let page = try ArchitecturePage.read()
    #expect(page.edgesUpwards == [])
    #expect(page.layers == page.drawnLayers, "table and drawing differ")
    #expect(Set(page.layers.keys) == Set(page.edges.keys).subtracting(["TestSupport"]), "table and edges differ")
  }

  @Test func sourcesKeepTheRules() throws {
    let sources = packageRoot.appendingPathComponent("Sources")
    let targets = Set(try ArchitecturePage.read().edges.keys)
    let folders = try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()
    #expect(!folders.isEmpty)
    for folder in folders where !folder.hasPrefix(".") {
      #expect(targets.contains(folder), "Sources/\(folder) is no target of Docs/ARCHITECTURE.md")
      for file in SourceRules.files(in: sources.appendingPathComponent(folder)) {
        let name = String(file.path.dropFirst(packageRoot.path.count + 1))
        let text = try String(contentsOf: file, encoding: .utf8)
        for breach in SourceRules.breaches(in: text, file: name) { Issue.record("\(breach)") }
      }
    }
  }

  @Test func theRulesFindWhatTheyForbid() {
    func breaches(_ text: String) -> [String] { SourceRules.breaches(in: text, file: "a.swift") }
    #expect(breaches("let x = try! f()\n") == ["a.swift:1: try!"])
    #expect(breaches("\n  fatalError(\"no\")\n") == ["a.swift:2: fatalError("])
    #expect(breaches("print(1)\n") == ["a.swift:1: print("])
    #expect(breaches("Swift.print(1)\n") == ["a.swift:1: print("])
    #expect(
      breaches("let x = (path as NSString).deletingLastPathComponent\n")
        == ["a.swift:1: NSString", "a.swift:1: deletingLastPathComponent"])
    #expect(
      breaches("let folder = URL(fileURLWithPath: path)\n") == ["a.swift:1: URL(fileURLWithPath:"])
    #expect(breaches("FileHandle.standardError.write(data)\n") == ["a.swift:1: FileHandle.standardError"])
    #expect(breaches("let id = fingerprint(of: x) // try! print(\n").isEmpty)
    #expect(breaches("let encoder = JSONEncoder()\n") == ["a.swift:1: JSONEncoder("])
    #expect(SourceRules.breaches(in: "JSONEncoder()\n", file: SourceRules.jsonFile).isEmpty)
    #expect(breaches("let hint = \"lower --batch.\"\n").count == 1)
    #expect(breaches("let hint = \"lower `batch:` of `graft pretrain --batch`.\" + [\"--seed\", \"1\"]\n").isEmpty)
    #expect(breaches(String(repeating: "\n", count: 500)).isEmpty)
    #expect(breaches(String(repeating: "\n", count: 501)) == ["a.swift: 501 lines; at most 500"])
  }

  @Test func importsAreFound() {
    let text = "import A\n@testable import B\n  public import struct C.D\n// import E\nlet important = 1\n"
    #expect(SourceRules.imports(in: text) == ["A", "B", "C"])
  }

  @Test func layersAreRead() {
    let text = """
      layer 1  A
      layer 0  B               D
      C        E

      | `A` | 1 | x |
      | `B` | 0 | x |
      | `D` | 0 | x |
      | `E` | C | x |

      <!-- edges -->
      ```
      A: B E
      B: D
      D: E
      E:
      ```

      """
    let page = ArchitecturePage(text)
    #expect(page.edges["A"] == ["B", "E"])
    #expect(page.layers == ["A": 1, "B": 0, "D": 0, "E": -1] && page.drawnLayers == page.layers)
    #expect(page.edgesUpwards == ["B → D"])
  }
}
