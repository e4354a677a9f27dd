import Corpus
import Foundation
import Objectives
import Support
import TaskRegistry
import Training

extension AblationConfiguration {
  private static let keys = [
    "version", "tokenizer", "corpora", "sequence-length", "merged", "cleaning", "document-boundary",
    "text-field",
    "held-out-fraction", "held-out-windows", "embeddings", "budget", "seeds", "objectives", "backbones",
    "baseline", "pretraining", "finetuning",
  ]

  /// Reads a grid.
  ///
  /// - Parameter data: where files are looked for that are not beside the configuration.
  /// - Throws: `.badData` with line and column; `.missingInput` without the file.
  public init(contentsOf path: String, data: DataRoot) throws(GraftError) {
    let root = try YAMLValue.file(path)
    let record = try root.record("a grid", keys: Self.keys)
    func required(_ key: String) throws(GraftError) -> YAMLValue {
      guard let value = record[key] else {
        throw root.error("'\(key)' is missing", hint: "Docs/ABLATE.md has an example.")
      }
      return value
    }
    guard try required("version").integer() == 1 else {
      throw try required("version").error("unknown version", hint: "this graft reads version 1.")
    }
    let files = FileFinder(folder: Paths.parent(of: path), data: data)
    self.path = path
    tokenizer = files.path(try required("tokenizer").string())
    (corpora, taskTexts) = ([], [])
    for value in try required("corpora").nonEmptyList() {
      var share = CorpusShare(path: "")
      if value.isMapping {
        let entry = try value.record("a corpus", keys: ["path", "task-text", "repetition"])
        share.repetition = try entry["repetition"]?.positive() ?? 1
        guard (entry["path"] == nil) != (entry["task-text"] == nil) else {
          throw value.error("a corpus has either a 'path' or a 'task-text'")
        }
        if let task = entry["task-text"] {
          share.path = try task.string()
          taskTexts.append(share)
          continue
        }
        share.path = files.path(try entry["path"]?.string() ?? "")
      } else {
        share.path = files.path(try value.string())
      }
      corpora.append(share)
    }
    budget = try Self.budget(required("budget"))
    seeds = []
    for value in try required("seeds").nonEmptyList() {
      guard let seed = UInt64(exactly: try value.integer()) else { throw value.error("a seed is 0 or more") }
      guard !seeds.contains(seed) else { throw value.error("the seed \(seed) stands twice") }
      seeds.append(seed)
    }
    objectives = try Self.objectives(required("objectives"))
    backbones = try Self.backbones(
      required("backbones"), pretraining: Self.pretraining(record["pretraining"]), files)
    fineTuning = try AblationFineTuning(required("finetuning"))
    baseline = try Self.baseline(required("baseline"), objectives.map(\.name), backbones.map(\.name))
    try readOptions(record)
  }

  /// The settings of a pretraining run that is not told otherwise.
  private static func pretraining(_ section: YAMLValue?) throws(GraftError) -> TrainingSettings {
    var settings = TrainingSettings().ofStage()
    if let section {
      try settings.read(section, section.record("'pretraining'", keys: TrainingSettings.yamlKeys), for: .pretraining)
    }
    return settings
  }

  private static func backbones(
    _ list: YAMLValue, pretraining: TrainingSettings, _ files: FileFinder
  ) throws(GraftError) -> [AblationPreset] {
    var backbones: [AblationPreset] = []
    for value in try list.nonEmptyList() {
      let entry = value.isMapping ? try value.record("a backbone", keys: ["preset", "pretraining"]) : [:]
      guard let named = value.isMapping ? entry["preset"] : value else {
        throw value.error("'preset' is missing", hint: "`graft list backbones` shows all.")
      }
      let text = try named.string()
      let isFile = text.hasSuffix(".json")
      let name = isFile ? String(Paths.name(of: text).dropLast(5)) : text
      try value.requireName(name, among: backbones.map(\.name), kind: "backbone")
      var settings = pretraining
      if let changes = entry["pretraining"] {
        try settings.read(changes, changes.record("'pretraining'", keys: TrainingSettings.yamlKeys), for: .pretraining)
      }
      backbones.append(
        AblationPreset(
          name: name, preset: isFile ? files.path(text) : text, settings: settings, location: value.location))
    }
    return backbones
  }

