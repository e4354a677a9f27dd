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
    /// The README.md; by default that of the fine-tuning run, of a checkpoint else the source's own, or what is known
    /// of it.
    public var card: String?
    /// Whether the generator of an ELECTRA is meant, which to transformers is a model of its own.
    public var generator = false
    /// Whether an adapter and its base become one model; else an adapter stays one, in the other layout.
    public var merge = false
    /// Where the base of an adapter is; nil for where the adapter says.
    public var base: String?

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
    /// Whether an adapter was written, without its base.
    public var isAdapter = false
    /// The base of an adapter that was written for PEFT, where transformers cannot read it.
    public var baseOfGraft: String?

    /// For people.
    public var layoutName: String {
      guard isAdapter else { return layout.name }
      return layout == .graft ? "graft adapter" : "PEFT adapter"
    }
  }

  /// Reads the model at `source`, whichever layout it has, and writes it. Values are copied bit by bit if they are
  /// stored as F32 and written so; 16-bit types are widened.
  /// - Throws: what opening throws; `.usage` if something stands at `target` or the other library has no such model.
  public static func convert(
    _ source: String, to target: String, _ options: Options = Options()
  ) throws(GraftError) -> Report {
    let (saved, whole, tokenizer) = try ModelFolder.open(source, base: options.base)
    // Before a large file is read.
    try DurableFolder.requireFree(target)
    if case .adapted(let adapted) = saved, !options.merge {
      return try convert(adapted, whole, to: target, options)
    }
    let layout = options.layout ?? (saved.isOfGraft ? .huggingFace : .graft)
    var configuration = whole
    if options.merge {
      guard configuration.lora != nil else {
        throw GraftError(.usage, "'\(source)' is a whole model, there is nothing to merge", hint: "leave `merge:` out.")
      }
      configuration.lora = nil
    }
    // As it stands there; a vocabulary of an older form becomes a tokenizer.json.
    let isFile = saved.tokenizerPath.hasSuffix(".json")
    let tokenizerData = isFile ? try MappedFile(saved.tokenizerPath).data() : Data(tokenizer.jsonData())
    let companion = try configuration.traits().companion
    guard !options.generator || companion != nil && layout == .huggingFace else { throw noGenerator(source) }
    switch layout {
    case .huggingFace:
      let written = options.generator ? companion?.configuration ?? configuration : configuration
      let writer = try HuggingFaceWriter(
        written,
        tokenizer: tokenizer.filesOfTransformers.map {
          HuggingFaceTokenizer(className: $0, files: $1.mapValues { Data($0) })
        } ?? HuggingFaceTokenizer(json: tokenizerData),
        tokens: HuggingFaceTokens(tokenizer.vocabulary, name: tokenizer.token),
        prefix: options.generator ? companion?.prefix : nil)
      let known = try runCard(of: source)?.modelCard(ofLibrary: "transformers")
      try writer.write(
        try store(of: saved, configuration), to: target, precision: options.precision, card: options.card ?? known)
      var report = Report(
        layout: layout, configuration: written, parameters: try parameterCount(written),
        architecture: writer.architecture)
      report.leavesOutGenerator = companion != nil && !options.generator
      return report
    case .graft:
      let store = try store(of: saved, configuration)
      let known = try runCard(of: source)
      let readme =
        if let card = options.card ?? known { card } else { try card(of: saved, parameters: store.count) }
      try CheckpointWriter(
        config: configuration, weights: store.tensorSources(options.precision), tokenizer: tokenizerData,
        roles: tokenizer.roles, readme: readme
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
    if case .adapted(let adapted) = saved, configuration.lora == nil {
      try adapted.loadMerged(into: store)
    } else {
      try saved.load(into: store)
    }
    return store
  }

  /// An adapter alone, in the layout that it does not have.
  private static func convert(
    _ adapted: AdaptedModel, _ configuration: ModelConfiguration, to target: String, _ options: Options
  ) throws(GraftError) -> Report {
    let layout = options.layout ?? (adapted.checkpoint == nil ? .graft : .huggingFace)
    let store = try store(of: .adapted(adapted), configuration)
    let trained = store.entries.reduce(0) { $0 + ($1.isFixed ? 0 : $1.count) }
    var report = Report(layout: layout, configuration: configuration, parameters: trained)
    report.isAdapter = true
    switch layout {
    case .huggingFace:
      guard options.precision == .f32 else {
        throw GraftError(.usage, "adapters are written in f32", hint: "leave `precision:` out.")
      }
      let card = if let card = options.card { card } else { try runCard(of: adapted.path) }
      report.architecture = try adapted.writeForPEFT(store, configuration, to: target, card: card)
      if adapted.base.isOfGraft { report.baseOfGraft = adapted.base.path }
    case .graft:
      let tokenizer = try Tokenizer(contentsOf: adapted.tokenizerPath)
      let known = try runCard(of: adapted.path)
      let readme = if let card = options.card ?? known { card } else { try adapted.card }
      try CheckpointWriter(
        config: configuration, weights: store.tensorSources(options.precision),
        tokenizer: Data(tokenizer.jsonData()), roles: tokenizer.roles, readme: readme,
        base: BaseReference(adapted.base, sha256: store.hashOfBase())
      ).write(to: target)
    }
    return report
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

  /// The card of the fine-tuning run that a model is of, which has its scores; nil where there is none.
  private static func runCard(of model: String) throws(GraftError) -> String? {
    for place in ModelHistory.runFolders(of: model) where FileManager.default.fileExists(atPath: "\(place)/README.md") {
      guard (try? RunManifest<RecordedFineTuning>.read(fromRun: place)) != nil else { continue }
      return String(decoding: try FileContents.read("\(place)/README.md"), as: UTF8.self)
    }
    return nil
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
    case .adapted(let adapted): return try adapted.card
    }
  }
}

extension String {
  /// A model card of Graft's as one of another library's: the metadata between its lines of dashes names that library,
  /// and the base of an adapter. Text without metadata stays as it is.
  func modelCard(ofLibrary library: String, base: String? = nil) -> String {
    guard hasPrefix("---\n"), let end = range(of: "\n---\n") else { return self }
    let lines = base.map { "base_model: \($0.yamlScalar)\n" } ?? ""
    let head = self[..<end.lowerBound].replacing("library_name: graft", with: "\(lines)library_name: \(library)")
    return String(head + self[end.lowerBound...])
  }
}
