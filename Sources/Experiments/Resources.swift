import Families
import ModelKit
import Support

/// Finds the tasks and presets that come with Graft: in the folder that `$GRAFT_HOME` names if it has them,
/// else within the executable.
public enum Resources {
  /// A folder of definitions.
  public static var tasks: String { BuiltInFiles.folder("Tasks") }
  /// A folder of presets.
  public static var presets: String { BuiltInFiles.folder("Checkpoints/presets") }

  /// A folder of recipes.
  public static var recipes: String { BuiltInFiles.folder("Checkpoints/recipes") }

  /// The text of a recipe that comes with Graft.
  static func recipe(_ name: String) throws(GraftError) -> String {
    String(decoding: try FileContents.read("\(recipes)/\(name).yaml"), as: UTF8.self)
  }

  /// The scaling law that comes with Graft, of what `graft pretrain` does by itself (Docs/SCALING.md).
  static func scalingLaw() throws(GraftError) -> FittedScalingLaw {
    let path = "\(recipes)/scaling-law.json"
    do {
      return try JSONFile.value(FittedScalingLaw.self, in: FileContents.read(path))
    } catch {
      throw GraftError(.badData, "'\(path)' is no scaling law", location: SourceLocation(file: path), cause: error)
    }
  }

  /// In alphabetical order.
  public static var presetNames: [String] {
    BuiltInFiles.names(in: presets).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
  }

  /// A preset by name, or a file of the same form, for a vocabulary of a given size.
  public static func preset(_ name: String, vocabularySize: Int) throws(GraftError) -> ModelConfiguration {
    let path: String
    if name.hasSuffix(".json") {
      path = name
    } else if presetNames.contains(name) {
      path = "\(presets)/\(name).json"
    } else {
      throw .unknownName("backbone", name, known: presetNames, list: "graft list backbones")
    }
    var content = try FileContents.read(path)
    if content.starts(with: byteOrderMark) { content.removeFirst(byteOrderMark.count) }
    let preset: ModelPreset
    do {
      preset = try JSONFile.value(ModelPreset.self, in: content)
    } catch {
      throw GraftError(
        .badData, "'\(path)' is not a backbone preset", location: SourceLocation(file: path), cause: error)
    }
    return try ModelConfiguration(
      family: preset.family, vocabularySize: vocabularySize, dropout: 0, sizes: preset.sizes
    ).completed(source: path)
  }
}
