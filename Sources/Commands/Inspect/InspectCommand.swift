import ArgumentParser
import Checkpointing
import Families
import Inference
import Records
import Reporting
import Support

/// `graft inspect`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Look inside a task, a mixture, a checkpoint, an objective, a stress transform or an answer.",
    subcommands: [
      InspectAlignmentCommand.self, InspectCheckpointCommand.self, InspectMixtureCommand.self,
      InspectObjectiveCommand.self, InspectTaskCommand.self, InspectTransformCommand.self,
    ])
}

/// `graft inspect checkpoint`
struct InspectCheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Verify a checkpoint's hashes and show its model and tensors, and values that are not finite.")

  @Argument(help: "A checkpoint, run directory or Hugging Face folder.")
  var path: String

  @OptionGroup var adapter: BaseArguments

  /// How the tensors of a folder fit its configuration.
  private func fit(_ folder: HuggingFaceFolder) throws(GraftError) -> String {
    let declarations = try Families.make(folder.configuration).declarations
    do throws(GraftError) {
      try folder.verify(declarations.all)
      return "all tensors fit"
    } catch {
      try folder.verify(declarations.all, replacing: declarations.namesOfHeads)
      return "an encoder without a head, which `graft finetune` gives it"
    }
  }

  func run() throws {
    let (saved, configuration, tokenizer) = try ModelFolder.open(path, base: adapter.base)
    switch saved {
    case .checkpoint(let checkpoint):
      standardOutput("\(checkpoint.path): all \(checkpoint.manifest.files.count) files match their hashes")
    case .huggingFace(let folder):
      standardOutput("\(folder.path): a Hugging Face folder, model type \(folder.modelType); \(try fit(folder))")
    case .adapted(let adapted):
      let kind = adapted.checkpoint == nil ? "an adapter of PEFT's" : "an adapter"
      standardOutput("\(adapted.path): \(kind), of the model \(adapted.base.path)")
      if let lora = configuration.lora { standardOutput("low-rank adaptation: \(lora.facts)") }
    }
    let c = configuration
    let tokens = tokenizer.vocabulary.size
    let vocabulary = c.vocabularySize == tokens ? "\(tokens)" : "\(c.vocabularySize) for \(tokens) tokens"
    let facts = try c.traits().facts + ["vocabulary \(vocabulary)"]
    standardOutput("\(c.family): \(facts.joined(separator: ", "))")
    if let reading = c.reading {
      standardOutput("reads a text as \(Self.name(reading.layout))\(Self.tasks(reading))")
    }
    var table = Table([.init("tensor"), .init("shape"), .init("values", .right)])
    var total = 0
    for tensor in saved.tensors {
      table.append([tensor.name, "\(tensor.shape)", "\(tensor.count)"])
      total += tensor.count
    }
    standardOutput(table.plainText)
    var state = "weights only"
    if case .checkpoint(let checkpoint) = saved, checkpoint.isResumable { state = "can be resumed" }
    if case .adapted(let adapted) = saved, adapted.checkpoint?.isResumable == true { state = "can be resumed" }
    standardOutput("\(total) parameters; \(state)")
    let broken = try saved.tensorsNotFinite()
    guard !broken.isEmpty else { return }
    var notFinite = Table([.init("NaN or infinite"), .init("values", .right), .init("of", .right)])
    for (tensor, count) in broken { notFinite.append([tensor.name, "\(count)", "\(tensor.count)"]) }
    standardOutput("\n\(notFinite.plainText)")
    standardOutput("not finite: no command computes with this model")
  }

  /// The tasks that are read another way than other texts.
  private static func tasks(_ reading: TextReading) -> String {
    let others = (reading.tasks ?? [:]).filter { $0.value != reading.layout }
    guard !others.isEmpty else { return "" }
    return "; "
      + others.sorted { $0.key < $1.key }.map { "\($0.key) as \(name($0.value))" }
      .joined(separator: ", ")
  }

  private static func name(_ layout: TextLayout) -> String {
    switch layout {
    case .prompt, .continuation: "a \(layout.rawValue)"
    case .segments: "segments"
    }
  }
}
