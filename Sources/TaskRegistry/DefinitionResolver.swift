import Scoring
import Support

/// Turns a merged file into a definition, checking what only the whole shows.
struct DefinitionResolver {
  let file: DefinitionFile

  func task() throws(GraftError) -> TaskDefinition {
    let identity = try identity()
    let inputs = try required(file.inputs, "inputs")
    let targets = try required(file.targets, "targets")
    let output = file.output ?? (file.choices == nil ? .text : .choices)
    if output == .choices, file.choices == nil {
      throw file.error("output", "a task with `output: choices` needs `choices`")
    }
    if output != .choices, file.choices != nil {
      throw file.error("choices", "a task with `output: \(output.rawValue)` has no `choices`")
    }
    if file.reference != nil, output != .number {
      throw file.error("reference", "`reference` is for `output: number`")
    }
    if file.alternatives != nil, output != .text {
      throw file.error("alternatives", "`alternatives` is for `output: text`")
    }
    let metricNames = try metrics(file.metricNames, of: output)
    if let choices = file.choices, choices.count != 2, metricNames.contains("f1") {
      throw file.error("metrics", "f1 is for two choices; there are \(choices.count)")
    }
    let choiceTemplates = try choiceTemplates()
    var task = TaskDefinition(
      dataSet: try dataSet(identity, metricNames), output: output, inputs: inputs, targets: targets,
      layout: file.layout,
      choiceTemplates: choiceTemplates, postprocess: file.postprocess, reference: file.reference,
      alternatives: file.alternatives ?? [], renderings: file.renderings)
    task.dataSet.source.choicesVary = task.choicesVary
    try checkTemplates(of: task)
    try checkGolden(splits: task.splitNames)
    return task
  }

  /// What tasks and suites have in common.
  private func dataSet(
    _ identity: (name: String, version: Int), _ metricNames: [String]
  ) throws(GraftError) -> DataSet {
    let source = try rowSource(owner: "\(file.kind.rawValue) '\(identity.name)'")
    try checkRelatedScores(source)
    return DataSet(
      name: identity.name, version: identity.version, tags: file.tags ?? [], metricNames: metricNames,
      contrasts: file.contrasts ?? [], averages: file.averages ?? [], seeds: file.seeds,
      provenance: file.provenance ?? [:],
      hash: hash(source, metricNames), path: file.path, source: source, preprocess: file.preprocess ?? [],
      golden: file.golden, counts: file.counts ?? [:])
  }

  private func hash(_ source: RowSource, _ metricNames: [String]) -> DefinitionHash {
    let heldOut = source.splitNames.filter { name in
      if case .heldOut? = source.splits[name] { true } else { false }
    }
    return DefinitionHash(
      of: file.canonical.text(splits: source.splitNames, heldOut: heldOut), former: former(source, metricNames))
  }

  /// The choices as templates; words without fields are templates, too.
  private func choiceTemplates() throws(GraftError) -> [TextTemplate]? {
    guard let choices = file.choices else {
      if file.postprocess != nil {
        throw file.error("postprocess", "a task with `postprocess` needs the `choices` it decides between")
      }
      return nil
    }
    var templates: [TextTemplate] = []
    for choice in choices { templates.append(try TextTemplate(choice, location: file.location("choices"))) }
    return templates
  }

  private func checkGolden(splits: [String]) throws(GraftError) {
    let renderings = file.renderings.keys.sorted()
    for golden in file.golden {
      for name in golden.renderings.keys.sorted() where !renderings.contains(name) {
        throw fileError(.unknownName("rendering", name, known: renderings, location: golden.location))
      }
      if let name = golden.split, !splits.contains(name) {
        throw fileError(.unknownName("split", name, known: splits, location: golden.location))
      }
    }
    for (name, count) in (file.counts ?? [:]).sorted(by: { $0.key < $1.key }) where !splits.contains(name) {
      throw fileError(.unknownName("split", name, known: splits, location: count.location))
    }
  }

