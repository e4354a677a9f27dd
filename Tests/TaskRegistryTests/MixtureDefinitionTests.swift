import Support
import TaskRegistry
import TestSupport
import Testing

/// Mixtures from YAML files: their rates, and what a wrong one is answered with.
@Suite struct MixtureDefinitionTests {
  private static func task(_ name: String, split: String = "train") -> String {
    """
    task: \(name)
    version: 1
    source: {folder: ., format: tsv, fields: {sentence: 1, label: 2}, header: false}
    splits: {\(split): rows.tsv}
    inputs: "{sentence}"
    targets: "{label}"
    metrics: [accuracy]
    """
  }

  private func folder(_ mixtures: [String: String]) throws -> TestFolder {
    let folder = try TestFolder()
    for name in ["one", "two", "three"] { try folder.write("\(name).yaml", Self.task(name)) }
    try folder.write("tested.yaml", Self.task("tested", split: "test"))
    for (name, text) in mixtures { try folder.write("\(name).yaml", "mixture: \(name)\nversion: 1\n" + text) }
    return folder
  }

  private func mixture(_ name: String, _ mixtures: [String: String]) throws -> TaskMixture {
    let folder = try folder(mixtures)
    // The folder goes with its value.
    return try withExtendedLifetime(folder) {
      try TaskCatalog(directories: [folder.path]).mixture(named: name)
    }
  }

  private let counts = ["one": 100, "two": 100, "three": 200]

  private func expectRates(
    _ mixture: TaskMixture, _ expected: [String: Double],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    let weights = mixture.weights(counts: counts)
    let total = weights.values.reduce(0, +)
    #expect(Set(weights.keys) == Set(expected.keys), sourceLocation: sourceLocation)
    for (task, rate) in expected {
      #expect(abs((weights[task] ?? 0) / total - rate) < 1e-12, "\(task)", sourceLocation: sourceLocation)
    }
  }

  @Test func ratesAreOfSize() throws {
    expectRates(
      try mixture("m", ["m": "members: [one, three]"]), ["one": 1.0 / 3, "three": 2.0 / 3])
    // Scale, then cap, then temperature: min(100 · 2, 150) = 150 to min(200, 150) = 150.
    expectRates(
      try mixture("m", ["m": "members: [{name: one, scale: 2}, three]\ncap: 150"]),
      ["one": 0.5, "three": 0.5])
    // The roots of 100 and 400.
    expectRates(
      try mixture("m", ["m": "members: [one, {name: three, scale: 2}]\ntemperature: 2"]),
      ["one": 1.0 / 3, "three": 2.0 / 3])
    expectRates(try mixture("m", ["m": "members: [one, three]\nrates: equal"]), ["one": 0.5, "three": 0.5])
    expectRates(
      try mixture("m", ["m": "members: [one, {name: three, weight: 3}]\nrates: weighted"]),
      ["one": 0.25, "three": 0.75])
  }

  /// A mixture inside shares out what it is given by its own rates.
  @Test func mixturesOfMixtures() throws {
    let inner = "members: [two, three]\nrates: equal"
    expectRates(
      try mixture("m", ["inner": inner, "m": "members: [one, inner]"]),
      ["one": 0.25, "two": 0.375, "three": 0.375])
    expectRates(
      try mixture("m", ["inner": inner, "m": "members: [one, inner]\nrates: equal"]),
      ["one": 0.5, "two": 0.25, "three": 0.25])
    // As in seqio: 1 · 1/2 + 3 for a task that is also a member itself.
    expectRates(
      try mixture(
        "m", ["inner": inner, "m": "members: [inner, {name: two, weight: 3}]\nrates: weighted"]),
      ["two": 3.5 / 4, "three": 0.5 / 4])
  }

  @Test func membersWithoutExamplesHaveNoRate() throws {
    let mixture = try mixture(
      "m",
      ["inner": "members: [two]", "m": "members: [one, inner, {name: three, weight: 2}]\nrates: weighted"])
    #expect(mixture.weights(counts: ["three": 5]) == ["three": 2])
    #expect(mixture.weights(counts: [:]).isEmpty)
    #expect(mixture.tasks == ["one", "two", "three"])
  }

