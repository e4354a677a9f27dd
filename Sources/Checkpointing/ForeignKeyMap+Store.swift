import ModelKit
import Support

extension ForeignKeyMap {
  /// Reads all parameters of a store from a foreign checkpoint. Names and shapes are compared before anything is read.
  /// - Parameter heads: parameters that may be missing, which then keep their values; one of another shape counts as
  ///   missing. If there are any, the file's heads may be left over, and the first layer of a head for answers is
  ///   BERT's pooler, if the file has it.
  /// - Throws: `.badData` with all names that are missing, left over or of another shape, or with a copy of a
  ///   tied tensor that differs from it; `.internalError` naming a tensor with values that are not finite. The store's
  ///   values are then undefined.
  public func load(
    into store: ParameterStore, from weights: WeightFiles, replacing heads: Set<String> = []
  ) throws(GraftError) {
    try verify(weights, for: store.entries.map(\.declaration), replacing: heads)
    let sources = sources(in: weights)
    func isReplaced(_ parameter: ParameterEntry) -> Bool {
      guard heads.contains(parameter.name) else { return false }
      guard let (foreign, transform) = sources[parameter.name] else { return true }
      return (try? weights.description(of: foreign))?.shape != transform.foreignShape(of: parameter.shape)
    }
    let taken = store.entries.filter { !isReplaced($0) }.compactMap { parameter in
      sources[parameter.name].map { (parameter: parameter, foreign: $0.foreign, transform: $0.transform) }
    }
    // The parts of a tensor follow one another, so that it is read once.
    var whole: (name: String, tensor: LoadedTensor)?
    for (parameter, foreign, transform) in taken.sorted(by: { $0.foreign < $1.foreign }) {
      let values = store.values(of: parameter)
      if transform == .identity {
        try weights.read(foreign, shape: parameter.shape, into: values)
      } else {
        if whole?.name != foreign { whole = (foreign, try weights.tensor(foreign)) }
        guard let part = whole.flatMap({ transform.apply(to: $0.tensor) }) else { continue }
        _ = values.update(from: part.values)
      }
      try NotFinite.refuse(UnsafeBufferPointer(values), of: foreign, file: weights.path)
    }
    for parameter in store.entries where heads.contains(parameter.name) && sources[parameter.name] == nil {
      guard let name = Self.beginnings.first(where: { parameter.name.hasSuffix($0.head) })?.extra,
        let tensor = try extra(name, from: weights), tensor.shape == parameter.shape
      else { continue }
      let values = store.values(of: parameter)
      _ = values.update(from: tensor.values)
      try NotFinite.refuse(UnsafeBufferPointer(values), of: name, file: weights.path)
    }
    for copy in copies where !copy.isSpare && weights.contains(copy.foreign) {
      guard let parameter = store.entry(named: copy.name), let source = sources[copy.name]?.foreign,
        source != copy.foreign
      else { continue }
      let tied = try weights.tensor(copy.foreign).values
      try tied.withUnsafeBufferPointer { (values) throws(GraftError) in
        try NotFinite.refuse(values, of: copy.foreign, file: weights.path)
      }
      guard tied.elementsEqual(store.values(of: parameter)) else {
        throw GraftError(
          .badData, "'\(copy.foreign)' of '\(weights.path)' differs from '\(source)', which it is tied to",
          hint: "if the model keeps them apart, its config.json must say \"tie_word_embeddings\": false.")
      }
    }
  }

  /// From which of `extras` the parameters of a new head for answers begin, by how their names end.
  private static let beginnings: [(head: String, extra: String)] = [
    (".dense.weight", "pooler.weight"), (".dense.bias", "pooler.bias"),
    (".norm.weight", "pooler_norm.weight"),
  ]

  /// Compares names and shapes with those of a model's parameters.
  /// - Throws: `.badData` with all names that are missing, left over or of another shape.
  func verify(
    _ weights: WeightFiles, for parameters: [ParameterDeclaration], replacing heads: Set<String> = []
  ) throws(GraftError) {
    var report = report(on: weights, for: parameters, replacing: heads)
    if !heads.isEmpty {
      report.leftOver.removeAll { name in self.heads.contains { name.hasPrefix($0) } }
    }
    if let error = report.error(path: weights.path, map: self) { throw error }
  }

