import Foundation
import ModelKit
import Support

/// A checkpoint to be written. `model.safetensors` depends on nothing but the weights, so equal weights give
/// equal bytes.
public struct CheckpointWriter: Sendable {
  private enum Content: Sendable {
    case bytes(Data)
    case tensors([TensorSource])
    case custom(@Sendable (_ path: String) throws(GraftError) -> Void)
  }
  private var contents: [String: Content] = [:]

  /// - Parameters:
  ///   - config: the model's configuration, becomes `config.json`.
  ///   - weights: alive and unchanged until `write` returns.
  ///   - tokenizer: the content of `tokenizer.json`.
  ///   - roles: what special tokens are for that it does not show, the content of `special_tokens_map.json`; there is
  ///     no such file if there are none.
  ///   - readme: the model card, Markdown.
  ///   - base: the model that an adapter changes, whose parameters are not among `weights`; nil for a whole model.
  /// - Throws: `.internalError` if the configuration cannot be encoded.
  public init(
    config: some Encodable, weights: [TensorSource], tokenizer: Data, roles: [String: String] = [:], readme: String,
    base: BaseReference? = nil
  ) throws(GraftError) {
    if let base { contents[CheckpointFile.base] = .bytes(try JSONFile.encode(base)) }
    contents[CheckpointFile.config] = .bytes(try JSONFile.encode(config))
    contents[CheckpointFile.weights] = .tensors(weights)
    contents[CheckpointFile.tokenizer] = .bytes(tokenizer)
    if !roles.isEmpty { contents[CheckpointFile.roles] = .bytes(try JSONFile.encode(roles)) }
    contents[CheckpointFile.readme] = .bytes(Data(readme.utf8))
  }

  /// Adds what resuming needs.
  public mutating func setTraining<Details>(
    _ state: TrainingState<Details>, optimizer: [TensorSource]
  ) throws(GraftError) {
    contents[CheckpointFile.trainingState] = .bytes(try JSONFile.encode(state))
    contents[CheckpointFile.optimizer] = .tensors(optimizer)
  }

  /// Adds another file, hashed like the rest.
  /// - Precondition: a plain file name that no other file has.
  public mutating func add(_ bytes: Data, named name: String) {
    setContent(.bytes(bytes), named: name)
  }

  /// Adds a file that `write` creates at the path it is given.
  /// - Precondition: a plain file name that no other file has.
  public mutating func add(
    named name: String, _ write: @escaping @Sendable (_ path: String) throws(GraftError) -> Void
  ) {
    setContent(.custom(write), named: name)
  }

  private mutating func setContent(_ content: Content, named name: String) {
    precondition(
      CheckpointFile.isPlainName(name) && name != CheckpointManifest.fileName && contents[name] == nil,
      "'\(name)' cannot be the name of another file of a checkpoint")
    contents[name] = content
  }

  /// Writes the whole folder as a `DurableFolder`: a reader sees the old checkpoint or the new one.
  /// - Throws: `.internalError` naming a tensor with values that are not finite; `.inputOutput`, such as for a full
  ///   disk. Nothing saved before is touched.
  public func write(to path: String) throws(GraftError) {
    try requireFinite()
    try DurableFolder.replace(path) { (partial) throws(GraftError) in
      var files: [String: CheckpointManifest.File] = [:]
      for (name, content) in contents.sorted(by: { $0.key < $1.key }) {
        let target = "\(partial)/\(name)"
        switch content {
        case .bytes(let bytes): try AtomicFile.write(bytes, to: target)
        // transformers refuses weights that do not name the framework they are laid out for.
        case .tensors(let tensors):
          try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: target)
        case .custom(let write): try write(target)
        }
        files[name] = try CheckpointFile.fingerprint(target)
      }
      let manifest = CheckpointManifest(files: files)
      try JSONFile.write(manifest, to: "\(partial)/\(CheckpointManifest.fileName)")
    }
  }
}

extension CheckpointWriter {
  /// Looks at all tensors before anything is written.
  private func requireFinite() throws(GraftError) {
    for (_, content) in contents.sorted(by: { $0.key < $1.key }) {
      guard case .tensors(let tensors) = content else { continue }
      for tensor in tensors { try tensor.requireFinite() }
    }
  }
}

extension TensorSource {
  /// - Throws: `.internalError` with the tensor's name if a value is not finite.
  func requireFinite() throws(GraftError) {
    try NotFinite.refuse(
      values, of: name, in: "to be saved",
      hint: "lower the learning rate or lengthen the warm-up; what was saved before is intact.")
  }
}

/// The names of a checkpoint's files.
enum CheckpointFile {
  static let config = "config.json"
  static let weights = "model.safetensors"
  static let tokenizer = "tokenizer.json"
  static let roles = "special_tokens_map.json"
  static let readme = "README.md"
  static let base = "base.json"
  static let optimizer = "optimizer.safetensors"
  static let trainingState = "training-state.json"
  static let required = [config, weights, tokenizer]

  static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(0x2F) && !name.utf8.contains(0)
  }

  static func fingerprint(_ path: String) throws(GraftError) -> CheckpointManifest.File {
    CheckpointManifest.File(size: try MappedFile(path).bytes.count, sha256: try ContentHash.ofFile(path))
  }
}
