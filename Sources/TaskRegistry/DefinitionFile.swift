import Records
import Support

/// A task or suite file as written, before `extends` is resolved.
struct DefinitionFile: Sendable {
  enum Kind: String, Sendable { case task, suite }

  static let sharedKeys = [
    "version", "extends", "tags", "source", "splits", "preprocess", "choices", "metrics", "primaryMetric",
    "provenance", "golden", "counts", "contrasts", "averages", "seeds",
  ]
  static let taskKeys =
    ["task"] + sharedKeys + [
      "inputs", "targets", "output", "reference", "alternatives", "postprocess", "renderings",
      "layout",
    ]
  static let suiteKeys = ["suite"] + sharedKeys + ["through", "collapse"]

  var kind: Kind
  var path: String
  var name: String?
  var version: Int?
  var extends: String?
  var tags: [String]?
  var source: SourceSettings?
  /// nil for a split that is taken away from the base.
  var splits: [String: SplitSpecification?] = [:]
  var splitOrder: [String] = []
  var preprocess: [PreprocessorStep]?
  var inputs: TextTemplate?
  var targets: TextTemplate?
  var choices: [String]?
  var postprocess: PostprocessorStep?
  var renderings: [String: Rendering] = [:]
  var golden: [GoldenPrompt] = []
  var counts: [String: SplitCount]?
  var output: TaskOutput?
  var reference: String?
  var alternatives: [String]?
  var layout: TextLayout?
  var metricNames: [String]?
  var primaryMetric: String?
  var provenance: [String: String]?
  var through: String?
  var collapse: [ByteString: String]?
  var contrasts: [ContrastSpecification]?
  var averages: [AverageSpecification]?
  var seeds: Int?
  /// As read, its base's keys included once it is merged.
  private var record: [String: YAMLValue] = [:]
  /// What its hash is of.
  var canonical: CanonicalDefinition
  /// Where each key stands, for errors found once everything is merged; `""` is the file as a whole.
  var locations: [String: SourceLocation] = [:]

  init(path: String) throws(GraftError) {
    try self.init(YAMLValue.file(path), path: path)
  }

  init(_ root: YAMLValue, path: String) throws(GraftError) {
    self.path = path
    let entries = try root.entries()
    kind = entries.contains { $0.key == "suite" } ? .suite : .task
    let record = try root.record(
      "a \(kind.rawValue)", keys: kind == .task ? Self.taskKeys : Self.suiteKeys)
    canonical = try CanonicalDefinition(record)
    locations[""] = root.location
    for entry in entries { locations[entry.key] = entry.value.location }

    if let value = record[kind.rawValue] {
      let text = try value.string()
      guard Self.isName(text) else {
        throw value.error(
          "'\(text)' cannot name a \(kind.rawValue)", hint: "use lower-case letters, digits, '-' and '.'.")
      }
      name = text
    }
    if let value = record["version"] {
      let number = try value.integer()
      guard number >= 1 else { throw value.error("a version is 1 or more") }
      version = number
    }
    extends = try record["extends"]?.string()
    if let value = record["source"] {
      source = try SourceSettings(value.record("'source'", keys: SourceSettings.keys))
    }
    if let value = record["splits"] {
      for entry in try value.entries() {
        guard Self.isName(entry.key) else {
          throw GraftError(
            .badData, "'\(entry.key)' cannot name a split",
            hint: "use lower-case letters, digits, '-' and '.'.", location: entry.location)
        }
        splitOrder.append(entry.key)
        locations["splits.\(entry.key)"] = entry.location
        splits[entry.key] = .some(entry.value.isNull ? nil : try SplitSpecification(entry.value))
      }
    }
    if let value = record["renderings"] {
      for entry in try value.entries() { renderings[entry.key] = try Rendering(entry.value) }
    }
    if let value = record["golden"] {
      for element in try value.list() { golden.append(try GoldenPrompt(element)) }
    }
    self.record = record
    try readWhole()
  }