  @Test func membersAreLeftOut() throws {
    let mixture = try mixture(
      "m", ["inner": "members: [two, three]\nrates: equal", "m": "members: [one, inner]\nrates: equal"])
    expectRates(try mixture.leavingOut(["three"]), ["one": 0.5, "two": 0.5])
    expectRates(try mixture.leavingOut(["two", "three"]), ["one": 1])
    expectRates(try mixture.leavingOut(["inner"]), ["one": 1])
    #expect(try mixture.leavingOut(["three"]).definitionHash != mixture.definitionHash)
    let unknown = #expect(throws: GraftError.self) { try mixture.leavingOut(["thre"]) }
    #expect(unknown?.code == .usage && unknown?.hint?.contains("did you mean 'three'?") == true)
    let empty = #expect(throws: GraftError.self) { try mixture.leavingOut(["one", "inner"]) }
    #expect(empty?.message.contains("nothing is left") == true)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var line: Int
    var column: Int
    var says: String
    var testDescription: String { text }
  }

  static let cases: [Case] = [
    Case(text: "members: [one, tow]", line: 3, column: 16, says: "did you mean 'two'?"),
    Case(text: "member: [one]", line: 3, column: 1, says: "did you mean 'members'?"),
    Case(text: "members: []", line: 3, column: 10, says: "at least one member"),
    Case(text: "members: [one, one]", line: 3, column: 16, says: "a member twice"),
    Case(text: "members: [tested]", line: 3, column: 11, says: "no split 'train'"),
    Case(text: "members: [m]", line: 3, column: 11, says: "m → m"),
    Case(text: "members: [{scale: 2}]", line: 3, column: 11, says: "needs 'name'"),
    Case(text: "members: [{name: one, weight: 2}]", line: 3, column: 31, says: "for `rates: weighted`"),
    Case(text: "members: [{name: one, scale: 0}]", line: 3, column: 30, says: "not positive"),
    Case(
      text: "members: [one]\nrates: propotional", line: 4, column: 8, says: "did you mean 'proportional'?"),
    Case(text: "members: [one]\nrates: equal\ncap: 7", line: 5, column: 6, says: "for `rates: proportional`"),
    Case(text: "members: [one]\ntemperature: -1", line: 4, column: 14, says: "not positive"),
    Case(text: "rates: equal", line: 1, column: 1, says: "lacks the key 'members'"),
  ]

  @Test(.tags(.slow), arguments: cases) func wrongMixtures(_ wrong: Case) throws {
    let folder = try folder(["m": wrong.text])
    let error = try #require(#expect(throws: GraftError.self) { try TaskCatalog(directories: [folder.path]) })
    #expect(error.code == .badData)
    #expect(error.description.contains(wrong.says), "\(error)")
    #expect(error.location?.line == wrong.line && error.location?.column == wrong.column, "\(error)")
    #expect(error.location?.file.hasSuffix("m.yaml") == true)
  }

  @Test func circlesAndTakenNames() throws {
    let circle = try folder(["a": "members: [one, b]", "b": "members: [a, two]"])
    let error = #expect(throws: GraftError.self) { try TaskCatalog(directories: [circle.path]) }
    #expect(error?.message.contains("a → b → a") == true)
    let taken = try folder([:])
    try taken.write("other.yaml", "mixture: two\nversion: 1\nmembers: [one]\n")
    let second = #expect(throws: GraftError.self) { try TaskCatalog(directories: [taken.path]) }
    #expect(second?.message.contains("the name 'two' is taken") == true)
    let plain = try folder(["m": "members: [one]"])
    let catalog = try withExtendedLifetime(plain) { try TaskCatalog(directories: [plain.path]) }
    #expect(throws: GraftError.self) { try catalog.task(named: "m") }
    #expect(throws: GraftError.self) { try catalog.mixture(named: "one") }
    #expect(catalog.mixtureNames == ["m"])
  }

  /// By their published sizes, as T5 has them.
  @Test(.tags(.slow)) func shippedMixtures() throws {
    let catalog = try TaskCatalog(directories: [RealData.package.appendingPathComponent("Tasks").path])
    let glue = try catalog.mixture(named: "glue")
    #expect(!glue.tasks.contains("wnli"))
    var counts: [String: Int] = [:]
    for task in glue.tasks { counts[task] = try catalog.task(named: task).publishedCount(split: "train") }
    let weights = glue.weights(counts: counts)
    #expect(weights["cola"] == 8551 && weights["mnli"] == 392702 && weights.count == 8)
    // What runs of before forms had numbers call it.
    let hash = try catalog.mixture(named: "translation").definitionHash
    #expect(hash.former == "1aefff386821a8becc050ff3409fc2c125fceab3e71bc13a5ef728ede5704ce9")
    #expect(hash.text.hasPrefix("2:") && hash.isSame(as: hash.former))
    let all = try catalog.mixture(named: "all")
    #expect(Set(glue.tasks).isSubset(of: all.tasks))
    // MultiNLI's development set is in the pool, and the sentences of MR are those of SST.
    #expect(!all.tasks.contains("nli") && !all.tasks.contains("mr"))
  }
}
