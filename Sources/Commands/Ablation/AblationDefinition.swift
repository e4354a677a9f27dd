import Checkpointing
import Foundation
import Support

/// What a directory of cells was made with: `grid.json` in it.
struct AblationDefinition: Codable, Sendable, Hashable {
  /// Must stay as it is, else cells could not be compared.
  var recipe: [String: String] = [:]
  /// Objectives, backbones and tasks by name: more may come, but none may change.
  var parts: [String: String] = [:]

  /// Records the definition in a directory, or checks it against what the directory holds.
  /// - Parameter recording: false to check only.
  /// - Throws: `.usage` that names what differs.
  func claim(_ directory: String, recording: Bool) throws(GraftError) {
    let path = "\(directory)/grid.json"
    var whole = self
    if FileManager.default.fileExists(atPath: path) {
      let earlier = try JSONFile.read(AblationDefinition.self, from: path)
      let keys = Set(recipe.keys).union(earlier.recipe.keys).sorted()
      let changed =
        keys.first { recipe[$0] != earlier.recipe[$0] }
        ?? parts.keys.sorted().first { earlier.parts[$0] != nil && earlier.parts[$0] != parts[$0] }
      if let changed {
        throw GraftError(
          .usage, "'\(directory)' belongs to another grid: '\(changed)' is not what it was",
          hint: "give another --output; only seeds, objectives, backbones and tasks can be added to a grid.")
      }
      whole.parts = earlier.parts.merging(parts) { $1 }
      if whole == earlier || !recording { return }
    }
    try JSONFile.write(whole, to: path)
  }
}
