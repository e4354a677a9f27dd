import Checkpointing
import Families
import Foundation
import ModelKit
import Support

/// A model in a file, Graft's or another library's.
public indirect enum SavedModel: Sendable {
  case checkpoint(Checkpoint)
  case huggingFace(HuggingFaceFolder)
  /// An adapter and the model it was trained beside.
  case adapted(AdaptedModel)

  /// - Parameter base: where the model of an adapter is; nil for where the adapter says.
  /// - Throws: see `Checkpoint` and `HuggingFaceFolder`; `.badData` for a folder that is neither; `.usage` for a base
  ///   of a model that has none.
  public init(_ path: String, base: String? = nil) throws(GraftError) {
    if AdapterFolder.isOne(path) {
      self = .adapted(try AdaptedModel(AdapterFolder(path), base: base))
      return
    }
    if HuggingFaceFolder.isOne(path) {
      self = .huggingFace(try HuggingFaceFolder(path))
    } else if FileContents.exists("\(path)/\(CheckpointManifest.fileName)") {
      let checkpoint = try Checkpoint(path)
      if let reference = try checkpoint.base() {
        self = .adapted(try AdaptedModel(checkpoint, reference, base: base))
        return
      }
      self = .checkpoint(checkpoint)
    } else {
      throw GraftError(
        .badData,
        "'\(path)' is neither a complete checkpoint of graft, which has a \(CheckpointManifest.fileName), nor a"
          + " Hugging Face folder, whose config.json has a 'model_type'",
        hint: "use a folder that graft or transformers' save_pretrained wrote.")
    }
    guard base == nil else {
      throw GraftError(
        .usage, "'\(path)' is a whole model and has no base", hint: "leave `base:` out; it is for adapters.")
    }
  }

  public var path: String {
    switch self {
    case .checkpoint(let checkpoint): checkpoint.path
    case .huggingFace(let folder): folder.path
    case .adapted(let adapted): adapted.path
    }
  }

  public var tokenizerPath: String {
    switch self {
    case .checkpoint(let checkpoint): checkpoint.tokenizerPath
    case .huggingFace(let folder): folder.tokenizerPath
    case .adapted(let adapted): adapted.tokenizerPath
    }
  }

  /// By the names the file has; of an adapter its own.
  public var tensors: [TensorDescription] {
    switch self {
    case .checkpoint(let checkpoint): checkpoint.weights.tensors
    case .huggingFace(let folder): folder.weights.tensors
    case .adapted(let adapted): adapted.tensors
    }
  }

  /// The tensors with values that are NaN or infinite, and how many each has. Reads all values.
  /// - Throws: `.badData` for a file that changed since it was opened.
  public func tensorsNotFinite() throws(GraftError) -> [(tensor: TensorDescription, count: Int)] {
    var found: [(tensor: TensorDescription, count: Int)] = []
    for tensor in tensors where tensor.type.isReadable {
      let values =
        switch self {
        case .checkpoint(let checkpoint): try checkpoint.weights.tensor(tensor.name).values
        case .huggingFace(let folder): try folder.weights.tensor(tensor.name).values
        case .adapted(let adapted): try adapted.tensor(tensor.name).values
        }
      let count = NotFinite.count(values)
      if count > 0 { found.append((tensor, count)) }
    }
    return found
  }

  /// - Throws: `.badData` with the key that does not fit.
  public func configuration() throws(GraftError) -> ModelConfiguration {
    switch self {
    case .checkpoint(let checkpoint): try Self.configuration(of: checkpoint)
    case .huggingFace(let folder): folder.configuration
    case .adapted(let adapted): adapted.configuration
    }
  }

  /// - Throws: `.badData` with the key that does not fit.
  static func configuration(of checkpoint: Checkpoint) throws(GraftError) -> ModelConfiguration {
    let configuration = try checkpoint.config(ModelConfiguration.self)
    let source = "\(checkpoint.path)/config.json"
    let complete = try configuration.completed(source: source, strictly: false)
    try JSONFile.requireKeys(of: complete, in: source)
    return complete
  }

  /// Compares names and shapes with those of a model's parameters, heads aside, before anything is allocated for them.
  /// - Throws: `.badData` naming what is missing, left over or of another shape.
  func verify(_ declarations: ParameterDeclarations) throws(GraftError) {
    try verify(declarations.all, replacing: declarations.namesOfHeads)
  }

  /// - Parameter heads: see `load`.
  /// - Throws: `.badData` naming what is missing, left over or of another shape.
  func verify(_ parameters: [ParameterDeclaration], replacing heads: Set<String>) throws(GraftError) {
    switch self {
    case .checkpoint(let checkpoint): try checkpoint.verify(parameters, replacing: heads)
    case .huggingFace(let folder): try folder.verify(parameters, replacing: heads)
    case .adapted(let adapted): try adapted.verify(parameters, replacing: heads)
    }
  }

  /// Reads all parameters of a model.
  /// - Parameter heads: the parameters of heads that may be missing, which then keep their drawn values, or left over.
  /// - Throws: `.badData` naming what is missing, left over or of another shape; `.internalError` naming a tensor with
  ///   values that are not finite.
  public func load(into store: ParameterStore, replacing heads: Set<String> = []) throws(GraftError) {
    switch self {
    case .checkpoint(let checkpoint): try checkpoint.load(into: store, replacing: heads)
    case .huggingFace(let folder): try folder.load(into: store, replacing: heads)
    case .adapted(let adapted): try adapted.load(into: store, replacing: heads)
    }
  }

  /// Reads what belongs to the base of an adapter; all else keeps its values.
  /// - Parameter heads: further parameters that may be left over.
  /// - Throws: as `load`.
  package func loadBase(into store: ParameterStore, replacing heads: Set<String> = []) throws(GraftError) {
    try load(into: store, replacing: notOfBase(store.entries.map(\.declaration)).union(heads))
  }

  /// The names that the files of a base need not have, and those that they may have besides.
  func notOfBase(_ parameters: [ParameterDeclaration]) throws(GraftError) -> Set<String> {
    try Families.make(configuration()).declarations.namesOfHeads
      .union(parameters.filter { !$0.isFixed }.map(\.name))
  }
}

extension SavedModel {
  /// Whether the files are in Graft's layout.
  var isOfGraft: Bool {
    switch self {
    case .checkpoint: true
    case .huggingFace: false
    case .adapted(let adapted): adapted.checkpoint != nil
    }
  }
}
