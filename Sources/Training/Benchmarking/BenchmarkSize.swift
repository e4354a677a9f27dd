import Families
import ModelKit
import Objectives
import Support

/// A model and a batch of the benchmark; the letters are those of other tools' published figures.
public struct BenchmarkSize: Sendable, Hashable {
  public var name: String
  public var width: Int
  public var layers: Int
  public var heads: Int
  public var feedForward: Int
  public var vocabularySize: Int
  /// Tokens of a sequence.
  public var length: Int
  /// Sequences of an update.
  public var batch: Int

  public static let all = [
    BenchmarkSize(
      name: "S", width: 256, layers: 4, heads: 4, feedForward: 1024, vocabularySize: 8192, length: 128,
      batch: 32),
    BenchmarkSize(
      name: "M", width: 512, layers: 8, heads: 8, feedForward: 2048, vocabularySize: 16384, length: 256,
      batch: 16),
    BenchmarkSize(
      name: "L", width: 768, layers: 12, heads: 12, feedForward: 3072, vocabularySize: 32768, length: 512,
      batch: 4),
  ]

  /// - Throws: `.usage` for an unknown letter.
  public static func named(_ name: String) throws(GraftError) -> BenchmarkSize {
    guard let size = all.first(where: { $0.name == name }) else {
      throw .unknownName("size", name, known: all.map(\.name))
    }
    return size
  }

  /// The model of this size that is trained.
  /// - Parameter family: by default a T5 if `objective` can train one, whose objectives most are, else a GPT, else the
  ///   first of the table whose member of this shape it can train.
  /// - Throws: `.usage` for an unknown family, and where the objective cannot train it.
  func model(
    for objective: any PretrainingObjective, family: String?, dropout: Double
  ) throws(GraftError) -> ModelConfiguration {
    func member(_ family: any ModelFamily.Type) throws(GraftError) -> ModelConfiguration {
      let configuration = try ModelConfiguration(
        ModelShape(width: width, layers: layers, heads: heads, feedForward: feedForward, length: length),
        family: family, vocabularySize: vocabularySize, dropout: dropout)
      _ = try objective.loss(of: Families.make(configuration).backbone)
      return configuration
    }
    if let family { return try member(Families.registry(family)) }
    let found = Families.registry.entries.compactMap { try? member($0.plugin) }
    let usual = [T5.name, GPT.name].lazy.compactMap { name in found.first { $0.family == name } }
    if let found = usual.first ?? found.first { return found }
    throw GraftError(
      .usage, "\(type(of: objective).identifier) trains no family as the benchmark makes it",
      hint: "take another objective; `graft list objectives` shows all.")
  }
}
