import Support

/// Small pretrained models that come with Graft, each a checkpoint with its card (`README.md`) in a folder of
/// `Checkpoints/models`, within the executable or below `$GRAFT_HOME`.
public enum ReleasedModels {
  /// The folder of them all.
  public static var folder: String { BuiltInFiles.folder("Checkpoints/models") }

  /// In alphabetical order.
  public static var names: [String] {
    let folder = folder
    return BuiltInFiles.names(in: folder).filter { FileContents.exists("\(folder)/\($0)/config.json") }
  }

  /// The checkpoint of a name; nil if there is none.
  public static func path(_ name: String) -> String? { names.contains(name) ? "\(folder)/\(name)" : nil }
}
