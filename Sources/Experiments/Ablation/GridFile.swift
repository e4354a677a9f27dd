import Support

/// A grid as its YAML file has it, variations written out: a recipe of `graft pretrain` for every arm, and recipes of
/// what is done with the models; see Docs/ABLATE.md.
public struct GridFile: Sendable {
  /// A model that is trained with every seed.
  struct Arm: Sendable {
    var name: String
    /// Of `graft pretrain`.
    var recipe: GridRecipe
    /// What of it is not the base's.
    var changes: GridRecipe
    /// False for a model that is fine-tuned as it was drawn.
    var isPretrained: Bool
    var location: SourceLocation
  }

  /// What every arm's model is fine-tuned on, each time from the pretrained one.
  struct Stage: Sendable {
    var name: String
    /// Of `graft finetune`.
    var recipe: GridRecipe
    var location: SourceLocation
  }

  /// What the objective of an arm without pretraining is called.
  static let noObjective = "none"
  /// What the arm without changes is called.
  static let baseName = "base"
  /// More are a mistake of whoever wrote the file.
  private static let mostArms = 10_000.0
  private static let keys = [
    "version", "pretrain", "variations", "leave-one-out", "axes", "baseline", "seeds", "evaluate", "finetune", "tasks",
  ]

  var path: String
  /// Every arm is trained with each.
  public internal(set) var seeds: [UInt64]
  /// The first axis changes fastest.
  var arms: [Arm]
  /// Whether arms are a product, of which some may not fit.
  var isProduct: Bool
  /// The arm that all others are compared with.
  var baseline: String
  private let baselineLocation: SourceLocation
  /// Of `graft evaluate`, for what the pretrained models are scored on; nil for nothing.
  var evaluation: GridRecipe?
  var stages: [Stage]

  /// - Parameter reader: knows which flags stand for others.
  /// - Throws: `.badData` with line and column; `.missingInput` without a file.
  public init(contentsOf path: String, reader: any GridRecipeReader) throws(GraftError) {
    let root = try YAMLValue.file(path)
    if let version = try root.entries().first(where: { $0.key == "version" })?.value, try version.integer() == 1 {
      throw version.error(
        "grids of version 1 had settings of their own, which this graft no longer reads",
        hint:
          "write the grid as a recipe of `graft pretrain` and its variations; Docs/ABLATE.md says what becomes what.")
    }
    let record = try root.record("a grid", keys: Self.keys)
    func required(_ key: String) throws(GraftError) -> YAMLValue {
      guard let value = record[key] else {
        throw root.error("'\(key)' is missing", hint: "Docs/ABLATE.md has an example.")
      }
      return value
    }
    guard try required("version").integer() == 2 else {
      throw try required("version").error("unknown version", hint: "this graft reads version 2.")
    }
    self.path = path
    let base = try GridRecipe(required("pretrain"))
    seeds = []
    for value in try required("seeds").nonEmptyList() {
      guard let seed = UInt64(exactly: try value.integer()) else { throw value.error("a seed is 0 or more") }
      guard !seeds.contains(seed) else { throw value.error("the seed \(seed) stands twice") }
      seeds.append(seed)
    }
    var factors: [[Variation]] = []
    if record["variations"] != nil || record["axes"] == nil {
      let variations = try Variation.all(
        record["variations"], leavingOneOut: record["leave-one-out"], reader.pretrainingAlternatives)
      factors.append([Variation(name: "", changes: GridRecipe(), location: root.location)] + variations)
    } else if let value = record["leave-one-out"] {
      throw value.error("'leave-one-out' is for variations", hint: "name some under 'variations'.")
    }
    for axis in try record["axes"]?.entries() ?? [] { factors.append(try Variation.axis(axis.key, axis.value)) }
    guard !factors.isEmpty else { throw root.error("'axes' names no axis", hint: "leave it out, or name some.") }
    let count = factors.reduce(1.0) { $0 * Double($1.count) }
    guard count <= Self.mostArms else {
      throw root.error(
        "the variations and axes come to \(NumberText.abbreviated(count)) models", hint: "leave some out.")
    }
    isProduct = record["axes"] != nil
    arms = Self.arms(base, factors, reader.pretrainingAlternatives)
    let names = arms.map(\.name)
    if let value = record["baseline"] {
      (baseline, baselineLocation) = (try value.string(), value.location)
    } else {
      guard names.contains(Self.baseName) else {
        throw root.error("'baseline' is missing", hint: "name one of the arms: \(names.joined(separator: ", ")).")
      }
      (baseline, baselineLocation) = (Self.baseName, root.location)
    }
    evaluation = try record["evaluate"].map { (value) throws(GraftError) in try GridRecipe(value) }
    stages = []
    guard let tasks = record["tasks"] else {
      if let value = record["finetune"] {
        throw value.error("'tasks' is missing", hint: "name what is fine-tuned on, a model for each entry.")
      }
      return
    }
    let tuning = try record["finetune"].map { (value) throws(GraftError) in try GridRecipe(value) } ?? GridRecipe()
    if let setting = tuning.settings.first(where: { ["task", "mixture"].contains($0.key) }) {
      throw GraftError(
        .badData, "'\(setting.key)' stands under 'tasks', which has a model for each entry", location: setting.location)
    }
    stages = try Variation.axis("task", tasks).map { task in
      Stage(
        name: task.name, recipe: tuning.changed(by: task.changes, alternatives: reader.fineTuningAlternatives),
        location: task.location)
    }
  }

  /// Asked for once the arms are known to exist: a misspelt arm has another name than the baseline that was meant.
  /// - Throws: `.badData` for a baseline that is no arm.
  func requireBaseline() throws(GraftError) {
    let names = arms.map(\.name)
    guard !names.contains(baseline) else { return }
    throw .unknownName("arm of this grid", baseline, known: names, location: baselineLocation, code: .badData)
  }

  /// The product of the factors' variations.
  private static func arms(_ base: GridRecipe, _ factors: [[Variation]], _ alternatives: [[String]]) -> [Arm] {
    var arms: [(names: [String], changes: GridRecipe, location: SourceLocation)] = [
      ([], GridRecipe(), factors[0][0].location)
    ]
    for factor in factors.reversed() {
      arms = arms.flatMap { arm in
        factor.map { variation in
          (
            variation.name.isEmpty ? arm.names : [variation.name] + arm.names,
            arm.changes.changed(by: variation.changes, alternatives: alternatives),
            variation.name.isEmpty ? arm.location : variation.location
          )
        }
      }
    }
    return arms.map { arm in
      let recipe = base.changed(by: arm.changes, alternatives: alternatives)
      let isPretrained = (try? recipe["objective"]?.string()) != noObjective
      return Arm(
        name: arm.names.isEmpty ? baseName : arm.names.joined(separator: "@"),
        recipe: isPretrained ? recipe : recipe.without(["objective", "set"]), changes: arm.changes,
        isPretrained: isPretrained, location: arm.location)
    }
  }
}
