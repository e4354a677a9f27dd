import ArgumentParser
import Compute
import Corpus
import Experiments
import Foundation
import Inference
import ModelKit
import Records
import Reporting
import Scoring
import StressTesting
import Support
import TaskRegistry

/// `graft stress evaluate`
struct StressEvaluateCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Change the examples of a split and compare a model's answers; run checklists.",
    discussion: """
      A row per transform, and per test of a checklist. Choices are always ranked; Docs/STRESS-TESTS.md explains the \
      figures.
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.", completion: .checkpoints)
  var checkpoint: String

  @OptionGroup var adapter: BaseArguments

  @OptionGroup var stress: StressArguments
  @OptionGroup var classifier: LabelArguments

  @Option(help: "The task as which examples are put; by default one that the model was trained on.")
  var through: String?

  @OptionGroup(title: "Reading") var reading: ReadingArguments

  @Option(help: "Operands of matrix products: bf16, f32.")
  var precision = Precision.f32

  @Flag(help: "Show prompts that fail a checklist, with their answers.")
  var failures = false

  @Flag(
    help: "Keep the figures in the fine-tuning run at --checkpoint: they go into its model card and its report.")
  var card = false

  @Option(
    help: """
      Write all figures with intervals, and why transforms did not apply, as JSON to this file, - for standard output.
      """)
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .stress, keys: ["checkpoint", "transforms", "checklists"]),
      reading: [checkpoint, adapter.base] + stress.checklist)
  }

  func run() throws {
    try stress.check()
    if card { try StressResults.requireRun(checkpoint) }
    let memory = RunMemory(of: checkpoint)
    let catalog = try stress.source.data.catalog(remembering: memory)
    // What a run was trained on is where it was then; anything else where it is looked for first.
    var stress = stress
    if stress.source.data.data == nil, let folder = memory?.presentDataFolder,
      stress.task == nil || stress.source.data.root.path == nil
    {
      stress.source.data.data = folder
    }
    let checklists = try stress.checklists(in: catalog)
    let stressed = try StressedModel(checkpoint, task: stress.task, through: through, catalog: catalog) {
      (task) throws(GraftError) in try fit(task, checklists)
    }
    let task = stressed.task
    for note in stressed.notes { standardError("note: \(note)") }
    let names = try stress.transforms(for: try TaskShape(task))
    var runs: [ChecklistRun] = []
    for checklist in checklists {
      let yesOrNo = stressed.yesOrNo(for: checklist)
      if let yesOrNo {
        standardError(
          "note: questions of \(checklist.name) that are answered by yes or no are put as the task '\(yesOrNo.name)'")
      }
      runs.append(try ChecklistRun(checklist, task: task, yesOrNo: yesOrNo, seed: stress.source.seed))
    }
    let split = try stress.source.chosenSplit(of: stressed.source)
    var sets: [StressSet] = []
    if !names.isEmpty {
      let examples = try stressed.source.examples(
        split: split, through: task, data: stress.source.data.root, limit: stress.limit)
      sets = try stress.sets(names, task, examples) { () throws(GraftError) in
        try stress.source.training(task, for: "words are replaced by any there are")
      }
    }
    let evaluator = try Evaluator(
      opening: checkpoint, base: adapter.base,
      .answers(
        AnswerOptions(layout: reading.layout, labels: try classifier.list()), inputLength: reading.inputLength),
      precision: precision)
    var results = StressResults(
      task: stressed.source.name, taskHash: stressed.source.definitionHash, split: split,
      checkpoint: checkpoint, seed: stress.source.seed, limit: stress.limit)
    if task.name != stressed.source.name { results.through = task.name }
    results.arguments = Surroundings.process.arguments
    results.transforms = try scores(of: sets, task, evaluator)
    for run in runs {
      results.checklists.append(
        StressResults.ChecklistResult(
          checklist: run.checklist.name, version: run.checklist.version, tests: try scores(of: run, evaluator)))
      for test in run.checklist.tests where !run.canAsk(test) {
        standardError("'\(test.name)' is not asked: \(task.name) is answered by yes or no only")
      }
    }
    if let json { try JSONOutput.write(results, to: json) }
    if card { try results.keep(inRun: checkpoint, tasks: stressed.trained) }
    guard json != "-" else { return }
    let emptySets = sets.filter(\.members.isEmpty)
    if !sets.isEmpty { show(results, split: split) }
    for set in emptySets { standardError("\(set.name) applies to no example of \(stressed.source.name) \(split)") }
    for result in results.checklists { show(result) }
  }

  /// - Throws: `.usage` if something of what is to be tested is for another kind of task.
  private func fit(_ task: TaskDefinition, _ checklists: [Checklist]) throws(GraftError) {
    let maker = try StressSetMaker(task: task, resources: StressResources(), seed: stress.source.seed)
    for name in try stress.transforms(for: maker.shape) { _ = try maker.transform(named: name) }
    for checklist in checklists { _ = try ChecklistRun(checklist, task: task, seed: stress.source.seed) }
  }

  /// Every original is answered once, however many sets it is in.
  private func scores(
    of sets: [StressSet], _ task: TaskDefinition, _ evaluator: Evaluator
  ) throws(GraftError) -> [StressScore] {
    var indices: [String: Int] = [:]
    var originals: [Example] = []
    for member in sets.flatMap(\.members) where indices[member.original.identifier] == nil {
      indices[member.original.identifier] = originals.count
      originals.append(member.original)
    }
    let answers = originals.isEmpty ? [] : try evaluator.predictions(originals, task: task)
    var scores: [StressScore] = []
    for set in sets where !set.members.isEmpty {
      let changed = try evaluator.predictions(set.members.map(\.changed), task: task)
      let score = try StressScore(
        set, originals: set.members.map { answers[indices[$0.original.identifier] ?? 0] }, changed: changed,
        choices: task.choices ?? [])
      if let score { scores.append(score) }
    }
    return scores
  }

  private func scores(
    of run: ChecklistRun, _ evaluator: Evaluator
  ) throws(GraftError) -> [ChecklistScore] {
    var run = run
    let answers = try run.answers { (examples, task) throws(GraftError) in
      try evaluator.predictions(examples, task: task)
    }
    return try run.score(answers)
  }

  private func show(_ results: StressResults, split: String) {
    let through = results.through.map { ", put as \($0)" } ?? ""
    standardOutput(
      "task   \(results.task)\(through), split \(split)\(results.limit.map { ", at most \($0) examples" } ?? "")\n")
    standardOutput(results.table.plainText)
  }

  private func show(_ result: StressResults.ChecklistResult) {
    standardOutput("checklist   \(result.checklist)\n")
    standardOutput(result.table.plainText)
    guard failures else { return }
    for test in result.tests {
      for failure in test.failures {
        standardOutput("\(test.test)")
        for (input, answer) in zip(failure.inputs, failure.answers) { standardOutput("  \(answer)\t\(input)") }
      }
    }
  }
}
