import Foundation
import Scoring
import Support

/// What a model made of every training example while it was trained: `dynamics.jsonl` in a run directory. The first
/// line names the examples, every further line is one measurement of all of them.
public struct TrainingDynamics: Sendable, Hashable {
  public static let fileName = "dynamics.jsonl"
  static let format = 1

  /// All examples at one time.
  public struct Measurement: Sendable, Hashable, Codable {
    /// After how many updates.
    public var step: Int
    /// Passes over the training examples so far.
    public var epoch: Double
    /// The probability of each example's right answer among its choices.
    public var gold: [Double]
    /// A character per example: `1` if the answer was right, else `0`.
    public var right: String
  }

  private struct Header: Codable {
    var format: Int
    var examples: [String]
  }

  /// Of the examples, `task/split/row`.
  public var identifiers: [String]
  public internal(set) var measurements: [Measurement] = []

  public init(identifiers: [String]) { self.identifiers = identifiers }

  /// - Throws: `.missingInput` without the file, `.badData` with the line that does not hold.
  public init(path: String) throws(GraftError) {
    let lines: [String]
    do throws(GraftError) {
      lines = try FileContents.lines(path).filter { !$0.isEmpty }
    } catch {
      guard error.code == .missingInput else { throw error }
      throw GraftError(
        .missingInput, "no training dynamics at '\(path)'",
        hint: "`graft finetune --dynamics` records them.", location: error.location)
    }
    func decoded<Value: Decodable>(_ type: Value.Type, _ index: Int) throws(GraftError) -> Value {
      do {
        return try JSONFile.value(type, in: lines[index].utf8)
      } catch {
        throw GraftError(
          .badData, "this is no line of training dynamics",
          location: SourceLocation(file: path, line: index + 1), cause: error)
      }
    }
    guard !lines.isEmpty else {
      throw GraftError(.badData, "the training dynamics are empty", location: SourceLocation(file: path))
    }
    let header = try decoded(Header.self, 0)
    guard header.format == Self.format else {
      throw GraftError(
        .badData, "training dynamics of format \(header.format); this graft reads \(Self.format)",
        location: SourceLocation(file: path, line: 1))
    }
    identifiers = header.examples
    guard Set(identifiers).count == identifiers.count else {
      throw GraftError(
        .badData, "an example stands twice in the training dynamics",
        location: SourceLocation(file: path, line: 1))
    }
    for index in lines.indices.dropFirst() {
      let measurement = try decoded(Measurement.self, index)
      guard measurement.gold.count == identifiers.count, measurement.right.utf8.count == identifiers.count
      else {
        throw GraftError(
          .badData,
          "\(measurement.gold.count) probabilities and \(measurement.right.utf8.count) answers for"
            + " \(identifiers.count) examples", location: SourceLocation(file: path, line: index + 1))
      }
      guard measurement.gold.allSatisfy({ (0...1).contains($0) }) else {
        throw GraftError(
          .badData, "a probability of training dynamics lies outside 0 to 1",
          location: SourceLocation(file: path, line: index + 1))
      }
      measurements.append(measurement)
    }
  }

  /// Writes all of it, atomically, so that a run that is stopped leaves whole measurements.
  public func write(to path: String) throws(GraftError) {
    var lines = JSONLines()
    try lines.append(Header(format: Self.format, examples: identifiers))
    for measurement in measurements { try lines.append(measurement) }
    try lines.write(to: path)
  }

  /// The examples as points of a map.
  /// - Throws: `.badData` without any measurement.
  public func map() throws(GraftError) -> DataMap {
    guard !measurements.isEmpty else {
      throw GraftError(
        .badData, "the training dynamics hold no measurement",
        hint: "the run was stopped before its first pass; go on with `resume:`.")
    }
    let right = measurements.map { Array($0.right.utf8) }
    return DataMap(
      identifiers.indices.map { index in
        DataMapPoint(
          identifier: identifiers[index], gold: measurements.map { $0.gold[index] },
          right: right.map { $0[index] == UInt8(ascii: "1") })
      }, measurements: measurements.count)
  }
}
