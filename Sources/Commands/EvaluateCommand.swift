import ArgumentParser
import Compute
import Corpus
import Experiments
import Foundation
import Inference
import ModelKit
import Randomness
import Reporting
import Support
import TaskRegistry

/// `graft evaluate`
struct EvaluateCommand: WritingCommand, DistributedCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score a checkpoint on tasks and stress suites, with intervals and baselines.",
    discussion: """
      Without --task, --suite, --tag and --gate it is scored on the tasks that it was fine-tuned on, which its run \
      remembers with the folders of definitions and data.

      Example:
        graft evaluate --checkpoint runs/mine
        graft evaluate --checkpoint runs/nli --task nli --suite hans breaking-nli --data data
        graft evaluate --checkpoint runs/nli --suite hans --data data
        graft evaluate --checkpoint runs/sst2 --task sst2 --require 'sst2.accuracy>=0.80'
        graft evaluate --checkpoint runs/nli --gate release.yaml --data data
        graft evaluate --checkpoint runs/books --tag babylm --data data
        graft evaluate --predictions answers.tsv --task sst2 --split validation --confusion --data data
      """)

  @Option(
    parsing: .upToNextOption,
    help: """
      A checkpoint, run directory or Hugging Face folder; several, or a run with several seeds, are seeds of one \
      system, of which mean, deviation and range are shown.
      """, completion: .checkpoints)
  var checkpoint: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      In place of a model: answers that were given elsewhere to one split of one task (or one suite, in the words of the \
      task it is put as), in the order of its examples: one a line, or as `graft predict` or GLUE's server has them.
      """, valueName: "file"))
  var predictions: String?

  @OptionGroup var adapter: BaseArguments

  @Option(
    parsing: .upToNextOption, help: "Tasks (`graft list tasks`); by default those that the model was fine-tuned on.",
    completion: .tasks)
  var task: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Every task and suite that has one of these tags, such as babylm (`graft list tasks` shows them).")
  var tag: [String] = []

  @Option(parsing: .upToNextOption, help: "Splits of every task; all but train by default.")
  var split: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Stress suites (`graft list suites`); they need no task, and no data but their own.", completion: .suites)
  var suite: [String] = []

  @Option(
    help: """
      The task as which suites are put: by default one that the model was trained on, by its run.json and those of the \
      runs before it; where that is not known one of --task, else the one that the suite names.
      """, completion: .tasks)
  var through: String?

  @Option(
    help: """
      How answers are found for tasks with choices: rank them by log-probability, or generate a text, which is wrong \
      if it is no choice. For tasks that want a number about two texts also similarity: the cosine of their vectors, \
      as graft embed makes them.
      """)
  var answers = Answers.rank

  /// How answers are found.
  enum Answers: String, CaseIterable, ExpressibleByArgument {
    case generate, rank, similarity
  }

  @Option(
    help: """
      How the texts of minimal pairs and of candidates are scored: causal, each token from those before it, or masked, \
      each from all others (pseudo-log-likelihood). An encoder has masked alone, a prefix decoder that hybrid-lm \
      trained both and causal by default, all others causal.
      """)
  var scoring: TokenScoring?

  @Option(
    help: ArgumentHelp(
      """
      Score a decoder as another program does: lm-eval, EleutherAI's lm-evaluation-harness. --task then takes its names \
      (piqa, boolq …), and the table has its metrics.
      """, valueName: "name"))
  var `protocol`: ScoringProtocol?

  @Option(
    help: """
      Of --protocol: put so many answered examples before each prompt, those that the other program draws; by default \
      none.
      """)
  var shots: Int?

  @OptionGroup(title: "Decoding") var beam: BeamArguments

  @Option(
    help: """
      Evaluate at most this many examples of each split, always the same; results are marked as partial. With --protocol \
      the first ones.
      """)
  var limit: Int?

  @OptionGroup(title: "Reading") var reading: ReadingArguments

  @Option(help: "Longest target in tokens (default: \(SequenceLengths.standard.targets)).")
  var targetLength: Int?

  @Option(
    help: """
      Write results as JSON to this file, - for standard output; what was answered goes into a folder beside it, \
      scores.predictions for scores.json.
      """)
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Write what was answered to the tasks tagged babylm to this file, in the form of BabyLM's pipeline of 2025.",
      valueName: "file"))
  var babylmPredictions: String?

  @Option(
    help: "Also a table by the values of a group: label, or one that the task names (blimp: phenomenon).")
  var by: String?

  @Flag(help: "Also the scores of tasks by how many words their texts have, with examples and intervals.")
  var byLength = false

  @Option(
    parsing: .upToNextOption,
    help: """
      Conditions such as sst2.accuracy>=0.80, sst2.test.accuracy>=0.80 or hans.accuracy[heuristic=constituent]>=0.5; \
      exit code 3 if one fails.
      """)
  var require: [String] = []

  @Option(
    help: ArgumentHelp("A file of tasks, suites and conditions; exit code 3 if one fails.", valueName: "file")
  )
  var gate: String?

  @Flag(help: "Also the parts of tasks, and groups of more than 16 values, up to 100, such as the subcases of hans.")
  var details = false

  @Flag(help: "Also how often each label was taken for each, with precision, recall and F1 of each.")
  var confusion = false

  @Option(
    parsing: .upToNextOption,
    help: "Files of subsets (`graft cartography`, `graft probe`): every score also for each subset.")
  var subsets: [String] = []

  @OptionGroup var classifier: LabelArguments

  @OptionGroup(title: "Partial input") var partialInput: PartialInputArguments

  @Flag(
    inversion: .prefixedNo,
    help: "Majority and n-gram baselines beside every classification score, where the training data is here.")
  var baselines = true

  @Flag(
    inversion: .prefixedNo,
    help: "Say what of each scored split occurs in what the model was trained on, by runs of 13 words.")
  var overlap = true

  @Option(help: "Operands of matrix products: bf16, f32.")
  var precision = Precision.f32

  @OptionGroup(title: "Tasks and data") var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, .results, keys: ["arguments", "format", "results"], ["n-samples", "results"]),
      .json(babylmPredictions, keys: ["blimp"], ["blimp_supplement"], ["entity_tracking"]),
      .folder(predictionFolder) { $0.allSatisfy { $0.hasSuffix(".jsonl") || $0.hasPrefix("seed-") } },
      reading: checkpoint + subsets + [adapter.base, gate, predictions])
  }

  /// Where what was answered goes; nil if results are not written to a file, or into a stream.
  private var predictionFolder: String? {
    guard let json, json != "-", !json.hasPrefix("/dev/") else { return nil }
    var status = stat()
    guard stat(json, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else { return nil }
    return ComparedSystem.predictionFolder(ofResults: json)
  }

  /// How the models answer.
  /// - Parameter lengths: those of the models' run, where it has a say.
  /// - Throws: `.usage` for values out of range, and for flags that have no bearing on it.
  private func method(
    _ lengths: (inputs: Int?, targets: Int?) = (nil, nil)
  ) throws(GraftError) -> EvaluationMethod {
    func answering(_ mode: AnswerMode) throws(GraftError) -> EvaluationMethod {
      .answers(
        AnswerOptions(
          mode: mode, strategy: try beam.strategy(), layout: reading.layout, labels: try classifier.list(),
          scoring: scoring),
        inputLength: reading.inputLength ?? lengths.inputs,
        targetLength: targetLength ?? lengths.targets ?? SequenceLengths.standard.targets)
    }
    switch answers {
    case .generate: return try answering(.generate)
    case .rank: return try answering(.rank)
    case .similarity:
      let idle = [
        ("beam", beam.beam != nil), ("length-penalty", beam.lengthPenalty != nil),
        ("early-stopping", beam.earlyStopping), ("target-length", targetLength != nil),
        ("layout", reading.layout != nil), ("labels", classifier.labels != nil), ("scoring", scoring != nil),
      ]
      try Self.refuse(idle.filter(\.1).map(\.0), for: "--answers similarity")
      return .similarity(inputLength: reading.inputLength)
    }
  }

  /// What is scored and how, for every model.
  /// - Parameters:
  ///   - tasks: with whole prompts.
  ///   - suites: the same.
  ///   - root: where examples are read.
  func job(
    _ tasks: [TaskDefinition], _ suites: [RoutedSuite], _ root: DataRoot,
    _ lengths: (inputs: Int?, targets: Int?) = (nil, nil)
  ) throws -> EvaluationJob {
    let partial = try partialInput.partialInput()
    var job = EvaluationJob(
      tasks: try tasks.map { try $0.shown(partial) }, splits: split.isEmpty ? nil : split,
      suites: try suites.map { try $0.shown(partial) }, data: root, method: try method(lengths))
    job.limit = limit
    job.precision = precision
    job.world = try ProcessWorld.joined.get()
    job.partialInput = partial
    job.subsets = try SubsetScoring(subsets)
    job.scoresLengths = byLength
    return job
  }

  /// The same of the command's own tasks and suites, for a model of which nothing is known yet.
  /// - Parameter note: takes a line for people.
  func job(note: @escaping (String) -> Void) throws -> EvaluationJob {
    try DataArguments.validate(limit: limit)
    try requireNoShots()
    let catalog = try data.catalog()
    let (tasks, suites) = try evaluated(nil, catalog)
    let routing = try SuiteRouting(evaluating: ModelHistory(), given: tasks, through: through, catalog: catalog)
    let job = try job(tasks, routing.routed(suites, note: note), data.root)
    try job.subsets?.check(tasks)
    for task in tasks { _ = try evaluationSplits(of: task, job.splits, data.root, skippingAbsent: false) }
    return job
  }

  func run() throws {
    try DataArguments.validate(limit: limit)
    if let scoringProtocol = self.protocol { return try run(scoringProtocol) }
    try requireNoShots()
    try requireModelsOrPredictions()
    let gate = try gate.map { (path) throws(GraftError) in try Gate(path: path) }
    var expectations = try require.map { Gate.Expectation(requirement: try Requirement($0)) }
    expectations += gate?.expectations ?? []
    let partial = try partialInput.partialInput()
    _ = try method()
    let models = try EvaluatedModel.all(checkpoint)
    let remembered = RememberedEvaluation(
      models, isWanted: task.isEmpty && suite.isEmpty && tag.isEmpty && gate == nil)
    let (catalog, root) = (try remembered.catalog(data), remembered.root(data))
    let (tasks, suites) = try evaluated(gate, catalog, besides: remembered.tasks(catalog))
    let subsets = try SubsetScoring(subsets)
    try subsets.check(tasks)
    try checkBabyLM(tasks, models)
    var history = ModelHistory()
    for model in models { history.add(model.path) }
    let routed = try SuiteRouting(
      evaluating: history, given: tasks, through: through, catalog: catalog
    ).routed(suites, note: standardError)
    let job = try job(tasks, routed, root, remembered.lengths(tasks, routed))
    var absent = AbsentData(in: root)
    absent.look(forScoring: tasks, splits: split.isEmpty ? nil : split, suites: suites)
    try absent.require()
    var answers = BabyLMPredictions()
    let matrices = ConfusionTables()
    func results(_ folder: String?) throws(GraftError) -> ResultsFile {
      var results: [ResultEntry] = []
      if let predictions {
        results = try self.results(ofAnswers: predictions, job, predictionFolder: folder, observe: matrices.add)
      }
      for model in models {
        results += try job.results(
          of: model.path, base: adapter.base, seed: model.seed,
          predictionFolder: folder.map { folder in
            model.seed.map { "\(folder)/seed-\($0)/predictions" } ?? folder
          }, note: standardError
        ) {
          answers.add(task: $0.name, $1.examples, $1.report.answers)
          matrices.add($0, $1)
        }
      }
      try job.world.requireSame("scores", hash: ContentHash.of(JSONFile.line(results)))
      // What no model has a part in is for the one that tells of it.
      if baselines, job.world.isRoot {
        results += try BaselineScoring(data: root, limit: limit, subsets: subsets, note: standardError)
          .score(tasks: tasks, splits: split.isEmpty ? nil : split, suites: routed)
      }
      var file = ResultsFile(results)
      if overlap, job.world.isRoot {
        file.overlaps = try OverlapScoring(
          data: root, limit: limit, catalog: catalog, history: history, note: standardError
        ).score(tasks: tasks, splits: split.isEmpty ? nil : split, suites: routed)
      }
      if !expectations.isEmpty {
        var outcomes: [ConditionOutcome] = []
        for expectation in expectations {
          outcomes += try expectation.requirement.outcomes(
            results, system: ModelScoring.system("model", partial), reason: expectation.reason)
        }
        file.conditions = outcomes
      }
      return file
    }
    let file = try written(results)
    if let babylmPredictions { try JSONOutput.write(answers, to: babylmPredictions) }
    var printer = ResultPrinter(tasks: tasks, suites: suites, isDetailed: details)
    if byLength { printer.group = LengthScoring.group }
    try show(file, printer)
    if confusion, json != "-" { for text in matrices.texts { standardOutput(text) } }
    if let outcomes = file.conditions { try check(outcomes, gate) }
  }

  /// - Throws: `.usage` for examples that would stand before no prompt.
  private func requireNoShots() throws(GraftError) {
    guard shots != nil else { return }
    throw GraftError(.usage, "--shots belongs to --protocol", hint: "add --protocol lm-eval, or leave it out.")
  }

  /// Makes the results, and writes them to `--json`. They and what was answered appear together.
  /// - Parameter make: gets the folder for what is answered.
  private func written(
    _ make: (_ folder: String?) throws(GraftError) -> ResultsFile
  ) throws(GraftError) -> ResultsFile {
    guard let json, json != "-", ProcessWorld.speaks else { return try make(nil) }
    guard let predictionFolder else {
      var file = try make(nil)
      file.arguments = Surroundings.process.arguments
      try file.write(to: json)
      return file
    }
    let folder = try DurableFolder(predictionFolder)
    var file = try make(folder.partial)
    file.arguments = Surroundings.process.arguments
    try AtomicFile.write(Data(file.json().utf8), to: json) { () throws(GraftError) in try folder.commit() }
    return file
  }

  /// - Throws: `.usage` for a file of BabyLM's that would have nothing in it, or the answers of several models.
  private func checkBabyLM(_ tasks: [TaskDefinition], _ models: [EvaluatedModel]) throws(GraftError) {
    guard babylmPredictions != nil else { return }
    let known = BabyLMPredictions.tasks.keys.sorted()
    guard tasks.contains(where: { known.contains($0.name) }) else {
      throw GraftError(
        .usage, "--babylm-predictions is for the tasks \(known.joined(separator: ", "))",
        hint: "--tag babylm evaluates on all of them.")
    }
    guard models.count == 1 else {
      throw GraftError(
        .usage, "--babylm-predictions takes one model, there are \(models.count)",
        hint: "evaluate them one by one.")
    }
  }

  private func show(_ file: ResultsFile, _ printer: ResultPrinter) throws(GraftError) {
    if json == "-" {
      standardOutput(try file.json(), terminator: "")
      return
    }
    printer.show(file)
    if !subsets.isEmpty { try printTable(by: SubsetScoring.group, file) }
    if let by { try printTable(by: by, file) }
  }

  /// What is given, and what the gate names besides.
  /// - Parameter remembered: further tasks, those of a run.
  private func evaluated(
    _ gate: Gate?, _ catalog: TaskCatalog, besides remembered: [TaskDefinition] = []
  ) throws(GraftError) -> ([TaskDefinition], [SuiteDefinition]) {
    for name in tag where !(catalog.tasks.contains { $0.tags.contains(name) }) {
      guard catalog.suites.contains(where: { $0.tags.contains(name) }) else {
        throw .unknownName(
          "tag", name, known: Set((catalog.tasks.map(\.tags) + catalog.suites.map(\.tags)).joined()),
          list: "graft list tasks")
      }
    }
    func tagged(_ definitions: [some DataSetDefinition]) -> [String] {
      definitions.filter { $0.tags.contains(where: tag.contains) }.map(\.name)
    }
    var suites: [SuiteDefinition] = []
    for name in (suite + (gate?.suites ?? []) + tagged(catalog.suites)).exactlyDistinct {
      suites.append(try catalog.suite(named: name))
    }
    var tasks = remembered
    for name in (task + (gate?.tasks ?? []) + tagged(catalog.tasks)).exactlyDistinct {
      tasks.append(try catalog.task(named: name))
    }
    guard !tasks.isEmpty || !suites.isEmpty else {
      throw GraftError(
        .usage, "there is nothing to evaluate on",
        hint: "what the model was fine-tuned on is not known here: give --task NAME …, --suite NAME … or --tag NAME …,"
          + " or a gate that names some.")
    }
    return (tasks, suites)
  }

  private func printTable(by group: String, _ file: ResultsFile) throws(GraftError) {
    let table = file.table(by: group)
    guard !table.rows.isEmpty else {
      let known = Set(file.results.filter { $0.group.count == 1 }.flatMap(\.group.keys)).sorted()
      throw .unknownName("group", group, known: known)
    }
    standardOutput(table.plainText)
  }

  /// Says which conditions are met, on standard error where standard output is for a program.
  /// - Throws: `.requirementNotMet` if one is not.
  private func check(_ outcomes: [ConditionOutcome], _ gate: Gate?) throws(GraftError) {
    let text = (gate.map { "gate \($0.name)\n" } ?? "") + ConditionOutcome.table(outcomes).plainText
    if json == "-" { standardError(text) } else { standardOutput(text) }
    let failed = outcomes.filter { !$0.isMet }
    guard !failed.isEmpty else { return }
    throw GraftError(
      .requirementNotMet,
      "\(failed.count) of \(outcomes.count) conditions not met: "
        + failed.map {
          "\($0.condition) (\($0.task) \($0.split) has \(NumberText.fixed($0.score, digits: 4)))"
        }
        .joined(separator: "; "))
  }
}

extension TokenScoring: ExpressibleByArgument {}