  /// Reads the keys whose values are a file's own or its base's as a whole.
  private mutating func readWhole() throws(GraftError) {
    tags = try record["tags"]?.strings()
    if let value = record["preprocess"] {
      var steps: [PreprocessorStep] = []
      for element in try value.list() { steps.append(try PreprocessorStep(element)) }
      preprocess = steps
    }
    inputs = try record["inputs"].map(Self.template)
    targets = try record["targets"].map(Self.template)
    choices = try record["choices"].map(Self.distinct)
    if let value = record["output"] {
      let text = try value.string()
      guard let known = TaskOutput(rawValue: text) else {
        let known = TaskOutput.allCases.map(\.rawValue).sorted()
        throw value.error(
          "'\(text)' is no kind of output", hint: "known: \(known.joined(separator: ", ")).")
      }
      output = known
    }
    if let value = record["layout"] {
      let text = try value.string()
      let layouts: [TextLayout] = [.continuation, .prompt]
      guard let known = layouts.first(where: { $0.rawValue == text }) else {
        let known = layouts.map(\.rawValue)
        throw value.error("'\(text)' is no layout", hint: "known: \(known.joined(separator: ", ")).")
      }
      layout = known
    }
    reference = try record["reference"]?.string()
    alternatives = try record["alternatives"].map(Self.distinct)
    postprocess = try record["postprocess"].map { (value) throws(GraftError) in try PostprocessorStep(value) }
    if let value = record["counts"] {
      var counts: [String: SplitCount] = [:]
      for entry in try value.entries() { counts[entry.key] = try SplitCount(entry.value) }
      self.counts = counts
    }
    metricNames = try record["metrics"].map(Self.distinct)
    primaryMetric = try record["primaryMetric"]?.string()
    if let value = record["provenance"] {
      provenance = try value.record(
        "'provenance'", keys: ["origin", "licence", "citation", "note"]
      ).compactMapValuesThrowing { (value) throws(GraftError) in try value.string() }
    }
    through = try record["through"]?.string()
    collapse = try record["collapse"]?.textMapping()
    if let value = record["contrasts"] {
      var contrasts: [ContrastSpecification] = []
      for element in try value.list() { contrasts.append(try ContrastSpecification(element)) }
      guard Set(contrasts.map(\.name)).count == contrasts.count else {
        throw value.error("two contrasts have the same name")
      }
      self.contrasts = contrasts
    }
    if let value = record["averages"] {
      var averages: [AverageSpecification] = []
      for element in try value.list() { averages.append(try AverageSpecification(element)) }
      guard Set(averages.map(\.name)).count == averages.count else {
        throw value.error("two averages have the same name")
      }
      self.averages = averages
    }
    if let value = record["seeds"] {
      let number = try value.integer()
      guard number >= 1 else { throw value.error("'seeds' is 1 or more") }
      seeds = number
    }
  }

  private static func template(_ value: YAMLValue) throws(GraftError) -> TextTemplate {
    try TextTemplate(value.string(), location: value.location)
  }

  private static func distinct(_ value: YAMLValue) throws(GraftError) -> [String] {
    let words = try value.strings()
    guard words.exactlyDistinct.count == words.count, !words.isEmpty else {
      throw value.error("the list must not be empty or repeat a word")
    }
    return words
  }

  static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-") && !text.hasPrefix(".")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// Keys that a base does not give, and those of which it gives parts.
  private static let ownKeys: Set<String> = ["task", "suite", "version", "extends", "golden"]
  private static let sharedInParts: Set<String> = ["source", "splits", "renderings"]

  /// This file's keys over those of its base.
  func over(_ base: DefinitionFile) throws(GraftError) -> DefinitionFile {
    var result = self
    result.record = base.record.filter { !Self.ownKeys.union(Self.sharedInParts).contains($0.key) }
    // Other rows, another number of them; the first of other metrics is another.
    if source != nil || !splits.isEmpty { result.record["counts"] = nil }
    if metricNames != nil { result.record["primaryMetric"] = nil }
    result.record.merge(record) { $1 }
    try result.readWhole()
    result.source = source?.over(base.source) ?? base.source
    for (name, split) in base.splits where result.splits[name] == nil { result.splits[name] = split }
    result.splitOrder = base.splitOrder + splitOrder.filter { !base.splitOrder.contains($0) }
    result.renderings = renderings.merging(base.renderings) { own, _ in own }
    result.canonical = canonical.over(base.canonical)
    result.locations.merge(base.locations) { own, _ in own }
    return result
  }

  func location(_ key: String) -> SourceLocation { locations[key] ?? SourceLocation(file: path) }

  func error(_ key: String, _ message: String, hint: String? = nil) -> GraftError {
    GraftError(.badData, message, hint: hint, location: location(locations[key] == nil ? "" : key))
  }
}

extension Dictionary {
  func compactMapValuesThrowing<Result>(
    _ transform: (Value) throws(GraftError) -> Result
  ) throws(GraftError) -> [Key: Result] {
    var result: [Key: Result] = [:]
    for (key, value) in self { result[key] = try transform(value) }
    return result
  }
}
