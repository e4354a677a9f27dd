import ArgumentParser
import Corpus
import Support
import Tokenization

/// `graft tokenizer …`: train a tokenizer and look at what it does.
public struct TokenizerCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Train a tokenizer, read those of others, and look at what they do.",
    subcommands: [
      TokenizerTrainCommand.self, TokenizerEncodeCommand.self, TokenizerDecodeCommand.self,
      TokenizerInspectCommand.self, TokenizerCompareCommand.self, TokenizerImportCommand.self,
      TokenizerExportCommand.self,
    ])

  public init() {}
}

extension BytePattern: ExpressibleByArgument {}
extension CorpusFormat: ExpressibleByArgument {}
extension DocumentBoundary: ExpressibleByArgument {}
extension InvalidUTF8Policy: ExpressibleByArgument {}
extension Normalization: ExpressibleByArgument {}
extension VocabularyUnit: ExpressibleByArgument {}

enum CleaningHelp {
  static let text: ArgumentHelp = """
    Cleaning: \(CleaningOptions.names.joined(separator: ", ")), or rules by name, with commas between several. c4 takes \
    a line for a paragraph; markup takes left-overs of HTML and wikis out.
    """
}

/// The options that say how files become documents.
struct CorpusReadingArguments: ParsableArguments {
  @Option(
    help: """
      How files are read: \(CorpusFormat.allValueStrings.joined(separator: ", ")); automatic by what a file begins \
      with, and a note says what was taken.
      """)
  var format = CorpusFormat.automatic

  @Option(
    help: "Where documents of plain text end: \(DocumentBoundary.allValueStrings.joined(separator: ", ")).")
  var documentBoundary = DocumentBoundary.wholeFile

  @Option(help: "The field of JSON, or the column of a table, that holds the text.")
  var textField = CorpusOptions.standard.textField

  @Option(
    name: .customLong("invalid-utf8"),
    help: """
      What to do with text that is not UTF-8: \
      \(InvalidUTF8Policy.allValueStrings.joined(separator: ", ")); accept keeps the bytes, replace puts U+FFFD for \
      them, windows-1252 reads a document that has such bytes as Western European text of older programs.
      """)
  var invalidUTF8 = InvalidUTF8Policy.error

  @Option(help: CleaningHelp.text)
  var cleaning: String?

  /// - Throws: `.usage` for cleaning that is none.
  func options() throws(GraftError) -> CorpusOptions {
    var options = CorpusOptions()
    options.format = format
    options.documentBoundary = documentBoundary
    options.textField = textField
    options.invalidUTF8 = invalidUTF8
    options.cleaning = try CleaningOptions.named(cleaning)
    return options
  }
}
