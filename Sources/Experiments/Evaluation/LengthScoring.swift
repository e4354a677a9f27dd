import Records
import Scoring
import Support
import TaskRegistry

/// Splits scores by how many words an example's texts have: what stands between spaces in the fields of its prompt, but
/// not what the task puts around them.
///
/// Buckets are equally wide, as narrow as leaves at most eight of them up to the length that one example in a hundred
/// exceeds; the last has all above it. Worked example: lengths 4, 9, 12, 28 and a hundred of 10 to 15 have buckets of 5
/// words: 1-5, 6-10, 11-15 and 16+, as fewer than one in a hundred is longer than 15.
public enum LengthScoring {
  /// The group that results name a bucket by.
  public static let group = "source-length"

  private static let (most, widths) = (8, [5, 10, 25, 50, 100, 250, 500, 1000])

  /// Words of the texts of an example.
  static func length(of example: Example, as task: TaskDefinition) -> Int {
    task.texts(of: example).reduce(0) { $0 + $1.split(whereSeparator: \.isWhitespace).count }
  }

  /// The name of each length's bucket, and all names that occur in the order of their lengths.
  static func buckets(_ lengths: [Int]) -> (names: [String], order: [String]) {
    guard !lengths.isEmpty else { return ([], []) }
    // The greatest that is not among the longest hundredth.
    let reach = max(1, lengths.sorted()[(lengths.count - 1) * 99 / 100])
    let width = widths.first { (reach + $0 - 1) / $0 <= most } ?? (reach + most - 1) / most
    let last = (reach + width - 1) / width
    let places = lengths.map { min((max(1, $0) + width - 1) / width, last + 1) }
    func name(_ place: Int) -> String {
      place > last ? "\(last * width + 1)+" : "\((place - 1) * width + 1)-\(place * width)"
    }
    return (places.map(name), Set(places).sorted().map(name))
  }

  /// A score per metric and bucket of a task's split.
  /// - Parameter examples: in the order of the report.
  static func groups(
    _ report: ScoreReport, task: TaskDefinition, _ examples: [Example]
  ) throws(GraftError) -> [GroupScore] {
    let (names, order) = buckets(examples.map { length(of: $0, as: task) })
    var groups: [GroupScore] = []
    for name in order {
      let indices = names.indices.filter { names[$0] == name }
      groups += try report.part(group, name, of: indices, task: task)
    }
    return groups
  }
}