  private func report(
    on weights: WeightFiles, for parameters: [ParameterDeclaration], replacing heads: Set<String>
  ) -> ForeignKeyReport {
    var report = ForeignKeyReport()
    let sources = sources(in: weights)
    let entries = Dictionary(self.entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var used: Set<String> = []
    for parameter in parameters {
      guard let (foreign, transform) = sources[parameter.name],
        let description = try? weights.description(of: foreign)
      else {
        if heads.contains(parameter.name) { continue }
        report.missing.append(entries[parameter.name]?.foreign[0] ?? parameter.name)
        continue
      }
      used.insert(foreign)
      used.insert(weights.listedName(foreign))
      let expected = transform.foreignShape(of: parameter.shape)
      if description.shape != expected, !heads.contains(parameter.name) {
        report.misshapen.append((foreign, description.shape, expected))
      }
    }
    report.leftOver = weights.tensors.map(\.name).filter { !used.contains($0) && !allows($0) }
    // Three parameters may be parts of one tensor.
    var seen: Set<String> = []
    report.missing.removeAll { !seen.insert($0).inserted }
    seen = []
    report.misshapen.removeAll { !seen.insert($0.name).inserted }
    return report
  }

  /// The tensor of the file that each of our parameters comes from.
  private func sources(in weights: WeightFiles) -> [String: (foreign: String, transform: Transform)] {
    var found: [String: (foreign: String, transform: Transform)] = [:]
    for entry in entries {
      // A file that has a tied tensor once may have it under either name.
      let names = entry.foreign + copies.filter { $0.name == entry.name }.map(\.foreign)
      if let foreign = names.first(where: weights.contains) {
        found[entry.name] = (foreign, entry.transform)
      }
    }
    return found
  }

  /// A tensor that the model does not need, by our name; nil if the file has none.
  func extra(_ name: String, from weights: WeightFiles) throws(GraftError) -> LoadedTensor? {
    guard let entry = extras.first(where: { $0.name == name }),
      let foreign = entry.foreign.first(where: weights.contains)
    else { return nil }
    return entry.transform.apply(to: try weights.tensor(foreign))
  }

  /// A store's parameters under foreign names, to be written. What needs no rearranging is not copied: the store
  /// must stay alive and unchanged until `body` returns.
  /// - Parameter part: where the map's model stands in the store.
  /// - Throws: `.badData` naming a parameter that is missing or without a place; what `body` throws.
  func withForeignTensors(
    of store: ParameterStore, in part: StorePart, _ body: ([TensorSource]) throws(GraftError) -> Void
  ) throws(GraftError) {
    func parameter(_ name: String) -> ParameterEntry? {
      part.prefix.flatMap { store.entry(named: $0 + name) } ?? store.entry(named: name)
    }
    let names = Set(entries.map(\.name))
    let extra = store.entries.first { entry in
      !names.contains(entry.name) && !part.others.contains { entry.name.hasPrefix($0) }
    }
    if let extra, part.prefix == nil {
      throw GraftError(
        .badData, "the model has a parameter '\(extra.name)' that \(family) has no place for")
    }
    var sources: [TensorSource] = []
    var rearranged: [String: LoadedTensor] = [:]
    for entry in entries where entry.transform != .identity {
      guard let parameter = parameter(entry.name) else { continue }
      rearranged[entry.name] = LoadedTensor(
        shape: parameter.shape, values: Array(store.values(of: parameter)))
    }
    for entry in entries where entry.transform == .identity {
      guard let parameter = parameter(entry.name) else {
        throw GraftError(.badData, "the model has no parameter '\(entry.name)', which \(family) needs")
      }
      sources.append(
        TensorSource(
          name: entry.foreign[0], shape: parameter.shape,
          values: UnsafeBufferPointer(store.values(of: parameter))))
    }
    for copy in self.copies where copy.isSpare {
      guard let parameter = parameter(copy.name) else { continue }
      sources.append(
        TensorSource(
          name: copy.foreign, shape: parameter.shape, values: UnsafeBufferPointer(store.values(of: parameter))))
    }
    let others = ForeignKeyMap(
      family: family, entries: entries.filter { $0.transform != .identity }, ignoring: isIgnored)
    var copies: [UnsafeMutableBufferPointer<Float>] = []
    defer { for copy in copies { copy.deallocate() } }
    for (name, tensor) in try others.foreignTensors(from: rearranged) {
      let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.values.count)
      _ = copy.initialize(from: tensor.values)
      copies.append(copy)
      sources.append(TensorSource(name: name, shape: tensor.shape, values: UnsafeBufferPointer(copy)))
    }
    try body(sources)
  }
}
