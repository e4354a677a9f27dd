import ArgumentParser
import Compute
import Corpus
import Experiments
import Inference
import ModelKit
import Records
import Reporting
import Support
import TaskRegistry

/// `graft predict`
struct PredictCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Answer rows of your own that have no labels: labels with probabilities, numbers or texts.",
    discussion: """
      The rows are put to the model as the task it was fine-tuned on, which its run remembers with the folders of its \
      definition. They are a table (tab or comma), JSON lines, or plain lines where the task has one field. A column is \
      found by the name of the task's field, or by the one that the task's own files have for it; a label is not needed. \
      Answers are written as they are found, with a thousand rows in memory, in the order of the rows.

      Example:
        graft predict --checkpoint runs/sst2 --input reviews.txt
        graft predict --checkpoint runs/nli --input pairs.csv --output answers.csv --texts
        graft predict --checkpoint runs/glue --task rte --input RTE/test.tsv --format glue --output RTE.tsv
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.", completion: .checkpoints)
  var checkpoint: String

  @OptionGroup var adapter: BaseArguments

  @Option(help: "The rows, gzip or not; - for standard input.")
  var input: String

  @Option(help: "Where the answers go (default: standard output).")
  var output: String?

  @Option(
    help: """
      The task as which rows are put: by default the one that the model was trained on; needed where it was trained on \
      several, or where its run is not known.
      """, completion: .tasks)
  var task: String?

  @Option(
    help: """
      How answers are written: \(AnsweredRowFormat.allCases.map(\.rawValue).joined(separator: ", ")) (the last two as \
      these benchmarks' servers take them); by default as the name of --output ends, else tsv.
      """)
  var format: AnsweredRowFormat?

  @Option(
    help: """
      How the rows are written: \(UnlabelledRows.Format.allCases.map(\.rawValue).joined(separator: ", ")); by default as \
      the name of --input ends, else as its first line looks.
      """)
  var inputFormat: UnlabelledRows.Format?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Which column, or which key of JSON, holds a field: premise=text1 hypothesis=2, by name or by number from 1.",
      valueName: "field=column"))
  var fields: [String] = []

  @Flag(help: "The first line of the table is a row; its columns stand in the order of the task's fields.")
  var noHeader = false

  @Flag(help: "Write the fields of each row beside its answer.")
  var texts = false

  @Option(
    help: """
      How answers are found for tasks with choices: rank them by log-probability, or generate a text, which may be none \
      of them.
      """)
  var answers = AnswerMode.rank

  @OptionGroup(title: "Decoding") var beam: BeamArguments

  @Option(help: "Longest input in tokens (default: as the model was trained, else \(SequenceLengths.standard.inputs)).")
  var inputLength: Int?

  @Option(
    help: "Longest answer in tokens (default: as the model was trained, else \(SequenceLengths.standard.targets)).")
  var targetLength: Int?

  @OptionGroup var classifier: LabelArguments

  @Option(help: "Operands of matrix products: bf16, f32.")
  var precision = Precision.f32

  @Option(help: "Folder of further task definitions; by default those that the run remembers.")
  var tasks: [String] = []

  /// Where answers go; nil for standard output.
  private var file: String? { output.flatMap { $0 == "-" ? nil : $0 } }

  func files() -> CommandFiles {
    CommandFiles(file.map(CommandOutput.answers), reading: [checkpoint, adapter.base, input == "-" ? nil : input])
  }

  func run() throws {
    let memory = RunMemory(of: checkpoint)
    let task = try chosenTask(memory)
    let rows = try UnlabelledRows(
      input, of: task, format: inputFormat, columns: try columns(), hasHeader: !noHeader)
    let lengths = memory?.lengths
    let evaluator = try Evaluator(
      opening: checkpoint, base: adapter.base,
      .answers(
        AnswerOptions(mode: answers, strategy: try beam.strategy(), labels: try classifier.list()),
        inputLength: inputLength ?? lengths?.inputs,
        targetLength: targetLength ?? lengths?.targets ?? SequenceLengths.standard.targets),
      precision: precision)
    var writer = AnsweredRowWriter(
      format ?? file.flatMap(AnsweredRowFormat.init(path:)) ?? .tsv, choices: task.choices ?? [],
      fields: texts ? task.rowFields.all : [])
    let answering = RowAnswering(evaluator, task: task)
    var summary = RowAnswering.Summary()
    if let file {
      try AtomicFile.write(to: file) { (output) throws(GraftError) in
        summary = try answering.answer(rows, of: input) { (row) throws(GraftError) in
          try output.append(try writer.text(row))
        }
      }
    } else {
      summary = try answering.answer(rows, of: input) { (row) throws(GraftError) in
        standardOutput(try writer.text(row), terminator: "")
      }
    }
    show(summary, task, evaluator)
  }

  private func show(_ summary: RowAnswering.Summary, _ task: TaskDefinition, _ evaluator: Evaluator) {
    let counts = summary.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = counts.prefix(10).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    if task.choices != nil || file != nil {
      standardError(
        "\(summary.rows) \(summary.rows == 1 ? "row" : "rows") answered as the task '\(task.name)'"
          + (task.choices == nil ? "" : ": \(shown)"))
    }
    if summary.cut > 0 {
      let room = evaluator.room(for: task)
      standardError(
        "note: \(summary.cut) of \(summary.rows) rows were cut to \(room.tokens) tokens"
          + (room.canGrow ? "; --input-length gives more room" : ", which is all that the model has positions for"))
    }
    for note in summary.notes(task) { standardError(note) }
  }

  /// - Throws: `.usage` where it is not known, or is one of several; `.badData` for a definition that does not hold.
  private func chosenTask(_ memory: RunMemory?) throws(GraftError) -> TaskDefinition {
    let known = try TasksOfRun(checkpoint, memory, folders: tasks)
    let named: String? = if let task { task } else { try soleTask(memory) }
    guard let name = named else {
      throw GraftError(
        .usage, "it is not known what '\(checkpoint)' was trained on: no run.json is beside it",
        hint: "say as which task rows are put: --task NAME (`graft list tasks`), with --tasks for a folder of your own."
      )
    }
    return try known.task(named: name)
  }

  /// What the model was trained on last; nil if that is not known.
  private func soleTask(_ memory: RunMemory?) throws(GraftError) -> String? {
    guard let memory else { return nil }
    guard memory.tasks.count == 1 else {
      throw GraftError(
        .usage, "the model was trained on several tasks",
        hint: "say which with --task: \(memory.tasks.joined(separator: ", ")).")
    }
    return memory.tasks[0]
  }

  private func columns() throws(GraftError) -> [String: String] {
    var columns: [String: String] = [:]
    for text in fields {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw GraftError(.usage, "--fields '\(text)' is not FIELD=COLUMN", hint: "as in --fields premise=text1.")
      }
      columns[String(parts[0])] = String(parts[1])
    }
    return columns
  }
}

extension CommandOutput {
  /// Answers to rows, known by their first line.
  static func answers(_ path: String) -> CommandOutput {
    CommandOutput(
      path: path,
      kind: .file { (path) throws(GraftError) in
        try MappedFile(path).withBytes { bytes in
          let line = String(decoding: bytes.prefix(4096).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
          return line.hasPrefix("index\t") || line.hasPrefix("index,") || line.contains("\"prediction\":")
            || line.hasPrefix("{\"idx\":")
        }
      })
  }
}

extension AnsweredRowFormat: ExpressibleByArgument {}
extension UnlabelledRows.Format: ExpressibleByArgument {}