  func suite() throws(GraftError) -> SuiteDefinition {
    let identity = try identity()
    let through = try required(file.through, "through")
    let choices = try required(file.choices, "choices")
    let collapse = file.collapse ?? [:]
    for (answer, label) in collapse.sorted(by: { $0.key < $1.key }) where !choices.containsExactly(label) {
      throw file.error(
        "collapse", "'\(answer)' collapses to '\(label)', which is none of the suite's choices",
        hint: "known: \(choices.joined(separator: ", ")).")
    }
    let metricNames = try metrics(file.metricNames ?? ["accuracy"], of: .choices)
    let dataSet = try dataSet(identity, metricNames)
    try checkGolden(splits: dataSet.source.splitNames)
    return SuiteDefinition(dataSet: dataSet, through: through, choices: choices, collapse: collapse)
  }

  /// A contrast or an average is of a group that some part has, and its name is none of another score.
  private func checkRelatedScores(_ source: RowSource) throws(GraftError) {
    var groups: Set<String> = []
    for split in source.splits.values {
      guard case .parts(let parts, _) = split else { continue }
      for part in parts { groups.formUnion((source.resolved(part).groups ?? [:]).keys) }
    }
    func check(_ name: String, of group: String, _ kind: String) throws(GraftError) {
      guard groups.contains(group) else {
        throw fileError(.unknownName("group", group, known: groups, location: file.location("\(kind)s")))
      }
      guard !Metrics.registry.names.contains(name), name != SetConsistency.name else {
        throw file.error("\(kind)s", "'\(name)' is the name of a metric", hint: "call the \(kind) otherwise.")
      }
    }
    for contrast in file.contrasts ?? [] { try check(contrast.name, of: contrast.group, "contrast") }
    for average in file.averages ?? [] {
      try check(average.name, of: average.group, "average")
      guard file.contrasts?.contains(where: { $0.name == average.name }) != true else {
        throw file.error("averages", "'\(average.name)' is the name of a contrast", hint: "call the average otherwise.")
      }
    }
  }

  // MARK: Checks

  private func identity() throws(GraftError) -> (name: String, version: Int) {
    (try required(file.name, file.kind.rawValue), try required(file.version, "version"))
  }

  private func required<Value>(_ value: Value?, _ key: String) throws(GraftError) -> Value {
    guard let value else {
      throw file.error(
        "", "the \(file.kind.rawValue) lacks the key '\(key)'", hint: "Docs/ADDING-A-TASK.md lists all keys.")
    }
    return value
  }

  /// The metric names with the primary one first.
  private func metrics(_ names: [String]?, of output: TaskOutput) throws(GraftError) -> [String] {
    let names = try required(names, "metrics")
    for name in names {
      let metric = try file.location("metrics")
        .locating { () throws(GraftError) in try Metrics.registry(name) }
      guard output.provides(metric.input) else {
        throw file.error(
          "metrics", "\(name) cannot score a task with `output: \(output.rawValue)`",
          hint: "Docs/METRICS.md says what every metric reads.")
      }
    }
    guard let primary = file.primaryMetric else { return names }
    guard names.contains(primary) else {
      throw file.error(
        "primaryMetric", "the primary metric '\(primary)' is none of the task's metrics",
        hint: "known: \(names.joined(separator: ", ")).")
    }
    return [primary] + names.filter { $0 != primary }
  }

  private func rowSource(owner: String) throws(GraftError) -> RowSource {
    let settings = try required(file.source, "source")
    var splits: [String: SplitSpecification] = [:]
    for (name, split) in file.splits { if let split { splits[name] = split } }
    let names = file.splitOrder.filter { splits[$0] != nil }
    guard !names.isEmpty else { throw file.error("splits", "the \(file.kind.rawValue) has no splits") }
    let source = RowSource(
      settings: settings, splits: splits, splitNames: names, choices: file.choices, owner: owner,
      origin: file.provenance?["origin"])
    for name in names {
      guard let split = splits[name] else { continue }
      switch split {
      case .heldOut(let origin, _, _):
        guard case .parts? = splits[origin] else {
          throw file.error(
            "splits.\(name)", "split '\(name)' is held out of '\(origin)', which is no split with files")
        }
        let total = names.reduce(0.0) { sum, other in
          if case .heldOut(origin, let share, _)? = splits[other] { sum + share } else { sum }
        }
        guard total < 1 else {
          throw file.error("splits.\(name)", "nothing is left of split '\(origin)'")
        }
      case .parts(let parts, let exclude):
        for part in parts { try check(part, of: source) }
        for other in exclude?.splits ?? [] {
          guard case .parts(_, nil)? = splits[other], other != name else {
            throw file.error(
              "splits.\(name)",
              "split '\(name)' excludes '\(other)', which is no split with files and without exclusions")
          }
        }
      }
    }
    return source
  }

