import Foundation
import Scoring
import Support
import TaskRegistry
import Training

/// The map of a training set: of a run that recorded its dynamics, or of the folder that `graft cartography` wrote to.
public struct MappedTraining {
  public static let fileName = "cartography.jsonl"

  var name: String
  var map: DataMap
  /// Of the command that draws the map, without where the data is.
  var arguments: [String]

  /// - Parameter path: a run directory with `dynamics.jsonl`; without, there is no map.
  init?(run path: String) throws(GraftError) {
    let file = "\(path)/\(TrainingDynamics.fileName)"
    guard FileManager.default.fileExists(atPath: file) else { return nil }
    let dynamics = try TrainingDynamics(path: file)
    guard !dynamics.measurements.isEmpty else { return nil }
    name = path
    map = try dynamics.map()
    arguments = ["cartography", path]
  }

  /// - Parameter path: a folder with `cartography.jsonl`.
  init(folder path: String) throws(GraftError) {
    let file = "\(path)/\(Self.fileName)"
    var points: [DataMapPoint] = []
    for (index, line) in try FileContents.lines(file).enumerated() where !line.isEmpty {
      do {
        points.append(try JSONFile.value(DataMapPoint.self, in: line.utf8))
      } catch {
        throw GraftError(
          .badData, "this is no point of a map", hint: "`graft cartography RUN` writes such files.",
          location: SourceLocation(file: file, line: index + 1), cause: error)
      }
    }
    name = path
    map = DataMap(points, measurements: try Self.measurements(path, points))
    arguments = ["cartography", "RUN", "--output", path]
  }

  /// How often the examples were measured, as the subsets beside the map say; without them, as often as the example
  /// that was right most often.
  private static func measurements(_ path: String, _ points: [DataMapPoint]) throws(GraftError) -> Int {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    for name in names where name.hasPrefix("subsets-") && name.hasSuffix(".json") {
      let words = try ExampleSubsets.read("\(path)/\(name)").made.split(separator: " ")
      if let place = words.firstIndex(of: "measurements"), place > 0, let count = Int(words[place - 1]) {
        return count
      }
    }
    return max(1, points.map(\.correctness).max() ?? 1)
  }
}
