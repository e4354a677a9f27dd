import Foundation
import TestSupport
import Testing

/// `graft new plugin` writes a package whole or not at all; `make test-plugin` builds it and tries its program.
@Suite(.tags(.process)) struct NewPluginCommandTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test func aPackageIsWritten() throws {
    let place = "\(folder.path)/my-graft"
    let made = try Graft.run(["new", "plugin", place, "--graft", Graft.packageRoot])
    #expect(made.status == 0, "\(made.errors)")
    let names = made.output.split(separator: "\n").filter { $0.hasPrefix("written: ") }.map { $0.dropFirst(9) }
    #expect(names.count == 10 && names.allSatisfy { FileManager.default.fileExists(atPath: String($0)) })
    for name in names {
      let text = try String(contentsOfFile: String(name), encoding: .utf8)
      #expect(!text.contains("{{") && !text.contains("CONTENT_TYPE") && !text.hasPrefix("\n"), "\(name)")
      #expect(text.hasSuffix("\n") && !text.contains("&quot;"), "\(name)")
    }
    let manifest = String(decoding: try folder.bytes("my-graft/Package.swift"), as: UTF8.self)
    #expect(manifest.hasPrefix("// swift-tools-version: 6.1\n"))
    #expect(manifest.contains(".package(name: \"graft\", path: \"\(Graft.packageRoot)\")"))
    #expect(manifest.contains("targets: [\"MyGraftProgram\"]"))
    // What was changed since is not replaced.
    try Graft.expectFailure(64, ["new", "plugin", place, "--graft", Graft.packageRoot], says: ["is not empty"])
  }

  @Test func graftIsFoundByAddressAndByItsOwnPlace() throws {
    let address = "https://example.org/tools/graft.git"
    let made = try Graft.run(["new", "plugin", "\(folder.path)/a", "--graft", address])
    #expect(made.status == 0, "\(made.errors)")
    let manifest = String(decoding: try folder.bytes("a/Package.swift"), as: UTF8.self)
    #expect(manifest.contains(".package(url: \"\(address)\", branch: \"main\")"))
    #expect(manifest.contains(".product(name: \"GraftKit\", package: \"graft\")"))
    let own = try Graft.run(["new", "plugin", "\(folder.path)/b"])
    #expect(own.status == 0, "\(own.errors)")
    let path = String(decoding: try folder.bytes("b/Package.swift"), as: UTF8.self)
    #expect(path.contains("path: \"\(Graft.packageRoot)\""))
  }

  @Test func whatCannotBeIsSaid() throws {
    for name in ["graft", "9lives", "a--b", "a b", "ü"] {
      try Graft.expectFailure(64, ["new", "plugin", "\(folder.path)/\(name)"], says: ["cannot name a package"])
    }
    try Graft.expectFailure(
      66, ["new", "plugin", "\(folder.path)/mine", "--graft", folder.path], says: ["no package of Graft in"])
    #expect(folder.names.isEmpty)
  }
}
