import ArgumentParser
import Corpus
import Experiments
import Inference
import Support
import TaskRegistry

/// `graft inspect alignment`
struct InspectAlignmentCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "alignment",
    abstract: "Show where a model looks in a text for each token of its answer.",
    discussion: """
      That is its attention over the text, the mean over heads and layers: of an encoder-decoder over what the encoder \
      read, of a decoder over the prompt. Weights of attention are no explanation of an answer.

      Example:
        graft inspect alignment --checkpoint runs/en-de --source 'A man is sleeping.' --svg alignment.svg
        graft inspect alignment --checkpoint runs/en-de --source 'A man is sleeping.' --target 'Ein Mann schläft.'
      """)

  @Option(help: "A checkpoint, run directory or Hugging Face folder.", completion: .checkpoints)
  var checkpoint: String

  @OptionGroup var adapter: BaseArguments

  @Option(help: "The text.")
  var source: String

  @Option(help: "The answer; by default the model's own.")
  var target: String?

  @Option(
    help: """
      The task as which the text is put, one with a single text; by default that of the model's run, and where there is \
      none, the text is put as it is.
      """, completion: .tasks)
  var task: String?

  @OptionGroup(title: "Decoding") var beam: BeamArguments

  @Option(help: ArgumentHelp("Write a picture to this file.", valueName: "file"))
  var svg: String?

  @Option(help: "Write tokens and weights as JSON to this file, - for standard output.")
  var json: String?

  @Option(help: "Folder of further task definitions; by default those that the run remembers.")
  var tasks: [String] = []

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, keys: ["tokens", "weights", "written"]),
      svg.map { .text($0, marker: "aria-label=\"\(AlignmentView.title)\"") }, reading: [checkpoint, adapter.base])
  }

  func run() throws {
    guard target == nil || beam.beam == nil else {
      throw GraftError(.usage, "--beam looks for an answer, which --target gives", hint: "leave one of them out.")
    }
    let memory = RunMemory(of: checkpoint)
    var request = AlignmentView.Request(
      checkpoint: checkpoint, base: adapter.base, task: try chosenTask(memory), source: source, target: target,
      lengths: memory?.lengths ?? .standard)
    request.strategy = try beam.strategy()
    let view = try AlignmentView(request)
    if let svg { try AtomicFile.write(view.picture.svg, to: svg) }
    if let json { try JSONOutput.write(view, to: json) }
    guard json != "-" else { return }
    if let task = view.task { standardOutput("task    \(task)") }
    standardOutput("source  \(view.source)\n\(view.isWritten ? "answer " : "target ")  \(view.target)\n")
    standardOutput(view.table.plainText)
  }

  /// That of the run only if it takes one text.
  private func chosenTask(_ memory: RunMemory?) throws(GraftError) -> TaskDefinition? {
    let known = try TasksOfRun(checkpoint, memory, folders: tasks)
    if let task { return try known.task(named: task) }
    guard let memory, memory.tasks.count == 1 else { return nil }
    let own = try known.task(named: memory.tasks[0])
    return AlignmentView.soleField(of: own) == nil ? nil : own
  }
}
