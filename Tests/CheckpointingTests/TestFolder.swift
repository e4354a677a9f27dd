import Foundation
import Support
import Testing

/// A folder of its own for one test, gone afterwards.
final class TestFolder {
  let path: String

  init() throws {
    let base = FileManager.default.temporaryDirectory.appendingPathComponent("graft-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
    path = base.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
}

/// The fixtures' folder, found from this file.
func fixture(_ name: String, in part: String = "models", file: String = #filePath) -> String {
  URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/\(part)/\(name)").path
}

/// The error a body throws, or nil.
func error(of body: () throws -> Void) -> GraftError? {
  do {
    try body()
    return nil
  } catch { return error as? GraftError }
}
