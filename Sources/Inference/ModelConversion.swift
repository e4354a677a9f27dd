import Checkpointing
import Compute
import Families
import Foundation
import ModelKit
import Support
import Tokenization

/// Moves models between Graft's layout and that of transformers.
public enum ModelConversion {
  /// The two layouts.
  public enum Layout: String, Sendable, CaseIterable {
    case graft
    case huggingFace = "huggingface"

    /// For people.
    public var name: String { self == .graft ? "graft checkpoint" : "Hugging Face folder" }
  }

  /// How a model is written.
  public struct Options: Sendable {
    /// By default the one that the source does not have.
    public var layout: Layout?
    /// Of the weights in the file; bf16 rounds to the nearest, ties to even.
    public var precision = Precision.f32
    /// The README.md of a checkpoint; by default the source's own, or what is known of it.
    public var card: String?
    /// Whether the generator of an ELECTRA is meant, which to transformers is a model of its own.
    public var generator = false

    public init() {}
  }

  /// What was written.
  public struct Report: Sendable {
    public var layout: Layout
    public var configuration: ModelConfiguration
    /// How many values the parameters have.
    public var parameters: Int
    /// The class of transformers that loads a Hugging Face folder.
    public var architecture: String?
    /// Whether the model has a generator that was not written.
    public var leavesOutGenerator = false
  }

  /// Reads the model at `source`, whichever layout it has, and writes it. Values are copied bit by bit if they are
  /// stored as F32 and written so; 16-bit types are widened.
  /// - Throws: what opening throws; `.usage` if something stands at `target` or the other library has no such model.
  public static func convert(
    _ source: String, to target: String, _ options: Options = Options()
  ) throws(GraftError) -> Report {
    let (saved, configuration, tokenizer) = try ModelFolder.open(source)
    // Before a large file is read.
    try DurableFolder.requireFree(target)
    let isCheckpoint = if case .checkpoint = saved { true } else { false }
    let layout = options.layout ?? (isCheckpoint ? .huggingFace : .graft)
    // As it stands there; a vocabulary of an older form becomes a tokenizer.json.
    let isFile = saved.tokenizerPath.hasSuffix(".json")
    let tokenizerData = isFile ? try MappedFile(saved.tokenizerPath).data() : Data(tokenizer.jsonData())
    let companion = try configuration.traits().companion
    guard !options.generator || companion != nil && layout == .huggingFace else { throw noGenerator(source) }
    switch layout {
    case .huggingFace:
      let written = options.generator ? companion?.configuration ?? configuration : configuration
      let writer = try HuggingFaceWriter(
        written, tokenizer: tokenizerData,
        tokens: HuggingFaceTokens(tokenizer.vocabulary, name: tokenizer.token),
        prefix: options.generator ? companion?.prefix : nil)
      try writer.write(try store(of: saved, configuration), to: target, precision: options.precision)
      var report = Report(
        layout: layout, configuration: written, parameters: try parameterCount(written),
        architecture: writer.architecture)
      report.leavesOutGenerator = companion != nil && !options.generator
      return report
    case .graft:
      let store = try store(of: saved, configuration)
      let readme = if let card = options.card { card } else { try card(of: saved, parameters: store.count) }
      try CheckpointWriter(
        config: configuration, weights: store.tensorSources(options.precision), tokenizer: tokenizerData,
        readme: readme
      ).write(to: target)
      return Report(layout: layout, configuration: configuration, parameters: store.count)
    }
  }

  private static func store(
    of saved: SavedModel, _ configuration: ModelConfiguration
  ) throws(GraftError) -> ParameterStore {
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

  private static func card(of saved: SavedModel, parameters: Int) throws(GraftError) -> String {
    switch saved {
    case .checkpoint(let checkpoint):
      return String(decoding: try FileContents.read("\(checkpoint.path)/README.md"), as: UTF8.self)
    case .huggingFace(let folder):
      return """
        # \(folder.modelType), \(parameters) parameters

        Converted by Graft \(GraftVersion.number) from the Hugging Face folder `\(folder.path)`.

        """
    }
  }
}
