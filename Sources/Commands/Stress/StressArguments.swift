import ArgumentParser
import Foundation
import Records
import StressTesting
import Support
import TaskRegistry

/// What both commands that make stress sets need.
struct StressArguments: ParsableArguments {
  @Option(
    help: """
      A task with fixed choices, or for checklists of `evaluate` one of questions about a text; for `evaluate` by \
      default one that the model was trained on.
      """)
  var task: String?

  @Option(
    parsing: .upToNextOption,
    help: """
      Transforms (`graft list transforms`); naik for the six of Naik et al., breaking-nli for the fourteen of \
      Glockner et al., lexical for a balanced set, all for every one that fits.
      """)
  var transform: [String] = []

  @Option(
    parsing: .upToNextOption, help: "Checklists: names (`graft list checklists`) or YAML files.")
  var checklist: [String] = []

  @Option(help: "Change at most this many examples of the split, spread over it.")
  var limit: Int?

  @OptionGroup var source: StressSource

  /// Names that stand for several transforms.
  private static let groups = ["naik", "breaking-nli", "lexical", "all"]

  /// - Throws: `.usage` for flags that leave nothing to do and for unknown transforms.
  func check() throws(GraftError) {
    try DataArguments.validate(limit: limit)
    for name in transform where !Self.groups.contains(name) { _ = try StressTransforms.registry(name) }
    guard !transform.isEmpty || !checklist.isEmpty else {
      throw GraftError(
        .usage, "nothing to test: give --transform or --checklist",
        hint:
          "`--transform all` takes every transform that fits the task; `graft list transforms` shows them.")
    }
  }

  /// - Throws: `.usage` if none was named, or for an unknown one.
  func definition(in catalog: TaskCatalog) throws(GraftError) -> TaskDefinition {
    guard let task else {
      throw GraftError(
        .usage, "no task to make sets of", hint: "give --task NAME; `graft list tasks` shows all.")
    }
    return try catalog.task(named: task)
  }

  /// The transforms that are named, without repeats; of `all`, those that fit the task.
  func transforms(for shape: TaskShape) throws(GraftError) -> [String] {
    var names: [String] = []
    for name in transform {
      switch name {
      case "naik": names += StressTransforms.naik
      case "breaking-nli": names += StressTransforms.breakingNLI
      case "lexical": names += StressTransforms.lexical
      case "all": names += StressSetMaker.transforms(fitting: shape.kind)
      default: names.append(name)
      }
    }
    return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The checklists, by name or path.
  func checklists(in catalog: TaskCatalog) throws(GraftError) -> [Checklist] {
    var found: [Checklist] = []
    var shipped: [Checklist] = []
    for name in checklist {
      if name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.contains("/") {
        found.append(try Checklist(path: name))
        continue
      }
      if shipped.isEmpty { shipped = try Self.shipped(in: catalog) }
      guard let known = shipped.first(where: { $0.name == name }) else {
        throw .unknownName("checklist", name, known: shipped.map(\.name), list: "graft list checklists")
      }
      found.append(known)
    }
    return found
  }

  /// The checklists among the task definitions.
  static func shipped(in catalog: TaskCatalog) throws(GraftError) -> [Checklist] {
    var checklists: [Checklist] = []
    for path in catalog.checklistPaths { checklists.append(try Checklist(path: path)) }
    return checklists
  }

  /// Sets made of the split by every transform, or one of all together.
  /// - Parameter together: the name of the one.
  /// - Parameter training: asked for only if a transform chooses words.
  func sets(
    _ names: [String], _ task: TaskDefinition, _ examples: [Example], together: String? = nil,
    training: () throws(GraftError) -> [Example]?
  ) throws(GraftError) -> [StressSet] {
    let maker = try source.maker(names, task, training: training)
    if let together { return [try maker.together(names, from: examples, name: together)] }
    var sets: [StressSet] = []
    for name in names { sets.append(try maker.make(name, from: examples)) }
    return sets
  }
}
