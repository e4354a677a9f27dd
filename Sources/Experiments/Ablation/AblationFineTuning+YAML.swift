import Compute
import Corpus
import Foundation
import Optimization
import Support
import Training

extension AblationFineTuning {
  private static let keys =
    TrainingSettings.yamlKeys
    + ["tasks", "suites", "epochs", "steps", "limit", "input-length", "target-length", "answers"]

  /// - Throws: `.badData` with line and column.
  init(_ value: YAMLValue) throws(GraftError) {
    let record = try value.record("'finetuning'", keys: Self.keys)
    guard let list = record["tasks"] else { throw value.error("'tasks' is missing") }
    let limit = try record["limit"]?.positiveInteger()
    for entry in try list.nonEmptyList() {
      var task = AblationTask(name: "", splits: ["validation"], limit: limit, location: entry.location)
      if entry.isMapping {
        let parts = try entry.record("a task of a grid", keys: ["task", "splits", "limit"])
        guard let name = parts["task"] else { throw entry.error("'task' is missing") }
        task.name = try name.string()
        if let splits = parts["splits"] {
          _ = try splits.nonEmptyList()
          task.splits = try splits.strings()
        }
        if let own = parts["limit"] { task.limit = try own.positiveInteger() }
      } else {
        task.name = try entry.string()
      }
      guard !tasks.contains(where: { $0.name == task.name }) else {
        throw entry.error("the task '\(task.name)' stands twice")
      }
      tasks.append(task)
    }
    suites = try record["suites"]?.strings() ?? []
    if let value = record["input-length"] { lengths.inputs = try value.positiveInteger() }
    if let value = record["target-length"] { lengths.targets = try value.positiveInteger() }
    if let value = record["answers"] { answers = try value.choice("way to answer") }
    settings = settings.ofStage()
    try settings.read(value, record, for: .fineTuning)
    if let steps = record["steps"] {
      guard record["epochs"] == nil else {
        throw steps.error("'steps' and 'epochs' exclude each other", hint: "give one of them.")
      }
      settings.steps = try steps.positiveInteger()
    } else {
      epochs = try record["epochs"]?.positive() ?? 3
    }
  }
}

extension YAMLValue {
  /// `32` or `8,32@30%`.
  /// - Throws: `.badData` with the place for anything else.
  func stagedNumber() throws(GraftError) -> StagedNumber {
    guard let number = StagedNumber(argument: try string()) else {
      throw error("'\(try string())' is no whole number, nor one that changes", hint: "write 32 or 8,32@30%.")
    }
    return number
  }
}

extension TrainingSettings {
  /// The same for a stage of a grid, which is gone on with wherever it stops.
  func ofStage() -> TrainingSettings {
    var settings = forThisMachine()
    settings.keep = 1
    settings.checkpointInterval = nil
    settings.checkpointSeconds = 45
    return settings
  }

  /// The keys of a section that says how models are optimised; as the flags of `graft pretrain`.
  static let yamlKeys = [
    "batch", "micro-batches", "optimizer", "optimizer-options", "learning-rate", "schedule", "warmup",
    "cooldown", "final-fraction", "clip", "dropout", "z-loss", "precision", "shards", "backend", "recompute",
    "evaluate-every",
    "save-every", "non-finite", "groups", "layer-decay", "average",
  ]

  /// Takes what a section of a grid says.
  /// - Throws: `.badData` at the section for what makes no sense.
  mutating func read(_ section: YAMLValue, _ record: [String: YAMLValue], for phase: TrainingPhase) throws(GraftError) {
    if let value = record["batch"] { batch = try value.stagedNumber() }
    if let value = record["micro-batches"] { microBatches = try value.integer() }
    if let value = record["optimizer"] {
      try value.location.locating { () throws(GraftError) in try choose(optimizer: value.string(), for: phase) }
    }
    if let value = record["optimizer-options"] {
      for entry in try value.entries() {
        if let flag = try? entry.value.boolean() {
          optimizerOptions.values[entry.key] = .flag(flag)
        } else {
          optimizerOptions.values[entry.key] = .number(try entry.value.number())
        }
      }
    }
    if let value = record["learning-rate"] { learningRate = try value.number() }
    if let value = record["groups"] {
      groups = try value.list().map { rule throws(GraftError) in
        try rule.location.locating { () throws(GraftError) in try ParameterRule(parsing: rule.string()) }
      }
    }
    if let value = record["layer-decay"] { layerDecay = try value.number() }
    if let value = record["average"] { averaging = try value.number() }
    if let value = record["schedule"] { schedule = try value.string() }
    if let value = record["warmup"] {
      guard let parsed = Warmup(argument: try value.string()) else {
        throw value.error("'warmup' is neither a number of updates nor a share", hint: "write 100 or 2%.")
      }
      warmup = parsed
    }
    if let value = record["cooldown"] { cooldown = try value.number() }
    if let value = record["final-fraction"] { finalFraction = try value.number() }
    if let value = record["clip"] {
      let norm = try value.number()
      maximumNorm = norm == 0 ? nil : norm
    }
    if let value = record["dropout"] { dropout = try value.number() }
    if let value = record["z-loss"] {
      let weight = try value.number()
      zLoss = weight == 0 ? nil : weight
    }
    if let value = record["precision"] { precision = try value.choice("precision") }
    if let value = record["shards"] { shards = try value.integer() }
    if let value = record["backend"] { backend = try value.string() }
    if let value = record["recompute"] { recomputing = try value.boolean() }
    if let value = record["evaluate-every"] { evaluationInterval = try value.integer() }
    if let value = record["save-every"] { checkpointInterval = try value.integer() }
    if let value = record["non-finite"] {
      let policy: NonFinitePolicy = try value.choice("way to go on")
      nonFinite = policy == .stop ? nil : policy
    }
    var checked = self
    (checked.steps, checked.budgetSeconds) = (1, nil)
    try section.location.locating { [checked] () throws(GraftError) in try checked.validate() }
  }
}
