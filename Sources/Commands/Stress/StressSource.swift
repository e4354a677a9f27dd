import ArgumentParser
import Foundation
import Records
import StressTesting
import Support
import TaskRegistry

/// Where what is to be changed comes from, and what transforms look things up in.
struct StressSource: ParsableArguments {
  @Option(
    help: "The split that is changed: by default test, else the first that is for neither training nor validation.")
  var split: String?

  @Option(help: "Seed of everything that is drawn.")
  var seed: UInt64 = 0

  @Option(help: "Folder of the WordNet database; $GRAFT_WORDNET or /usr/share/wordnet by default.")
  var wordnet: String?

  @OptionGroup(title: "Tasks and data") var data: DataArguments

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

  /// What applies transforms to the examples of a task.
  /// - Parameter training: asked for only if a transform chooses words.
  /// - Throws: `.usage` for a transform that cannot speak of the task's labels, `.missingInput` without WordNet if one
  ///   needs it.
  func maker(
    _ names: [String], _ task: TaskDefinition, training: () throws(GraftError) -> [Example]?
  ) throws(GraftError) -> StressSetMaker {
    var maker = try StressSetMaker(task: task, resources: StressResources(), seed: seed)
    var transforms: [any StressTransform] = []
    for name in names { transforms.append(try maker.transform(named: name)) }
    if transforms.contains(where: \.needsWordNet) {
      maker.resources.wordNet = try WordNet(folder: WordNet.folder(option: wordnet))
    }
    if transforms.contains(where: { $0.needsWordNet || $0.choosesWords }) {
      maker.resources.vocabulary = try training().map { TrainingVocabulary($0, shape: maker.shape) }
    }
    return maker
  }
}
