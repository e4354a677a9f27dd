import ArgumentParser
import Corpus
import Foundation
import Inference
import ModelKit
import Records
import Support
import TaskRegistry

/// `graft chat`
struct ChatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "Ask a model line by line in the terminal.",
    discussion: """
      A fine-tuned model answers each line as its task, with the probability of every label. Where the task has several \
      fields they stand in one line with tabs between them, or are asked for one after another. A language model goes \
      on with each line. /help shows what else can be typed; /quit or the end of the input ends it.

      Example:
        graft chat runs/sst2
        graft chat rootstock-mini --sample --seed 3
        cut -f2 pairs.tsv | graft chat runs/sst2
      """)

  @Argument(
    help: "A checkpoint, run directory, Hugging Face folder or the name of a model that comes with Graft.",
    completion: .checkpoints)
  var checkpoint: String

  @Option(help: "As which task lines are put; by default the one that the model was trained on.", completion: .tasks)
  var task: [String] = []

  @Option(help: "Folder of further task definitions; by default those that the run remembers.")
  var tasks: [String] = []

  @Option(help: "Longest continuation in tokens.")
  var targetLength = 40

  @OptionGroup(title: "Decoding") var sampling: SamplingArguments

  func run() throws {
    let memory = RunMemory(of: checkpoint)
    let known = try TasksOfRun(checkpoint, memory, folders: tasks).tasks(task)
    let strategy = try sampling.strategy() ?? .greedy
    let model = try OpenModel(opening: checkpoint, lengths: memory?.lengths, shardCount: 1)
    guard !known.isEmpty || model.writes else {
      throw GraftError(
        .usage, "'\(checkpoint)' neither writes nor was trained on a task that is known here",
        hint: "name a --task for it, or give a fine-tuned run or a language model.")
    }
    var conversation = Conversation(
      model: model, tasks: known, decoding: DecodingOptions(strategy, maximumTokens: targetLength, needsScores: true),
      isTyped: isatty(STDIN_FILENO) == 1)
    try conversation.hold()
  }
}

/// Lines that are read, and what a model says to them.
private struct Conversation {
  let model: OpenModel
  let tasks: [TaskDefinition]
  let decoding: DecodingOptions
  /// Whether a person sits there.
  let isTyped: Bool
  private var task: TaskDefinition?
  private var number = 0

  init(model: OpenModel, tasks: [TaskDefinition], decoding: DecodingOptions, isTyped: Bool) {
    (self.model, self.tasks, self.decoding, self.isTyped) = (model, tasks, decoding, isTyped)
    task = tasks.first
  }

  /// Until the end of the input. A line that cannot be answered is told of and does not end it.
  mutating func hold() throws(GraftError) {
    if isTyped { standardError(help) }
    while let line = read(task.map { $0.rowFields.needed.joined(separator: ", ") } ?? "text") {
      if line.hasPrefix("/") {
        guard obey(line) else { return }
        continue
      }
      guard !line.isEmpty else { continue }
      do throws(GraftError) {
        if let task { try answer(line, as: task) } else { try goOn(after: line) }
      } catch {
        standardError(error)
      }
      try StandardOutput.flush()
    }
  }

  private func read(_ prompt: String) -> String? {
    if isTyped { StandardError.write("\(prompt)> ") }
    return readLine()
  }

  private var help: String {
    let known = tasks.map(\.name).joined(separator: ", ")
    return
      (task.map { "Answers as the task '\($0.name)'. " } ?? "Goes on with texts. ")
      + "/help, /quit\(tasks.count > 1 ? ", /task NAME (\(known))" : "")"
  }

  /// - Returns: whether the conversation goes on.
  private mutating func obey(_ line: String) -> Bool {
    let words = line.split(separator: " ")
    switch words[0] {
    case "/quit", "/exit": return false
    case "/help": standardError(help)
    case "/task" where words.count == 2 && tasks.contains(where: { $0.name == words[1] }):
      task = tasks.first { $0.name == words[1] }
      standardError(help)
    default: standardError("unknown: \(GraftError.shown(line, limit: GraftError.longestName)). \(help)")
    }
    return true
  }

  private func answer(_ line: String, as task: TaskDefinition) throws(GraftError) {
    let needed = task.rowFields.needed
    var cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    if cells.count == 1 {
      for field in needed.dropFirst() {
        guard let next = read("  \(field)") else {
          throw GraftError(.badData, "the input ends before the field '\(field)'", hint: "put tabs between fields.")
        }
        cells.append(next)
      }
    }
    guard cells.count == needed.count else {
      throw GraftError(
        .badData, "the line has \(cells.count) fields, the task '\(task.name)' \(needed.count)",
        hint: "they are \(needed.joined(separator: ", ")), with tabs between them.")
    }
    let fields = Dictionary(zip(needed, cells)) { first, _ in first }
    let example = try task.example(of: UnlabelledRow(fields), in: "the line")
    guard let prediction = try model.predictions([example], task: task).first else { return }
    let answer = task.interpreted(prediction, to: example)
    let label = task.label(of: answer, to: example) ?? answer.text
    guard let found = task.labelledProbabilities(of: answer, to: example) else { return standardOutput(label) }
    let shown = found.sorted { $0.probability > $1.probability }.map {
      "\($0.label) \(NumberText.fixed($0.probability, digits: 3))"
    }
    standardOutput("\(label)\t\(shown.joined(separator: ", "))")
  }

  private mutating func goOn(after line: String) throws(GraftError) {
    let continuer = try model.continuer()
    let prompt = continuer.prompt(line)
    var options = decoding
    options.maximumTokens = min(options.maximumTokens, continuer.room(after: prompt))
    guard options.maximumTokens > 0 else {
      throw GraftError(
        .usage, "the line has \(prompt.count) tokens, more than there is room for", hint: "give a shorter one.")
    }
    let found = try continuer.completion(of: prompt, options, sample: number)
    number += 1
    standardOutput(continuer.text(found.tokens, after: prompt))
  }
}
