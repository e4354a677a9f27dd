import ModelKit
import Support

extension AdapterLayout {
  /// What a folder adds to the layers of a model.
  /// - Throws: `.badData` naming a tensor that belongs to nothing, is missing, or has another shape or rank.
  public func adaptation(of folder: AdapterFolder) throws(GraftError) -> LowRankAdaptation {
    let weights = folder.weights
    var used: Set<String> = []
    var adapted: Set<String> = []
    for layer in layers {
      guard let module = module(of: layer, in: weights) else { continue }
      guard layer.transform.keepsInputs else { throw Self.unsupported(Self.tensor(module, "A"), weights) }
      adapted.insert(layer.name)
      used.formUnion([Self.tensor(module, "A"), Self.tensor(module, "B")])
      let shape = try weights.description(of: Self.tensor(module, "A")).shape
      guard shape.count == 2, shape[0] == folder.rank else {
        throw GraftError(
          .badData,
          "'\(Self.tensor(module, "A"))' of '\(weights.path)' has shape \(shape), expected \(folder.rank) rows",
          hint: "'r' in \(AdapterFolder.configName) is the rank of all layers.")
      }
    }
    used.formUnion(others.compactMap { tensor(of: $0, in: weights) })
    if let extra = weights.tensors.first(where: { !used.contains($0.name) }) {
      throw Self.unsupported(extra.name, weights)
    }
    guard !adapted.isEmpty else {
      throw GraftError(.badData, "'\(weights.path)' adapts no layer of the model", hint: "is it of another model?")
    }
    return LowRankAdaptation(
      rank: folder.rank, alpha: folder.alpha,
      targets: LowRankAdaptation.targets(meaning: adapted, of: layers.map(\.name)), dropout: folder.dropout,
      rankStabilized: folder.isRankStabilized)
  }

  private static func unsupported(_ name: String, _ weights: SafetensorsFile) -> GraftError {
    GraftError(
      .badData, "'\(name)' of '\(weights.path)' changes nothing that Graft can adapt in the model",
      hint: "linear layers between the states are, and the heads of a classifier; is it of another model?")
  }

  /// Our names of heads that a folder does not have: their values are those of the base.
  public func headsLacking(in folder: AdapterFolder) -> [String] {
    others.filter { tensor(of: $0, in: folder.weights) == nil }.map(\.name)
  }

  /// How many outputs the last layer of a classifier has; nil if the folder has none.
  public func outputs(of folder: AdapterFolder) throws(GraftError) -> Int? {
    guard let entry = others.first(where: { $0.name.hasSuffix(".output.weight") }),
      let name = tensor(of: entry, in: folder.weights)
    else { return nil }
    return try folder.weights.description(of: name).shape.first
  }

  /// Reads the adapter and the heads that the folder has.
  /// - Throws: `.badData` naming a tensor of another shape; `.internalError` naming one that is not finite.
  public func load(_ folder: AdapterFolder, into store: ParameterStore) throws(GraftError) {
    let weights = folder.weights
    func put(_ tensor: LoadedTensor?, _ foreign: String, into name: String) throws(GraftError) {
      guard let entry = store.entry(named: name) else { return }
      guard let tensor, tensor.shape == entry.shape else {
        throw GraftError(
          .badData, "'\(foreign)' of '\(weights.path)' does not have the shape of '\(name)', \(entry.shape)",
          hint: "the adapter belongs to another model.")
      }
      let values = store.values(of: entry)
      _ = values.update(from: tensor.values)
      try NotFinite.refuse(UnsafeBufferPointer(values), of: foreign, file: weights.path)
    }
    for layer in layers {
      guard let module = module(of: layer, in: weights) else { continue }
      let ours = LowRankAdaptation.layer(of: layer.name)
      let (down, up) = (Self.tensor(module, "A"), Self.tensor(module, "B"))
      try put(try weights.tensor(down), down, into: ours + LowRankAdaptation.downName)
      let whole = try weights.tensor(up)
      guard whole.shape.count == 2 else { throw Self.unsupported(up, weights) }
      try put(
        layer.transform.apply(to: Self.laidOut(whole, as: layer.transform)), up, into: ours + LowRankAdaptation.upName)
    }
    for entry in others {
      guard let name = tensor(of: entry, in: weights) else { continue }
      try put(entry.transform.apply(to: try weights.tensor(name)), name, into: entry.name)
    }
  }
}
