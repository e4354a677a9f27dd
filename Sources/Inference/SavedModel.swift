import Checkpointing
import Families
import Foundation
import ModelKit
import Support

/// A model in a file, Graft's or another library's.
public enum SavedModel: Sendable {
  case checkpoint(Checkpoint)
  case huggingFace(HuggingFaceFolder)

  /// - Throws: see `Checkpoint` and `HuggingFaceFolder`; `.badData` for a folder that is neither.
  public init(_ path: String) throws(GraftError) {
    if HuggingFaceFolder.isOne(path) {
      self = .huggingFace(try HuggingFaceFolder(path))
    } else if FileContents.exists("\(path)/\(CheckpointManifest.fileName)") {
      self = .checkpoint(try Checkpoint(path))
    } else {
      throw GraftError(
        .badData,
        "'\(path)' is neither a complete checkpoint of graft, which has a \(CheckpointManifest.fileName), nor a"
          + " Hugging Face folder, whose config.json has a 'model_type'",
        hint: "use a folder that graft or transformers' save_pretrained wrote.")
    }
  }

  public var path: String {
    switch self {
    case .checkpoint(let checkpoint): checkpoint.path
    case .huggingFace(let folder): folder.path
    }
  }

  public var tokenizerPath: String {
    switch self {
    case .checkpoint(let checkpoint): checkpoint.tokenizerPath
    case .huggingFace(let folder): folder.tokenizerPath
    }
  }

  /// By the names the file has.
  public var tensors: [TensorDescription] {
    switch self {
    case .checkpoint(let checkpoint): checkpoint.weights.tensors
    case .huggingFace(let folder): folder.weights.tensors
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
        }
      let count = NotFinite.count(values)
      if count > 0 { found.append((tensor, count)) }
    }
    return found
  }

  /// - Throws: `.badData` with the key that does not fit.
  public func configuration() throws(GraftError) -> ModelConfiguration {
    switch self {
    case .checkpoint(let checkpoint):
      let configuration = try checkpoint.config(ModelConfiguration.self)
      let source = "\(checkpoint.path)/config.json"
      let complete = try configuration.completed(source: source, strictly: false)
      try JSONFile.requireKeys(of: complete, in: source)
      return complete
    case .huggingFace(let folder): return folder.configuration
    }
  }

  /// Compares names and shapes with those of a model's parameters, heads aside, before anything is allocated for them.
  /// - Throws: `.badData` naming what is missing, left over or of another shape.
  func verify(_ declarations: ParameterDeclarations) throws(GraftError) {
    let heads = declarations.namesOfHeads
    switch self {
    case .checkpoint(let checkpoint): try checkpoint.verify(declarations.all, replacing: heads)
    case .huggingFace(let folder): try folder.verify(declarations.all, replacing: heads)
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
    }
  }
}
