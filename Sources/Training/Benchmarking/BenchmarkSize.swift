import Families
import ModelKit
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

  /// The model that `objective` trains at this size.
  /// - Throws: `.usage` for an objective that has no benchmark.
  func model(for objective: String, dropout: Double) throws(GraftError) -> ModelConfiguration {
    let families = ["causal-lm": "gpt", "masked-lm": "bert", "span-corruption": "t5"]
    guard let family = families[objective] else {
      throw .unknownName("objective of the benchmark", objective, known: families.keys.sorted())
    }
    return try ModelConfiguration(
      ModelShape(width: width, layers: layers, heads: heads, feedForward: feedForward, length: length),
      family: Families.registry(family), vocabularySize: vocabularySize, dropout: dropout)
  }
}
