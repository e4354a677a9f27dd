import Foundation
import Support

/// The command of a study, which the runs in its folder keep as their own.
enum StudyCommand {
  private struct Manifest: Decodable { var arguments: [String] }

  /// - Parameters:
  ///   - name: `ablate`, `prefixes`, `transfer`.
  ///   - results: the study's `results.json`.
  ///   - fallback: further arguments for a study whose runs are gone.
  static func text(_ name: String, results: String, fallback: [String]) -> String {
    let folder = Paths.parent(of: results)
    return kept(name, folder, depth: 0).map(ShellCommand.text)
      ?? ShellCommand.graft([name] + fallback + ["--output", folder])
  }

  /// The arguments of the first run below a folder that has the command.
  private static func kept(_ name: String, _ folder: String, depth: Int) -> [String]? {
    if let content = FileManager.default.contents(atPath: "\(folder)/run.json"),
      let manifest = try? JSONFile.value(Manifest.self, in: content)
    {
      return manifest.arguments.dropFirst().first == name ? manifest.arguments : nil
    }
    // A run is a seed's folder in that of an arm, or a stage of it.
    guard depth < 4 else { return nil }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().lazy.compactMap { kept(name, "\(folder)/\($0)", depth: depth + 1) }.first
  }
}
