import Families
import Microworld
import ModelKit
import Support
import Tokenization

/// A text, a tokenizer of it, and a member of each family of the table that computes in a moment.
public enum SmallModels {
  /// Some thousand sentences of the generated world.
  public static let text = Result { try Microworld(MicroworldOptions(corpusBytes: 30_000)).corpus() }

  /// Of bytes, with sentinels for every objective.
  public static let tokenizer = Result {
    try Tokenizer.train(
      documents: [text.get()], options: TokenizerTrainingOptions(vocabularySize: 420, sentinelCount: 24))
  }

  /// The families of the table whose models write.
  public static let writers = Families.registry.names.filter { name in
    (try? configuration(name).traits().writes) == true
  }

  /// The plain member of a family, for the tokenizer.
  public static func configuration(_ family: String) -> ModelConfiguration {
    let vocabularySize = (try? tokenizer.get().vocabulary.size) ?? 0
    let shape = ModelShape(width: 32, layers: 1, heads: 2, feedForward: 64, length: 64)
    let sizes = (try? Families.registry(family))?.sizes(of: shape) ?? [:]
    let configuration = ModelConfiguration(family: family, vocabularySize: vocabularySize, dropout: 0, sizes: sizes)
    return (try? configuration.completed()) ?? configuration
  }
}
