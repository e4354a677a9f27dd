import ArgumentParser
import Experiments
import Reporting
import Support
import WordVectors

/// `graft vectors analogies`
struct VectorsAnalogiesCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "analogies",
    abstract: "How many questions a : b = c : d word vectors answer.",
    discussion: """
      The answer is the word nearest to b - a + c other than these three (3CosAdd). Questions with a word that has no \
      vector are not asked; covered says how many were.

      Example:
        graft vectors analogies --vectors books.vectors --file word-analogies/questions-words.txt.gz
      """)

  @OptionGroup var arguments: VectorArguments

  @Option(help: "Questions as word2vec has them: lines `: section`, and lines of four words.")
  var file: String

  @Option(help: "Write the results as JSON to this file, - for standard output.")
  var json: String?

  @OptionGroup var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(.json(json, .wordAnalogies, keys: ["sections", "total"]), reading: [arguments.vectors, file])
  }

  private struct Results: KindedFile {
    static let kind = FileKind.wordAnalogies
    var sections: [WordAnalogies.Result]
    var total: WordAnalogies.Result
  }

  func run() throws {
    let questions = try WordAnalogies(contentsOf: data.corpus(file))
    let (sections, total) = questions.results(of: try arguments.space(), ignoringCase: arguments.ignoreCase)
    if let json { try JSONOutput.write(Results(sections: sections, total: total), to: json) }
    guard json != "-" else { return }
    var table = Table([
      .init("section"), .init("questions", .right), .init("covered", .right), .init("right", .right),
      .init("% of covered", .right),
    ])
    for result in sections + [total] {
      table.append([
        result.section, "\(result.questions)", "\(result.covered)", "\(result.correct)",
        result.accuracy?.scaled(by: 100).scoreText ?? "-",
      ])
    }
    standardOutput(table.plainText, terminator: "")
  }
}
