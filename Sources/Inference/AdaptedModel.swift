import Checkpointing
import Families
import ModelKit
import Support

extension BaseReference {
  /// - Parameter sha256: of the parameters that an adapter's store takes from it.
  package init(_ base: SavedModel, sha256: String) {
    let released = ReleasedModels.names.first { ReleasedModels.path($0) == base.path }
    self.init(path: released ?? Paths.absolute(base.path), sha256: sha256)
  }
}

/// A model of which only an adapter and heads were trained and saved, in Graft's layout or in that of PEFT, with the
/// model that they were trained beside.
public struct AdaptedModel: Sendable {
  private enum Part {
    case checkpoint(Checkpoint, BaseReference)
    case folder(AdapterFolder, AdapterMap)
  }

  /// The model that stays as it is.
  public let base: SavedModel
  /// With the adapter.
  public let configuration: ModelConfiguration
  private let part: Part

  /// - Parameter base: in place of where the checkpoint says.
  /// - Throws: `.missingInput` if the base is not there.
  init(_ checkpoint: Checkpoint, _ reference: BaseReference, base path: String?) throws(GraftError) {
    base = try Self.open(path ?? reference.path, for: checkpoint.path, isGiven: path != nil)
    configuration = try SavedModel.configuration(of: checkpoint)
    part = .checkpoint(checkpoint, reference)
  }

  /// - Parameter base: in place of where the folder says.
  /// - Throws: `.missingInput` if the base is not there; `.badData` for an adapter that Graft does not compute.
  init(_ folder: AdapterFolder, base path: String?) throws(GraftError) {
    base = try Self.open(path ?? folder.basePath, for: folder.path, isGiven: path != nil)
    let map = try AdapterMap(folder, of: base)
    configuration = map.configuration
    part = .folder(folder, map)
  }

  private static func open(
    _ path: String?, for adapter: String, isGiven: Bool
  ) throws(GraftError) -> SavedModel {
    guard let path else {
      throw GraftError(
        .missingInput, "the adapter '\(adapter)' does not say which model it belongs to",
        hint: "give the model's folder: `base:`.")
    }
    var model: SavedModel
    do {
      model = try SavedModel(ModelFolder.resolve(path))
    } catch {
      var error = error
      if error.code == .missingInput, !isGiven {
        error.message = "the adapter '\(adapter)' belongs to the model '\(path)', which is not there"
        error.hint = "give the folder where it is: `base:`."
      }
      throw error
    }
    guard case .adapted = model else { return model }
    throw GraftError(
      .badData, "the base '\(path)' of the adapter '\(adapter)' is an adapter itself",
      hint: "`graft convert --merge` makes one model of it.")
  }

  public var path: String {
    switch part {
    case .checkpoint(let checkpoint, _): checkpoint.path
    case .folder(let folder, _): folder.path
    }
  }

  /// Of the adapter where it has one, else of the base.
  var tokenizerPath: String {
    switch part {
    case .checkpoint(let checkpoint, _): checkpoint.tokenizerPath
    case .folder: base.tokenizerPath
    }
  }

  /// The checkpoint of Graft's that has the adapter; nil for a folder of PEFT.
  public var checkpoint: Checkpoint? {
    if case .checkpoint(let checkpoint, _) = part { checkpoint } else { nil }
  }

  var tensors: [TensorDescription] {
    switch part {
    case .checkpoint(let checkpoint, _): checkpoint.weights.tensors
    case .folder(let folder, _): folder.weights.tensors
    }
  }

  func tensor(_ name: String) throws(GraftError) -> LoadedTensor {
    switch part {
    case .checkpoint(let checkpoint, _): try checkpoint.weights.tensor(name)
    case .folder(let folder, _): try folder.weights.tensor(name)
    }
  }

  func verify(_ parameters: [ParameterDeclaration], replacing heads: Set<String>) throws(GraftError) {
    try base.verify(parameters, replacing: base.notOfBase(parameters).union(heads))
    // Of a folder names and ranks were compared when it was opened.
    if case .checkpoint(let checkpoint, _) = part { try checkpoint.verify(parameters, replacing: heads) }
  }

  func load(into store: ParameterStore, replacing heads: Set<String>) throws(GraftError) {
    try base.loadBase(into: store, replacing: heads)
    switch part {
    case .checkpoint(let checkpoint, let reference):
      try reference.require(store, from: base.path, for: checkpoint.path)
      try checkpoint.load(into: store, replacing: heads)
    case .folder(_, let map): try map.load(into: store)
    }
  }
}
