import Support

extension WeightFiles {
  /// What wrappers put before the names of a model's tensors: DataParallel, torch.compile, Lightning, PEFT and
  /// sentence-transformers.
  private static let wrappers = ["module.", "_orig_mod.", "base_model.model.", "model.", "auto_model."]

  /// The same files with the names that the model itself gives its tensors: without what wrappers put before them, and
  /// also under the names that `__metadata__` says were left out because they share their memory with another.
  func withPlainNames() -> WeightFiles {
    var result = self
    var taken = Set(tensors.map(\.name))
    result.tensors = tensors.map { tensor in
      let plain = Self.plain(tensor.name)
      // Of two tensors that would have one name the second keeps its own, and is left over.
      guard plain != tensor.name, taken.insert(plain).inserted else { return tensor }
      result.realNames[plain] = tensor.name
      var renamed = tensor
      renamed.name = plain
      return renamed
    }
    for (alias, kept) in files.flatMap({ $0.metadata.sorted { $0.key < $1.key } }) where contains(kept) {
      let plain = Self.plain(alias)
      if taken.insert(plain).inserted { result.realNames[plain] = kept }
    }
    return result
  }

  /// The name that `tensors` has for a tensor, which may be known by others, too.
  func listedName(_ name: String) -> String { Self.plain(realNames[name] ?? name) }

  private static func plain(_ name: String) -> String {
    var name = Substring(name)
    while let wrapper = wrappers.first(where: name.hasPrefix) { name = name.dropFirst(wrapper.count) }
    return String(name)
  }
}
