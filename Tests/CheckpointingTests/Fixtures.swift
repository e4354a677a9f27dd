import Foundation
import Support
import TestSupport
import Testing

extension TestFolder {
  func file(_ name: String) -> String { "\(path)/\(name)" }
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
