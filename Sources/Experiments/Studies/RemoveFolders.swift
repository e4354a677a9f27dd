import Foundation
import Support

/// Removes those of the folders `names` that `run` holds.
func removeFolders(_ names: [String], in run: String) throws(GraftError) {
  for name in names {
    let path = "\(run)/\(name)"
    guard FileManager.default.fileExists(atPath: path) else { continue }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw GraftError(.inputOutput, "cannot remove '\(path)'", cause: error)
    }
  }
}
