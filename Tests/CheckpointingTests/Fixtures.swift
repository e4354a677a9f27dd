import Foundation
import Support
import TestSupport
import Testing

extension TestFolder {
  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// The error a body throws, or nil.
func error(of body: () throws -> Void) -> GraftError? {
  do {
    try body()
    return nil
  } catch { return error as? GraftError }
}
