import Checkpointing
import Families
import Foundation
import ModelKit
import Support
import Tokenization

/// Moves models between Graft's layout and that of transformers.
public enum ModelConversion {
  /// The two layouts, by what is written.
  public enum Target: String, Sendable {
    case checkpoint = "graft checkpoint"
    case huggingFace = "Hugging Face folder"
  }

  /// What was written.
  public struct Report: Sendable {
    public var target: Target
    public var configuration: ModelConfiguration
    /// How many values the parameters have.
    public var parameters: Int
    /// The class of transformers that loads a Hugging Face folder.
    public var architecture: String?
    /// Whether the model has a generator that was not written.
    public var leavesOutGenerator = false
  }

  /// Reads the model at `source`, whichever layout it has, and writes it in the other one. Values are copied bit by
  /// bit if they are stored as F32; 16-bit types are widened.
  /// - Parameter generator: whether the generator of an ELECTRA is meant, which to transformers is a model of its own.
  /// - Throws: what opening throws; `.usage` if something stands at `target` or the other library has no such model.
  public static func convert(
    _ source: String, to target: String, generator: Bool = false
  ) throws(GraftError) -> Report {
    let (saved, configuration, tokenizer) = try ModelFolder.open(source)
    // Before a large file is read.
    try DurableFolder.requireFree(target)
    // As it stands there; a vocabulary of an older form becomes a tokenizer.json.
    let isFile = saved.tokenizerPath.hasSuffix(".json")
    let tokenizerData = isFile ? try MappedFile(saved.tokenizerPath).data() : Data(tokenizer.jsonData())
    func load() throws(GraftError) -> ParameterStore {
      let declarations = try Families.make(configuration).declarations
      guard Double(declarations.count) * 4 < Double(ProcessInfo.processInfo.physicalMemory) else {
        throw GraftError(
          .badData, "a model of \(declarations.count) parameters does not fit this machine's memory",
          hint: "convert it on a larger one, if its config.json is right.")
      }
      let store = declarations.makeEmptyStore()
      try saved.load(into: store)
      return store
    }
    let companion = try configuration.traits().companion
    switch saved {
    case .checkpoint:
      guard !generator || companion != nil else { throw noGenerator(source) }
      let written = generator ? companion?.configuration ?? configuration : configuration
      let writer = try HuggingFaceWriter(
        written, tokenizer: tokenizerData,
        tokens: HuggingFaceTokens(tokenizer.vocabulary, name: tokenizer.token),
        prefix: generator ? companion?.prefix : nil)
      try writer.write(try load(), to: target)
      var report = Report(
        target: .huggingFace, configuration: written, parameters: try parameterCount(written),
        architecture: writer.architecture)
      report.leavesOutGenerator = companion != nil && !generator
      return report
    case .huggingFace(let folder):
      guard !generator else { throw noGenerator(source) }
      let store = try load()
      try CheckpointWriter(
        config: configuration, weights: store.tensorSources, tokenizer: tokenizerData,
        readme: convertedCard(folder, parameters: store.count)
      ).write(to: target)
      return Report(target: .checkpoint, configuration: configuration, parameters: store.count)
    }
  }

  private static func noGenerator(_ source: String) -> GraftError {
    GraftError(
      .usage, "'\(source)' is no checkpoint of an ELECTRA with its generator", hint: "leave out `generator:`.")
  }

  /// Of a model without the one that is trained beside it.
  private static func parameterCount(_ configuration: ModelConfiguration) throws(GraftError) -> Int {
    let companion = try configuration.traits().companion
    let alone = try Families.make(configuration).declarations.all.filter { parameter in
      companion.map { !parameter.name.hasPrefix($0.prefix) } ?? true
    }
    return alone.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }

  private static func convertedCard(_ folder: HuggingFaceFolder, parameters: Int) -> String {
    """
    # \(folder.modelType), \(parameters) parameters

    Converted by Graft \(GraftVersion.number) from the Hugging Face folder `\(folder.path)`.

    """
  }
}
