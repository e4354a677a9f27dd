import Checkpointing
import Foundation
import Support
import Training

/// One of the checkpoints that an evaluation is given.
public struct EvaluatedModel: Sendable {
  public var path: String
  /// The seed of its run, or its place in the list; nil if it is the only one.
  public var seed: UInt64?

  /// The checkpoints a person means: those given, and the seeds of a run with several.
  /// - Throws: `.inputOutput` for a folder that cannot be read.
  public static func all(_ paths: [String]) throws(GraftError) -> [EvaluatedModel] {
    var found: [String] = []
    for path in paths { found += try seeds(of: path) ?? [path] }
    guard found.count > 1 else { return found.map { EvaluatedModel(path: $0) } }
    let seeds = found.map { path in
      (try? RunManifest<FineTuningPlan>.read(fromRun: path))?.seed
    }
    let known = Set(seeds.compactMap { $0 })
    return found.enumerated().map { index, path in
      EvaluatedModel(path: path, seed: known.count == found.count ? seeds[index] : UInt64(index))
    }
  }

  /// The folders `seed-0`, `seed-1` … of a run; nil if the path is a model itself or has none of them.
  private static func seeds(of path: String) throws(GraftError) -> [String]? {
    let files = FileManager.default
    if ["run.json", "config.json", "model", "checkpoints"].contains(where: {
      files.fileExists(atPath: "\(path)/\($0)")
    }) {
      return nil
    }
    guard files.fileExists(atPath: path) else { return nil }
    let names: [String]
    do {
      names = try files.contentsOfDirectory(atPath: path)
    } catch {
      throw GraftError(.inputOutput, "cannot list the folder '\(path)'", cause: error)
    }
    let seeds = names.compactMap { name in
      name.hasPrefix("seed-") ? Int(name.dropFirst(5)).map { (number: $0, name: name) } : nil
    }
    guard !seeds.isEmpty else { return nil }
    return seeds.sorted { $0.number < $1.number }.map { "\(path)/\($0.name)" }
  }
}