  private func check(_ part: PartSpecification, of source: RowSource) throws(GraftError) {
    let settings = source.resolved(part)
    if case .rows = part.files {
      guard settings.format != nil else {
        throw GraftError(.badData, "the format of the file is not given", location: part.location)
      }
      guard settings.fields?.isEmpty == false || settings.patterns?.isEmpty == false else {
        throw GraftError(.badData, "the fields of the file are not given", location: part.location)
      }
      if settings.format == .xml, settings.records == nil {
        throw GraftError(
          .badData, "an XML file needs `records`, the name of the elements that are rows",
          location: part.location)
      }
    }
    let fields = source.fieldNames(of: part)
    let filtered = [settings.keep, settings.drop].flatMap { $0.map { Array($0.keys) } ?? [] }
    for field in filtered where !fields.contains(field) {
      throw fileError(.unknownName("field", field, known: fields, location: part.location))
    }
    let known = fields + (file.preprocess ?? []).flatMap(\.preprocessor.addedFields)
    for field in try settings.groupingFields() where !known.contains(field) {
      throw fileError(.unknownName("field", field, known: known, location: part.location))
    }
    if let choices = file.choices {
      for (raw, word) in (settings.labels ?? [:]).sorted(by: { $0.key < $1.key })
      where !choices.containsExactly(word) {
        let close = closestName(to: word, in: choices).map { "did you mean '\($0)'? " } ?? ""
        throw GraftError(
          .badData, "label '\(raw)' is mapped to '\(word)', which is none of the choices",
          hint: "\(close)known: \(choices.joined(separator: ", ")).", location: part.location)
      }
      if settings.unlabelled != true, !fields.contains(settings.labelField) {
        throw GraftError(
          .badData, "the rows have no label field '\(settings.labelField)'",
          hint: "add it to `fields`, name another with `label`, or say `unlabelled: true`.",
          location: part.location)
      }
    }
  }

  private func checkTemplates(of task: TaskDefinition) throws(GraftError) {
    let added = task.preprocess.flatMap(\.preprocessor.addedFields)
    // What is filled in, where it stands, and whether unlabelled rows need it, too.
    var templates: [(fields: [String], place: SourceLocation, isForAll: Bool)] = [
      (task.inputs.fields, file.location("inputs"), !task.isForRankingOnly),
      (task.targets.fields, file.location("targets"), false),
    ]
    for choice in task.choiceTemplates ?? [] {
      if choice.fields.contains(task.labelField) {
        throw file.error(
          "choices", "the choice '\(choice.text)' mentions the label, which is one of the choices")
      }
      templates.append((choice.fields, file.location("choices"), true))
    }
    for rendering in task.renderings.values {
      let isForAll = !rendering.inputs.fields.contains(task.labelField)
      templates.append((rendering.inputs.fields, rendering.location, isForAll))
      templates.append((rendering.targets?.fields ?? [], rendering.location, false))
    }
    if let reference = task.reference { templates.append(([reference], file.location("reference"), false)) }
    if let step = task.postprocess {
      templates.append((step.postprocessor.neededFields, file.location("postprocess"), true))
    }
    // Not every split has further right answers.
    for field in task.alternatives where !task.fieldNames.contains(field) {
      throw fileError(
        .unknownName("field", field, known: task.fieldNames, location: file.location("alternatives")))
    }
    for split in task.source.splits.values {
      guard case .parts(let parts, _) = split else { continue }
      for part in parts {
        let known = task.source.fieldNames(of: part) + added
        let isLabelled = task.source.resolved(part).unlabelled != true
        for template in templates where template.isForAll || isLabelled {
          for field in template.fields where !known.contains(field) {
            throw fileError(.unknownName("field", field, known: known, location: template.place))
          }
        }
      }
    }
  }

  private func fileError(_ error: GraftError) -> GraftError {
    var error = error
    error.code = .badData
    return error
  }
}
