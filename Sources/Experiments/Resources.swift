import Families
import Foundation
import ModelKit
import Support

/// Finds the tasks and presets that come with Graft: in the folder that `$GRAFT_HOME` names if it has them,
/// else within the executable.
public enum Resources {
  /// The variable of the environment that names the folder.
  public static let homeVariable = "GRAFT_HOME"

  /// A folder of definitions.
  public static var tasks: String { folder("Tasks") }
  /// A folder of presets.
  public static var presets: String { folder("Checkpoints/presets") }

  /// A folder of recipes.
  public static var recipes: String { folder("Checkpoints/recipes") }

  private static func folder(_ relative: String) -> String {
    let own = ProcessInfo.processInfo.environment[homeVariable].map { "\($0)/\(relative)" }
    guard let own, FileManager.default.fileExists(atPath: own) else { return BuiltInFiles.path(relative) }
    return own
  }

  /// In alphabetical order.
  public static var presetNames: [String] {
    let folder = presets
    let names =
      BuiltInFiles.isOne(folder)
      ? BuiltInFiles.paths(under: folder).map(Paths.name)
      : (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
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
