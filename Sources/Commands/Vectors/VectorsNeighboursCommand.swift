import ArgumentParser
import Reporting
import Support
import WordVectors

/// `graft vectors neighbours`
struct VectorsNeighboursCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbours",
    abstract: "The words nearest to some, by the cosine of their vectors.",
    discussion: """
      Words that begin with + or - after the first are added to it or taken away: 'king -man +woman'.

      Example:
        graft vectors neighbours --vectors books.vectors river
        graft vectors neighbours --vectors books.vectors 'king -man +woman' river
      """)

  @OptionGroup var arguments: VectorArguments

  @Option(help: "How many to show.")
  var count = 10

  @Argument(help: "Words, or sums of words.")
  var words: [String]

  func run() throws {
    guard count >= 1 else {
      throw GraftError(.usage, "--count \(count) shows nothing", hint: "give a positive number.")
    }
    let space = try arguments.space()
    var table = Table([.init("of"), .init("cosine", .right), .init("word")])
    for text in words {
      let sum = try sum(text, in: space)
      for (index, found) in space.nearest(to: sum, count).enumerated() {
        table.append([index == 0 ? text : "", NumberText.fixed(found.score, digits: 3), found.word])
      }
    }
    standardOutput(table.plainText, terminator: "")
  }

  private func sum(_ text: String, in space: Neighbourhood) throws(GraftError) -> [(row: Int, weight: Float)] {
    var sum: [(row: Int, weight: Float)] = []
    for part in text.split(separator: " ") {
      let hasSign = !sum.isEmpty && (part.first == "+" || part.first == "-")
      let word = String(hasSign ? part.dropFirst() : part)
      guard let row = space.row(word, ignoringCase: arguments.ignoreCase) else {
        throw GraftError(
          .badData, "the word '\(word)' has no vector",
          hint: "a word that is rare in the text is left out; and \(space.count) words take part.")
      }
      sum.append((row, hasSign && part.first == "-" ? -1 : 1))
    }
    guard !sum.isEmpty else { throw GraftError(.usage, "there is no word in '\(text)'", hint: "name one.") }
    return sum
  }
}
