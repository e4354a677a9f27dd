import Foundation

/// Makes a folder and those above it, if they are not there.
/// - Throws: `.inputOutput`.
public func makeFolder(_ path: String) throws(GraftError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw GraftError(.inputOutput, "cannot make the folder '\(path)'", cause: error)
  }
}
