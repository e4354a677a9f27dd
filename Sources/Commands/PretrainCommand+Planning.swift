import Compute
import Corpus
import Experiments
import Foundation
import Support
import Tokenization
import Training

extension PretrainCommand: PlanningCommand {
  /// Flags that say what is trained. Where none is given, a plan does.
  private static let choices: Set<String> = [
    "backbone", "carry-state", "checkpoint", "objective", "optimizer", "set", "task", "tokenizer",
  ]

  /// Flags that mean a model that begins with this run.
  private static let ofOwnModel: Set<String> = ["embeddings", "vocabulary-size"]

  /// The file of a plan in the run directory.
  private var plannedPath: String { "\(output)/recipe.yaml" }

  /// What is done where only the text and the budget are given; nil where more is.
  /// - Parameter given: the flags that were typed.
  func planned(given: Set<String>) throws(GraftError) -> PlannedRecipe? { try planned(given: given, law: nil) }

  /// - Parameter law: the file of a scaling law, by which the loss is predicted; nil for the one that comes with Graft.
  func planned(given: Set<String>, law: String?) throws(GraftError) -> PlannedRecipe? {
    guard recipe.config == nil, given.isDisjoint(with: Self.choices), !corpus.isEmpty else { return nil }
    guard !training.resume || !FileManager.default.fileExists(atPath: plannedPath) else {
      // The machine may be another one, or busy: what was begun goes on.
      return PlannedRecipe(
        recipe: String(decoding: try FileContents.read(plannedPath), as: UTF8.self), reasons: [])
    }
    let backend = try MatrixBackends.choose(
      named: training.backend, for: training.precision ?? MatrixBackends.preferredPrecision)
    let rate = try MatrixBenchmark.peak(
      backend: backend, precision: training.precision ?? MatrixBackends.preferredPrecision,
      threads: training.shards ?? ProcessInfo.processInfo.activeProcessorCount, rounds: 3)
    let files = try corpusFiles()
    let predecessor =
      given.isDisjoint(with: Self.ofOwnModel)
      ? try Predecessor(StartingPointArguments.standard, reading: files.map(\.path)) : nil
    let planner = PretrainingPlanner(
      rate: rate, bytes: files.reduce(0) { $0 + $1.bytes }, predecessor: predecessor,
      law: try law.map { path throws(GraftError) in try JSONFile.read(FittedScalingLaw.self, from: path) })
    if let flops { return try planner.plan(operations: flops.value) }
    if let tokens { return try planner.plan(tokens: tokens.value) }
    if let steps = training.steps { return try planner.plan(updates: Double(steps)) }
    return try planner.plan(seconds: training.budget?.seconds ?? Self.standardSeconds)
  }

  /// The files of the corpora with their bytes, as often as they are read; what is compressed counts as what it is
  /// likely to become.
  private func corpusFiles() throws(GraftError) -> [(path: String, bytes: Double)] {
    var files: [(path: String, bytes: Double)] = []
    for text in corpus {
      let share = try share(text)
      for path in try CorpusFiles.expand([data.corpus(share.path)]) {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Double) ?? 0
        files.append((path, share.repetition * size * (path.hasSuffix(".gz") ? 2.7 : 1)))
      }
    }
    return files
  }

  /// Keeps the plan with the run, whose folder is made by now.
  func keep(_ plan: PlannedRecipe) throws(GraftError) {
    try AtomicFile.write(plan.recipe, to: plannedPath)
  }

  /// The tokenizer of a run that was given none: learned from its corpora, or what an interrupted run has left.
  func ownTokenizer(_ cache: String) throws(GraftError) -> String {
    let path = "\(output)/tokenizer.json"
    if training.resume, FileManager.default.fileExists(atPath: path) { return path }
    let files =
      try corpus.map { text throws(GraftError) in data.corpus(try share(text).path) }
      + taskText.map { text throws(GraftError) in
        try TaskText.file(task: try share(text).path, data: data, cache: cache, field: reading.textField)
      }
    let tokenizer = try Tokenizer.train(
      files: files, reading: try reading.options(),
      options: TokenizerTrainingOptions(vocabularySize: vocabularySize, sentinelCount: 100))
    try tokenizer.write(to: path)
    return path
  }
}
