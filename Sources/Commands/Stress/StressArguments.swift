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
    help: "The split that is changed: by default test, else the first that is for neither training nor validation.")
  var split: String?

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

  @Option(help: "Seed of everything that is drawn.")
  var seed: UInt64 = 0

  @Option(help: "Folder of the WordNet database; $GRAFT_WORDNET or /usr/share/wordnet by default.")
  var wordnet: String?

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  /// - Throws: `.usage` for flags that leave nothing to do.
  func check() throws(GraftError) {
    try DataArguments.validate(limit: limit)
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

  /// The split that is named, or `test`, or the first that is for neither training nor validation, or `validation`.
  func chosenSplit(of task: TaskDefinition) throws(GraftError) -> String {
    if let split {
      guard task.splitNames.contains(split) else {
        throw .unknownName("split of task '\(task.name)'", split, known: task.splitNames)
      }
      return split
    }
    let further = task.splitNames.first { !["train", "validation"].contains($0) }
    return task.splitNames.contains("test") ? "test" : further ?? task.splitNames[task.splitNames.count - 1]
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
      default:
        _ = try StressTransforms.registry(name)
        names.append(name)
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

  /// The training split; nil with a note if the task has none or its data is not here.
  func training(_ task: TaskDefinition, for purpose: String) throws(GraftError) -> [Example]? {
    guard task.splitNames.contains("train") else {
      standardError("\(task.name) has no training split: \(purpose)")
      return nil
    }
    do throws(GraftError) {
      return try task.examples(split: "train", data: data.root)
    } catch {
      guard error.code == .missingInput else { throw error }
      standardError("the training split of \(task.name) is not here: \(purpose)")
      return nil
    }
  }

  /// Sets made of the split by every transform, or one of all together.
  /// - Parameter together: the name of the one.
  /// - Parameter training: asked for only if a transform chooses words.
  func sets(
    _ names: [String], _ task: TaskDefinition, _ examples: [Example], together: String? = nil,
    training: () throws(GraftError) -> [Example]?
  ) throws(GraftError) -> [StressSet] {
    var maker = try StressSetMaker(task: task, resources: StressResources(), seed: seed)
    var transforms: [any StressTransform] = []
    for name in names { transforms.append(try maker.transform(named: name)) }
    if transforms.contains(where: \.needsWordNet) {
      maker.resources.wordNet = try WordNet(folder: WordNet.folder(option: wordnet))
    }
    if transforms.contains(where: { $0.needsWordNet || $0.choosesWords }) {
      maker.resources.vocabulary = try training().map { TrainingVocabulary($0, shape: maker.shape) }
    }
    if let together { return [try maker.together(names, from: examples, name: together)] }
    var sets: [StressSet] = []
    for name in names { sets.append(try maker.make(name, from: examples)) }
    return sets
  }
}
