import ArgumentParser
import Experiments
import Reporting
import Scoring
import Support
import WordVectors

/// `graft vectors similarity`
struct VectorsSimilarityCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "How the cosines of word vectors go with what people find similar.",
    discussion: """
      Spearman's rank correlation times 100, with the 95 % interval of its bootstrap. Pairs with a word that has no vector \
      are left out; covered says how many remain.

      Example:
        graft vectors similarity --vectors books.vectors --file word-similarity/EN-WS-353-ALL.txt
      """)

  @OptionGroup var arguments: VectorArguments

  @Option(parsing: .upToNextOption, help: "Files of lines `word word score`.")
  var file: [String]

  @Option(help: "Write the results as JSON to this file, - for standard output.")
  var json: String?

  @OptionGroup var data: DataArguments

  func files() -> CommandFiles {
    CommandFiles(.json(json, .wordSimilarities, keys: ["similarities"]), reading: [arguments.vectors] + file)
  }

  private struct Results: KindedFile {
    static let kind = FileKind.wordSimilarities
    var similarities: [WordSimilarities.Result]
  }

  func run() throws {
    var sets: [(name: String, pairs: WordSimilarities)] = []
    for name in file { sets.append((name, try WordSimilarities(contentsOf: data.corpus(name)))) }
    let space = try arguments.space()
    let results = sets.map {
      $0.pairs.result(
        of: space, named: $0.name, ignoringCase: arguments.ignoreCase, bootstrap: BootstrapOptions())
    }
    if let json { try JSONOutput.write(Results(similarities: results), to: json) }
    guard json != "-" else { return }
    var table = Table([.init("file"), .init("pairs", .right), .init("covered", .right), .init("spearman", .right)])
    for result in results {
      table.append([
        Paths.name(of: result.file), "\(result.pairs)", "\(result.covered)",
        result.spearman?.scaled(by: 100).scoreText ?? "-",
      ])
    }
    standardOutput(table.plainText, terminator: "")
  }
}
