import Foundation

/// The package's folder, found from where this file was compiled.
let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// What `swift package dump-package` says. Unlike `describe` it neither resolves dependencies nor takes the
/// build's lock, so it works offline and inside `swift test`.
struct PackageDescription: Decodable {
  struct Target: Decodable {
    var name: String
    var type: String
    var path: String?
    var dependencies: [Dependency]

    /// Where its files are, from the package's root.
    var folder: String { path ?? (type == "test" ? "Tests/" : "Sources/") + name }
  }

  /// `{"byName": ["Support", null]}`, `{"target": ["Support", null]}` or
  /// `{"product": ["Crypto", "swift-crypto", null, null]}`.
  struct Dependency: Decodable {
    var name: String

    private enum Key: String, CodingKey { case byName, target, product }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      if var product = try? container.nestedUnkeyedContainer(forKey: .product) {
        let name = try product.decode(String.self)
        let package = try product.decodeIfPresent(String.self)
        self.name = package.map { "\($0)/\(name)" } ?? name
      } else {
        var list = try container.nestedUnkeyedContainer(
          forKey: container.contains(.byName) ? .byName : .target)
        name = try list.decode(String.self)
      }
    }
  }

  struct Product: Decodable {
    var name: String
    var targets: [String]
  }

  var targets: [Target]
  var products: [Product]

  static func read() throws -> PackageDescription {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: scratch) }
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    // Into files: a pipe that nobody empties would block the child.
    let output = scratch.appendingPathComponent("package.json")
    let errors = scratch.appendingPathComponent("errors.txt")
    FileManager.default.createFile(atPath: output.path, contents: nil)
    FileManager.default.createFile(atPath: errors.path, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "swift", "package", "--package-path", packageRoot.path, "--scratch-path", scratch.path, "dump-package",
    ]
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: try String(contentsOf: errors, encoding: .utf8))
    }
    return try JSONDecoder().decode(PackageDescription.self, from: Data(contentsOf: output))
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }
}
