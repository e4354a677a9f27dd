import ArgumentParser
import Corpus
import Experiments
import Inference
import Objectives
import Records
import Reporting
import Support
import Tokenization

/// `graft inspect objective`
struct InspectObjectiveCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "objective",
    abstract: "Show what a pretraining objective does to a text: what is read, hidden and predicted, by token.",
    discussion: """
      The text is cut into stretches as long as pretraining's, and each becomes an example, laid out as a model gets it. \
      Without --tokenizer and --checkpoint the tokenizer of the model that comes with Graft is used.

      Example:
        graft inspect objective span-corruption --text 'The cat sat on the mat and looked at the dog.'
        graft inspect objective masked-lm --set masking-rate=0.3 --tokenizer tokenizer.json book.txt -n 3
      """)

  @Argument(help: "Objective: \(Objectives.registry.names.joined(separator: ", ")).", completion: .objectives)
  var name: String

  @Argument(help: "A file of text, - for standard input; its beginning is read. Instead of --text.")
  var file: String?

  @Option(help: "The text itself.")
  var text: String?

  @Option(
    name: .customLong("set"), parsing: .upToNextOption,
    help: "Objective parameters as name=value; 0 and 1 may be false and true.")
  var parameters: [String] = []

  @Option(help: "A tokenizer.json or its directory.")
  var tokenizer: String?

  @Option(
    help: "Take tokenizer and layout of this checkpoint, run directory or Hugging Face folder.",
    completion: .checkpoints)
  var checkpoint: String?

  @OptionGroup var adapter: BaseArguments

  @Option(help: "What the example is laid out for; by default the first of them that the objective trains.")
  var layout: BatchLayout?

  @Option(help: "Tokens of an example's inputs, or of a decoder's sequence.")
  var sequenceLength = SequenceLengths.standard.inputs

  @Option(help: "The share of a run that is over, 0 to 1, for what changes on the way.")
  var progress = 0.0

  @Option(help: "Seed of everything that is drawn.")
  var seed: UInt64 = 0

  @Option(name: .customShort("n"), help: ArgumentHelp("How many examples at most.", valueName: "count"))
  var count = 1

  @Option(
    help: """
      Write the same as JSON to this file, - for standard output: examples with text, encoder and decoder, whose \
      positions have reads, predicts and change.
      """)
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(
      .json(json, keys: ["objective", "parameters", "layout", "examples"]),
      reading: [file, tokenizer, checkpoint, adapter.base])
  }

  func validate() throws {
    guard text == nil || file == nil else { throw ValidationError("give either --text or a file, not both") }
    guard tokenizer == nil || checkpoint == nil else {
      throw ValidationError("--tokenizer and --checkpoint exclude each other")
    }
    guard count >= 1 else { throw ValidationError("-n must be positive") }
    guard (0...1).contains(progress) else { throw ValidationError("--progress is a share, from 0 to 1") }
    guard sequenceLength >= 1, sequenceLength <= SequenceLengths.longest else {
      throw ValidationError("--sequence-length is 1 to \(SequenceLengths.longest)")
    }
  }

  func run() throws {
    _ = try Objectives.registry(name)
    let (tokenizer, modelLayout, source) = try opened()
    var wishes = ObjectiveView.Wishes()
    wishes.parameters = try assignments(parameters)
    wishes.layout = layout ?? modelLayout
    wishes.sequenceLength = sequenceLength
    wishes.seed = seed
    wishes.progress = progress
    wishes.count = count
    let view = try ObjectiveView(name, try tokens(tokenizer), tokenizer, wishes)
    if let json { try JSONOutput.write(view, to: json) }
    if json != "-" { show(view, source: source) }
  }

  private func opened() throws(GraftError) -> (Tokenizer, BatchLayout?, source: String) {
    if let tokenizer { return (try Tokenizer(contentsOf: tokenizer), nil, tokenizer) }
    try adapter.require(checkpoint)
    if let checkpoint {
      let (_, configuration, tokenizer) = try ModelFolder.open(checkpoint, base: adapter.base)
      return (tokenizer, try configuration.traits().layout, checkpoint)
    }
    guard let released = ReleasedModels.names.first, let path = ReleasedModels.path(released) else {
      throw GraftError(.usage, "no tokenizer is given", hint: "name one with --tokenizer or --checkpoint.")
    }
    return (try Tokenizer(contentsOf: "\(path)/tokenizer.json"), nil, "that of \(released)")
  }

  /// Of the text, or of the beginning of the file.
  private func tokens(_ tokenizer: Tokenizer) throws(GraftError) -> [TokenID] {
    if let text { return tokenizer.encode(text) }
    guard let file else {
      throw GraftError(.usage, "give either --text or a file", hint: "`-` is standard input.")
    }
    let input = try TextInput(file)
    // A token has no more than a few bytes on average.
    let wanted = 32 * (count + 1) * sequenceLength
    var bytes: [UInt8] = []
    while bytes.count < wanted, try input.read(into: &bytes) {}
    if bytes.count > wanted, let end = bytes[..<wanted].lastIndex(of: 0x0A) ?? bytes[..<wanted].lastIndex(of: 0x20) {
      bytes.removeSubrange(end...)
    }
    var tokens: [TokenID] = []
    bytes.withUnsafeBytes { tokenizer.makeEncoder().encode($0, recognizingSpecialTokens: false, into: &tokens) }
    return tokens
  }

  private func show(_ view: ObjectiveView, source: String) {
    let summary = Objectives.registry.summary(of: name)
    let values = view.parameters.sorted { $0.key < $1.key }.map { "\($0.key) \(NumberText.shortest($0.value))" }
    var facts = [
      ("objective", "\(name): \(summary)"), ("parameters", values.joined(separator: ", ")),
      ("layout", view.layout), ("tokenizer", source),
      ("text", "\(view.stretches) stretch\(view.stretches == 1 ? "" : "es") of at most \(view.longestText) tokens"),
    ]
    if !view.lossIsLogProbability {
      facts.append(("loss", "one of its own, which is more than the log-probability of what is predicted here"))
    }
    for (key, value) in facts where !value.isEmpty {
      standardOutput("\(key)\(String(repeating: " ", count: max(1, 12 - key.count)))\(value)")
    }
    for (index, example) in view.examples.enumerated() {
      standardOutput("\nexample \(index + 1), of \(example.text.count) tokens")
      standardOutput("text        \(spelled(example.text))")
      for (name, positions) in [("encoder", example.encoder), ("decoder", example.decoder)] where !positions.isEmpty {
        standardOutput("\n\(name)\n\(table(positions).plainText)", terminator: "")
      }
      if let answer = example.answer {
        standardOutput("\nanswer about the whole: \(NumberText.shortest(Double(answer)))")
      }
    }
  }

  private func spelled(_ tokens: [ObjectiveView.Token]) -> String { tokens.map(\.token).joined(separator: " ") }

  /// Columns that say nothing of any position are left out.
  private func table(_ positions: [ObjectiveView.Position]) -> Table {
    typealias Cell = (ObjectiveView.Position) -> String?
    let wanted: [(Table.Column, Cell)] = [
      (.init("reads"), { $0.reads.token }), (.init("id", .right), { "\($0.reads.id)" }),
      (.init("segment", .right), { $0.segment.map(String.init) }),
      (.init("sees"), { $0.isInPrefix.map { $0 ? "whole prefix" : "what is before" } }),
      (.init("predicts"), { $0.predicts?.token }), (.init("id", .right), { ($0.predicts?.id).map { "\($0)" } }),
      (.init("change"), { $0.change?.rawValue }),
    ]
    let columns = wanted.filter { column in positions.contains { column.1($0) != nil } }
    var table = Table([.init("position", .right)] + columns.map(\.0))
    for (index, position) in positions.enumerated() {
      table.append(["\(index)"] + columns.map { $0.1(position) ?? "" })
    }
    return table
  }
}

extension BatchLayout: ExpressibleByArgument {}
