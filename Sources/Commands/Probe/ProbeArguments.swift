import ArgumentParser
import Corpus
import Experiments
import Foundation
import Probing
import Randomness
import Reporting
import Support
import TaskRegistry

/// How probes are run.
struct ProbeArguments: ParsableArguments {
  @Option(help: "The seed everything random is a function of.")
  var seed: UInt64 = 0

  @Option(help: "Models that a probe trains where the order of examples makes a difference.")
  var seeds = ProbeOptions().seeds

  @Option(help: "Parts of a split for cross-fitting.")
  var folds = ProbeOptions().folds

  @Option(help: "Cue words shown for each class.")
  var top = ProbeOptions().top

  @Option(help: "Level of significance, before it is divided by the number of tests.")
  var level = ProbeOptions().level

  @Option(
    parsing: .upToNextOption, help: "Pretraining text to look for the examples in: files, folders, patterns.")
  var corpus: [String] = []

  @Option(help: "Words of the n-grams that overlap is found by.")
  var overlapLength = ProbeOptions().overlapLength

  @Option(
    help: """
      A model's results, whose scores are split by easy and hard and by overlap: a results file, a run directory or a \
      predictions file. What it has of other tasks is left alone.
      """)
  var results: String?

  /// - Throws: `.usage` for values no probe can run with; `.missingInput` for absent files.
  func options() throws(GraftError) -> ProbeOptions {
    guard seeds >= 1, folds >= 2, top >= 1, overlapLength >= 1, level > 0, level < 1 else {
      throw GraftError(
        .usage, "probes cannot be run with these numbers",
        hint:
          "--seeds, --top and --overlap-length are at least 1, --folds at least 2, --level between 0 and 1.")
    }
    var options = ProbeOptions()
    options.key = RandomKey(seed: seed)
    options.seeds = seeds
    options.folds = folds
    options.top = top
    options.level = level
    options.overlapLength = overlapLength
    options.bootstrap.key = RandomKey(seed: seed)
    options.corpus = try CorpusFiles.expand(corpus.map { DataArguments.corpus($0) })
    return options
  }

  /// The answers that `--results` holds to a task, by split.
  ///
  /// - Throws: as `ComparedSystem`; `.badData` if it holds none to the task.
  func answers(to task: String) throws(GraftError) -> [String: [AnsweredSplit]] {
    guard let results else { return [:] }
    var answers: [String: [AnsweredSplit]] = [:]
    for run in try ComparedSystem(results).runs {
      for (set, path) in run.files.sorted(by: { $0.key < $1.key }) where set.task == task {
        let examples = try PredictionsFile.read(path)
        answers[set.split, default: []].append(
          AnsweredSplit(
            name: run.seed ?? path,
            predictions: Dictionary(examples.map { ($0.identifier, $0.answer) }) { first, _ in first }))
      }
    }
    guard !answers.isEmpty else {
      throw GraftError(.badData, "'\(results)' holds no answers to task '\(task)'")
    }
    return answers
  }
}
