import Foundation
import TestSupport
import Testing

/// Nothing of the user's is replaced by an output.
@Suite struct OutputGuardTests {
  @Test(arguments: ["predictions", "./predictions", "link", "hard"])
  func anOutputThatIsAnInputIsRefused(_ output: String) throws {
    let folder = try TestFolder()
    let predictions = try folder.write("predictions", "a\nb\n")
    let references = try folder.write("references", "a\nb\n")
    symlink("predictions", "\(folder.path)/link")
    link(predictions, "\(folder.path)/hard")
    try Graft.expectFailure(
      64,
      [
        "metric", "accuracy", "--predictions", predictions, "--references", references, "--json",
        "\(folder.path)/\(output)",
      ], says: ["is the input", "predictions"])
    #expect(try folder.bytes("predictions") == Data("a\nb\n".utf8))
  }

  @Test func aTokenizerReplacesNoText() throws {
    let folder = try TestFolder()
    let text = try folder.write("books/a.txt", "one two three one two\n")
    for (corpus, words) in [(text, "is the input"), ("\(folder.path)/books", "in the corpus")] {
      try Graft.expectFailure(
        64, ["tokenizer", "train", "--corpus", corpus, "--vocabulary-size", "500", "--output", text], says: [words])
    }
    #expect(try folder.bytes("books/a.txt") == Data("one two three one two\n".utf8))
  }

  @Test func foldersAndPagesOfOthersStay() throws {
    let folder = try TestFolder()
    try folder.write("mine/corpus.txt", "mine")
    try Graft.expectFailure(64, ["microworld", "--output", "\(folder.path)/mine"], says: ["mine", "not empty"])
    #expect(try folder.bytes("mine/corpus.txt") == Data("mine".utf8))
    let page = try folder.write("notes.html", "<html>mine</html>")
    let results = try folder.write("results.json", "{}")
    try Graft.expectFailure(64, ["report", results, "--output", page], says: ["was not written by graft report"])
    #expect(try folder.bytes("notes.html") == Data("<html>mine</html>".utf8))
  }
}
