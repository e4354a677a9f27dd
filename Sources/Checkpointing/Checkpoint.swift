import Compute
import Foundation
import ModelKit
import Support

/// A checkpoint folder whose files are all there and have the hashes its manifest states.
public struct Checkpoint: Sendable {
  public let path: String
  public let manifest: CheckpointManifest
  public let weights: SafetensorsFile

  /// Opens a checkpoint and verifies every file.
  /// - Throws: `.missingInput` if there is no such folder; `.badData`, naming the file, if one is missing,
  ///   cut off or changed.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    manifest = try Self.verifiedManifest(of: path)
    weights = try SafetensorsFile("\(path)/\(CheckpointFile.weights)")
  }

  private static func verifiedManifest(of path: String) throws(GraftError) -> CheckpointManifest {
    guard FileContents.exists(path) else {
      throw GraftError(
        .missingInput, "there is no checkpoint '\(path)'",
        hint: "give a checkpoint's folder; those of a run are in its 'checkpoints' folder.")
    }
    let manifestPath = "\(path)/\(CheckpointManifest.fileName)"
    let manifest: CheckpointManifest
    do {
      manifest = try JSONFile.read(CheckpointManifest.self, from: manifestPath)
    } catch  where error.code == .missingInput {
      throw GraftError(
        .badData, "'\(path)' is not a complete checkpoint of graft: it has no \(CheckpointManifest.fileName)",
        hint: "use a folder that graft wrote; those of a run are in its 'checkpoints' folder.")
    } catch {
      throw damaged(path, "its \(CheckpointManifest.fileName) cannot be read", cause: error)
    }
    guard manifest.version == CheckpointManifest.currentVersion else {
      throw GraftError(
        .badData, "checkpoint '\(path)' has format version \(manifest.version)",
        hint: "this graft reads version \(CheckpointManifest.currentVersion); update graft.")
    }
    for name in CheckpointFile.required where manifest.files[name] == nil {
      throw damaged(path, "its manifest does not list '\(name)'")
    }
    for (name, stated) in manifest.files.sorted(by: { $0.key < $1.key }) {
      guard CheckpointFile.isPlainName(name) else {
        throw damaged(path, "its manifest lists '\(name)', which is not a file name")
      }
      let found: CheckpointManifest.File
      do {
        found = try CheckpointFile.fingerprint("\(path)/\(name)")
      } catch  where error.code == .missingInput {
        throw damaged(path, "'\(name)' is missing")
      }
      guard found.size == stated.size else {
        throw damaged(path, "'\(name)' has \(found.size) bytes where \(stated.size) were saved")
      }
      guard found.sha256 == stated.sha256 else {
        throw damaged(path, "'\(name)' was changed after it was saved (its SHA-256 differs)")
      }
    }
    return manifest
  }

  private static func damaged(_ path: String, _ reason: String, cause: (any Error)? = nil) -> GraftError {
    GraftError(
      .badData, "checkpoint '\(path)' is damaged: \(reason)", hint: "use the previous checkpoint.",
      cause: cause)
  }

  /// The model's configuration.
  /// - Throws: `.badData` with the key that does not fit.
  public func config<Config: Decodable>(_ type: Config.Type) throws(GraftError) -> Config {
    try JSONFile.read(type, from: "\(path)/\(CheckpointFile.config)")
  }

  /// The content of `tokenizer.json`.
  public func tokenizer() throws(GraftError) -> Data { try data(named: CheckpointFile.tokenizer) }
  public var tokenizerPath: String { "\(path)/\(CheckpointFile.tokenizer)" }

  /// The model that it is an adapter of; nil for a whole model.
  /// - Throws: `.badData` if the file does not say it.
  public func base() throws(GraftError) -> BaseReference? {
    guard isAdapter else { return nil }
    return try JSONFile.read(BaseReference.self, from: "\(path)/\(CheckpointFile.base)")
  }

  /// Whether it holds the parameters that are trained beside those of a base, and no others.
  public var isAdapter: Bool { manifest.files[CheckpointFile.base] != nil }

  /// Whether a run can go on from here.
  public var isResumable: Bool {
    manifest.files[CheckpointFile.trainingState] != nil && manifest.files[CheckpointFile.optimizer] != nil
  }

  /// - Throws: `.badData` if the checkpoint was saved without what training needs.
  public func optimizerState() throws(GraftError) -> SafetensorsFile {
    try requireResumable()
    return try SafetensorsFile("\(path)/\(CheckpointFile.optimizer)")
  }

  /// - Throws: `.badData` if the checkpoint was saved without what training needs, or by another engine, or if a
  ///   counter cannot be.
  public func trainingState<Details>(
    _ type: TrainingState<Details>.Type
  ) throws(GraftError) -> TrainingState<Details> {
    try requireResumable()
    let source = "\(path)/\(CheckpointFile.trainingState)"
    let state = try JSONFile.read(type, from: source)
    try state.validate(source: source)
    return state
  }

  /// A file that was added by name.
  /// - Throws: `.badData` if the manifest does not list it.
  public func data(named name: String) throws(GraftError) -> Data {
    guard manifest.files[name] != nil else {
      throw GraftError(.badData, "checkpoint '\(path)' has no file '\(name)'")
    }
    return try MappedFile("\(path)/\(name)").data()
  }

  private func requireResumable() throws(GraftError) {
    guard isResumable else {
      throw GraftError(
        .badData, "checkpoint '\(path)' holds a model but no training state",
        hint: "training cannot go on from it; start a new run from it instead.")
    }
  }

  /// Reads all parameters of a store; those of the base of an adapter stay as they are. Tensors of the file that the
  /// store does not have are an error, too.
  /// - Parameter heads: the parameters that may be missing or of another shape, which then keep their drawn values, or
  ///   left over.
  /// - Throws: `.badData` naming the tensor that is missing, left over or of another shape; `.internalError` naming one
  ///   with values that are not finite.
  public func load(into store: ParameterStore, replacing heads: Set<String> = []) throws(GraftError) {
    try verify(store.entries.map(\.declaration), replacing: heads)
    let read = store.entries.filter { !isAdapter || !$0.isFixed }
    for entry in read where !heads.contains(entry.name) || weights.shape(of: entry.name) == entry.shape {
      let values = store.values(of: entry)
      try weights.read(entry.name, shape: entry.shape, into: values)
      try NotFinite.refuse(UnsafeBufferPointer(values), of: entry.name, file: weights.path)
    }
  }

  /// Compares names and shapes with those of a model's parameters, before anything is allocated for them.
  /// - Throws: see `load`.
  public func verify(
    _ parameters: [ParameterDeclaration], replacing heads: Set<String> = []
  ) throws(GraftError) {
    let parameters = parameters.filter { !isAdapter || !$0.isFixed }
    for parameter in parameters where !heads.contains(parameter.name) {
      try weights.require(parameter.name, shape: parameter.shape)
    }
    let names = Set(parameters.map(\.name))
    if let extra = weights.tensors.first(where: { !names.contains($0.name) && !heads.contains($0.name) }) {
      throw GraftError(
        .badData, "'\(weights.path)' has a tensor '\(extra.name)' that the model does not",
        hint: "the configuration and the weights belong to different models.")
    }
  }
}

extension ParameterStore {
  /// All parameters but those of the base of an adapter, to be written.
  public func tensorSources(_ precision: Precision = .f32) -> [TensorSource] {
    entries.filter { !$0.isFixed }.map {
      TensorSource(
        name: $0.name, shape: $0.shape, values: UnsafeBufferPointer(values(of: $0)), type: TensorType(precision))
    }
  }
}
