import ArgumentParser
import Compute
import Corpus
import Experiments
import Foundation
import Microworld
import ModelKit
import Reporting
import Support
import TaskRegistry
import Tokenization
import Training

/// `graft quickstart`: the whole road on a generated world, in a few minutes.
struct QuickstartCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "quickstart",
    abstract: "Pretrain, fine-tune and stress-test a small model on a generated world, in a few minutes.",
    discussion: """
      It answers two questions: what did pretraining buy, and does the score survive when the annotation artifact
      of the training data points the other way? Everything is written to --output, which `graft evaluate` and
      the other commands can then be tried on.
      """)

  @Option(help: "Folder for the world and the runs; an earlier quickstart there is removed.")
  var output = "runs/quickstart"

  @Option(help: "Strength of the planted artifact, 0 … 1.")
  var artifact = 0.9

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  private static let backbone = "t5-tiny"
  private static let vocabularySize = 2048

  func files() -> CommandFiles {
    CommandFiles(.folder(output) { $0.contains("world-planted") })
  }

  func run() throws {
    InterruptHandling.ignoreClosedPipes()
    do {
      try runSteps()
    } catch var error as GraftError where error.code == .interrupted || error.code == .terminated {
      // The parts of it can be resumed, it cannot.
      error.hint = "the next quickstart starts from the beginning."
      throw error
    }
  }

  private func runSteps() throws {
    let start = ContinuousClock.now
    try removeEarlierRun()
    let planted = try world("planted", strength: artifact)
    let plain = try world("plain", strength: 0)
    standardError("1/4  tokenizer")
    let tokenizer = try trainTokenizer(planted.corpus)
    standardError("2/4  pretraining \(Self.backbone) by span corruption")
    let checkpoint = try pretrain(planted.corpus, tokenizer)
    standardError("3/4  fine-tuning with and without pretraining, on data with and without an artifact")
    var results: [ResultEntry] = []
    var nli: [String: Double] = [:]
    for (task, suite) in [("micro-sentiment", nil), ("micro-nli", Microworld.Files.suite)]
      as [(String, String?)]
    {
      for initial in [nil, checkpoint] {
        let entries = try finetune(task, suite, planted.directory, initial, tokenizer, name: "planted")
        results += entries
        record(entries, "planted", initial, &nli)
      }
    }
    for initial in [nil, checkpoint] {
      let entries = try finetune(
        "micro-nli", Microworld.Files.suite, plain.directory, initial, tokenizer, name: "plain")
      record(entries, "plain", initial, &nli)
    }
    standardError("4/4  baselines")
    let catalog = try TaskCatalog(directories: [planted.directory])
    results += try BaselineScoring(data: DataRoot(planted.directory), note: standardError).score(
      tasks: try ["micro-sentiment", "micro-nli"].map { (name) throws(GraftError) in
        try catalog.task(named: name)
      },
      splits: ["test"], suites: try routed(Microworld.Files.suite, catalog))
    try ResultsFile(results).write(to: "\(output)/results.json")

    standardOutput(
      "Accuracy in per cent with its 95 % interval. micro-nli carries a planted artifact of strength \(artifact);"
    )
    standardOutput("micro-nli-stress is the same test with the artifact pointing the other way.\n")
    standardOutput(ResultsFile(results.filter { $0.metric == "accuracy" }).table().plainText)
    standardOutput(verdict(nli))
    standardOutput("\(NumberText.duration(start.secondsUntilNow)); everything is in \(output). Try:")
    standardOutput("  graft inspect task micro-nli --tasks \(planted.directory) --data \(planted.directory)")
    standardOutput(
      "  graft evaluate --checkpoint \(output)/micro-nli-planted-pretrained --task micro-nli"
        + " --suite \(Microworld.Files.suite) --tasks \(planted.directory) --data \(planted.directory)")
  }

  /// Accuracy on NLI with and without the artifact in training, and with and without pretraining.
  private func verdict(_ nli: [String: Double]) -> String {
    var table = Table([
      .init("NLI, accuracy"), .init("plain test", .right), .init("stress test", .right),
    ])
    for (world, text) in [("planted", "artifact of strength \(artifact)"), ("plain", "no artifact")] {
      for (arm, start) in [("scratch", "from scratch"), ("pretrained", "pretrained")] {
        let cells = ["test", "stress"].map {
          NumberText.fixed((nli["\(world) \(arm) \($0)"] ?? .nan) * 100, digits: 1)
        }
        table.append(["\(text) in training, \(start)"] + cells)
      }
    }
    return table.plainText
  }

  private func record(
    _ entries: [ResultEntry], _ world: String, _ initial: String?, _ scores: inout [String: Double]
  ) {
    for entry in entries where entry.metric == "accuracy" && entry.group.isEmpty {
      let set = entry.task == Microworld.Files.suite ? "stress" : "test"
      if entry.task != "micro-sentiment" {
        scores["\(world) \(initial == nil ? "scratch" : "pretrained") \(set)"] = entry.score
      }
    }
  }

  private func removeEarlierRun() throws(GraftError) {
    let manager = FileManager.default
    guard manager.fileExists(atPath: output) else { return }
    do {
      try manager.removeItem(atPath: output)
    } catch {
      throw GraftError(.inputOutput, "cannot remove the earlier quickstart in '\(output)'", cause: error)
    }
  }

  private func world(_ name: String, strength: Double) throws(GraftError) -> Microworld.Files {
    try Microworld.write(
      to: "\(output)/world-\(name)", options: MicroworldOptions(seed: seed &+ 1, artifactStrength: strength))
  }

  private func trainTokenizer(_ corpus: String) throws(GraftError) -> Tokenizer {
    var trainer = try TokenizerTrainer(
      options: TokenizerTrainingOptions(vocabularySize: Self.vocabularySize))
    trainer.add(try FileContents.read(corpus))
    let tokenizer = try trainer.finish()
    try tokenizer.write(to: "\(output)/tokenizer.json")
    return tokenizer
  }

  private func settings(_ defaults: TrainingSettings) -> TrainingSettings {
    var settings = defaults
    settings.seed = seed
    settings.precision = MatrixBackends.preferredPrecision
    settings.shards = 2
    settings.checkpointInterval = nil
    return settings
  }

  private func pretrain(_ corpus: String, _ tokenizer: Tokenizer) throws(GraftError) -> String {
    var plan = PretrainingPlan(
      objective: "span-corruption", backbone: Self.backbone,
      model: try Resources.preset(Self.backbone, vocabularySize: tokenizer.vocabulary.size),
      corpora: [CorpusShare(path: corpus)])
    plan.embeddings = .cooccurrence
    plan.sequenceLength = 96
    plan.documentBoundary = .blankLines
    plan.settings = settings(TrainingSettings())
    plan.settings.steps = 3000
    plan.settings.batchSize = 32
    plan.settings.evaluationInterval = 1000
    let directory = "\(output)/pretrained"
    _ = try PretrainingJob(plan: plan, tokenizer: tokenizer, tasks: []).run(
      in: directory, cache: "\(output)/cache", resuming: false, phase: "pretrain",
      surroundings: .process.entering(runsOf: output))
    return directory
  }

  private func finetune(
    _ task: String, _ suite: String?, _ world: String, _ checkpoint: String?, _ tokenizer: Tokenizer,
    name: String
  ) throws(GraftError) -> [ResultEntry] {
    let catalog = try TaskCatalog(directories: [world])
    let definition = try catalog.task(named: task)
    let system = FineTuningJob.system(checkpoint: checkpoint)
    let directory = "\(output)/\(task)-\(name)-\(system)"
    var plan = FineTuningPlan(
      tasks: [task], initialCheckpoint: checkpoint,
      model: try Resources.preset(Self.backbone, vocabularySize: tokenizer.vocabulary.size))
    plan.lengths = SequenceLengths(inputs: 96, targets: 16)
    plan.epochs = 5
    plan.settings = settings(.fineTuning)
    var job = FineTuningJob(
      surroundings: .process.entering(runsOf: output), plan: plan, tasks: [definition], tokenizer: tokenizer,
      data: DataRoot(world),
      directory: directory,
      phase: "finetune \(task) (\(name), \(system))")
    if let suite { job.suites = try routed(suite, catalog) }
    job.splits = ["test"]
    return try job.run()
  }

  private func routed(_ suite: String, _ catalog: TaskCatalog) throws(GraftError) -> [RoutedSuite] {
    let definition = try catalog.suite(named: suite)
    return [RoutedSuite(definition: definition, task: try catalog.task(named: definition.through))]
  }
}
