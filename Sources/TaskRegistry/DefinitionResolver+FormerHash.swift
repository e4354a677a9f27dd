import Support

extension DefinitionResolver {
  /// What was hashed of a definition before `CanonicalDefinition`, by which runs, results and subsets of then name it.
  /// Nothing is added here: a key that came later is in the hash that took its place.
  func former(_ source: RowSource, _ metricNames: [String]) -> String {
    var text = ["\(file.kind.rawValue) \(file.name ?? "") version \(file.version ?? 0)"]
    switch file.kind {
    case .task:
      let output = file.output ?? (file.choices == nil ? .text : .choices)
      text += [
        "inputs \((file.inputs?.text ?? "").debugDescription)",
        "targets \((file.targets?.text ?? "").debugDescription)",
        "output \(output.rawValue)", "reference \(file.reference ?? "")",
      ]
    case .suite:
      let collapse = (file.collapse ?? [:]).sorted { $0.key < $1.key }
      text.append("collapse \(collapse.map { "\($0.key):\($0.value)" })")
    }
    text.append("metrics \(metricNames)")
    text += (file.contrasts ?? []).map { "contrast \($0.description)" }
    if file.kind == .task {
      if let step = file.postprocess { text.append("postprocess \(step.description)") }
      if let fields = file.alternatives { text.append("alternatives \(fields)") }
      if let layout = file.layout { text.append("layout \(layout.rawValue)") }
    }
    text.append("choices \(file.choices ?? [])")
    text += (file.preprocess ?? []).map { "preprocess \($0.description)" }
    for name in source.splitNames {
      switch source.splits[name] {
      case .heldOut(let origin, let share, let fields):
        text.append("split \(name) heldOutOf \(origin) share \(share) by \(sorted(fields))")
      case .parts(let parts, let exclude):
        text.append("split \(name) exclude \(exclude?.splits ?? []) by \(sorted(exclude?.fields))")
        for part in parts { text.append(former(part, source.resolved(part))) }
      case nil: break
      }
    }
    return text.joined(separator: "\n")
  }

  private func former(_ part: PartSpecification, _ settings: SourceSettings) -> String {
    func mapping<Key>(_ mapping: [Key: String]?) -> [String] {
      (mapping ?? [:]).map { "\($0.key):\($0.value)" }.sortedByBytes
    }
    func lists(_ mapping: [String: [String]]?) -> [String] {
      (mapping ?? [:]).map { "\($0.key):\($0.value.sortedByBytes)" }.sortedByBytes
    }
    let files =
      switch part.files {
      case .rows(let file): "file \(file)"
      case .aligned(let files): "lines \(mapping(files))"
      }
    let rows = part.rows.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "all"
    var further: [String] = []
    if let encoding = settings.encoding { further.append("encoding \(encoding.rawValue)") }
    if let records = settings.records { further.append("records \(records)") }
    if let patterns = settings.patterns {
      further.append("patterns \(mapping(patterns.mapValues(\.text)))")
    }
    if let lists = settings.groupLists, !lists.isEmpty {
      further.append("group lists \(mapping(lists.mapValues { $0.separator ?? "lines" }))")
    }
    if let set = settings.set { further.append("set \(set.description)") }
    if let constants = settings.constants { further.append("constants \(mapping(constants))") }
    return
      ([
        "part", files, "rows \(rows)", "folder \(settings.folder?.name ?? "")",
        "format \(settings.format?.rawValue ?? "")", "header \(settings.header ?? true)",
        "quoted \(settings.isQuoted)", "fields \(mapping(settings.fields))",
        "groups \(mapping(settings.groups))", "label \(settings.labelField)",
        "labels \(settings.labels == nil ? "none" : "\(mapping(settings.labels))")",
        "keep \(lists(settings.keep))", "drop \(lists(settings.drop))",
        "unlabelled \(settings.unlabelled ?? false)",
      ] + further).joined(separator: " | ")
  }

  private func sorted(_ fields: [String]?) -> String { fields.map { "\($0.sorted())" } ?? "all" }
}
