import ArgumentParser
import Microworld
import Support

/// `graft microworld`
struct MicroworldCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "microworld",
    abstract:
      "Generate a little world: a corpus and exactly labelled tasks with a planted annotation artifact.",
    discussion: """
      Writes corpus.txt, whose documents are separated by blank lines, files and definitions of four tasks, and the \
      stress twin of the NLI test; the folder serves as --tasks and as --data. A first word of hypotheses such as \
      "Indeed," goes with the label in a share --artifact of the NLI examples and is drawn in the rest; in the twin it \
      goes with another label.

      Example:
        graft microworld --output world --artifact 0.9
        graft finetune --task micro-nli --suite micro-nli-stress --tasks world --data world …
      """)

  @Option(help: "Folder to write to.")
  var output: String

  @Option(help: "Strength of the artifact in NLI hypotheses, 0 (first words tell nothing) … 1.")
  var artifact = 0.9

  @Option(help: "The corpus ends with the document that reaches this size in bytes.")
  var corpusBytes = MicroworldOptions().corpusBytes

  @Option(help: "Training examples of each task.")
  var trainingExamples = MicroworldOptions().trainingExamples

  @Option(help: "Test examples of each task.")
  var testExamples = MicroworldOptions().testExamples

  @Option(help: "The seed everything is a function of.")
  var seed: UInt64 = 1

  func files() -> CommandFiles {
    CommandFiles(.folder(output) { $0.contains("\(Microworld.Files.suite).yaml") })
  }

  func run() throws {
    let options = MicroworldOptions(
      seed: seed, artifactStrength: artifact, corpusBytes: corpusBytes, trainingExamples: trainingExamples,
      testExamples: testExamples)
    try DurableFolder.replace(output, keepingOthers: true) { (folder) throws(GraftError) in
      try Microworld.write(to: folder, options: options)
    }
    standardOutput("corpus  \(Paths.join(output, "corpus.txt"))")
    standardOutput("tasks   \(Microworld.Files.tasks.joined(separator: ", "))")
    standardOutput("suite   \(Microworld.Files.suite)")
  }
}