  private mutating func readOptions(_ record: [String: YAMLValue]) throws(GraftError) {
    if let value = record["sequence-length"] { sequenceLength = try value.integer() }
    if let value = record["merged"] { merged = try value.boolean() }
    if let value = record["cleaning"] {
      let text = try value.string()
      cleaning = text
      _ = try value.location.locating { () throws(GraftError) in try CleaningOptions.named(text) }
    }
    if let value = record["document-boundary"] { documentBoundary = try value.choice("document boundary") }
    if let value = record["text-field"] { textField = try value.string() }
    if let value = record["held-out-fraction"] { heldOutFraction = try value.number() }
    if let value = record["held-out-windows"] { heldOutWindows = try value.integer() }
    if let value = record["embeddings"] { embeddings = try value.choice("embeddings") }
  }

  private static func budget(_ value: YAMLValue) throws(GraftError) -> AblationBudget {
    let record = try value.record("'budget'", keys: ["tokens", "flops", "time"])
    guard record.count == 1, let (key, amount) = record.first else {
      throw value.error(
        "a grid has one budget, this one has \(record.count)",
        hint: "give one of tokens, flops and time: the other two are measured and printed.")
    }
    let text = try amount.string()
    if key == "time" {
      guard let time = TimeBudget(argument: text) else {
        throw amount.error("'\(text)' is no length of time", hint: "write 90s, 45m or 1.5h.")
      }
      return .seconds(time.seconds)
    }
    guard let quantity = Quantity(argument: text) else {
      throw amount.error("'\(text)' is no positive number", hint: "write 40K, 20M, 2e14 or 1.5G.")
    }
    return key == "tokens" ? .tokens(quantity.value) : .operations(quantity.value)
  }

  private static func objectives(_ list: YAMLValue) throws(GraftError) -> [AblationObjective] {
    var objectives: [AblationObjective] = []
    for value in try list.nonEmptyList() {
      guard value.isMapping else {
        let name = try value.string()
        // It is there anyway.
        if name == AblationObjective.none { continue }
        _ = try value.location.locating { () throws(GraftError) in try Objectives.registry(name) }
        try value.requireName(name, among: objectives.map(\.name), kind: "objective")
        objectives.append(AblationObjective(name: name, identifier: name, parameters: [:]))
        continue
      }
      guard let named = try value.entries().first(where: { $0.key == "objective" })?.value else {
        throw value.error("'objective' is missing", hint: "`graft list objectives` shows all.")
      }
      let identifier = try named.string()
      let type = try named.location.locating { () throws(GraftError) in try Objectives.registry(identifier) }
      let record = try value.record(
        "an objective of the kind '\(identifier)'", keys: ["name", "objective"] + type.parameters.map(\.name))
      let name = try record["name"]?.string() ?? identifier
      try value.requireName(name, among: objectives.map(\.name) + [AblationObjective.none], kind: "objective")
      var parameters: [String: Double] = [:]
      for parameter in type.parameters {
        guard let given = record[parameter.name] else { continue }
        let flag = try? given.boolean()
        let number = if let flag { flag ? 1.0 : 0 } else { try given.number() }
        guard parameter.range.contains(number) else {
          throw given.error(
            "'\(parameter.name)' is \(number)",
            hint: "\(identifier) allows \(parameter.range.lowerBound) … \(parameter.range.upperBound).")
        }
        parameters[parameter.name] = number
      }
      objectives.append(AblationObjective(name: name, identifier: identifier, parameters: parameters))
    }
    return objectives
  }

  private static func baseline(
    _ value: YAMLValue, _ objectives: [String], _ backbones: [String]
  ) throws(GraftError) -> String {
    let record = try value.record("'baseline'", keys: ["objective", "backbone"])
    guard let objective = record["objective"], let backbone = record["backbone"] else {
      throw value.error("a baseline has an objective and a backbone")
    }
    return AblationCell.name(
      objective: try objective.name("objective of this grid", objectives + [AblationObjective.none]),
      backbone: try backbone.name("backbone of this grid", backbones.map { $0 }))
  }
}

/// Finds the files a configuration names: beside it, else under the data folder.
private struct FileFinder {
  var folder: String
  var data: DataRoot

  func path(_ text: String) -> String {
    guard !text.hasPrefix("/") else { return text }
    return data.place(ofCorpus: text, besides: folder) ?? (folder.isEmpty ? text : "\(folder)/\(text)")
  }
}
