import Support
import TestSupport
import Testing

@testable import Commands

/// What may stand in place of a command's output.
@Suite struct FileKindOutputTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test(arguments: [
    (#"{"metric": "f1", "signature": "", "scores": {}}"#, true), (#"{"kind": "metric"}"#, true), ("{}", true),
    (#"{"kind": "score", "metric": "f1", "signature": "", "scores": {}}"#, false), (#"{"metric": "f1"}"#, false),
    (#"{"kind": "recipe", "metric": "f1", "signature": "", "scores": {}}"#, false), ("[1]", false),
  ]) func onlyAFileOfTheKindIsReplaced(_ text: String, _ isOwn: Bool) throws {
    let path = try folder.write("out.json", text)
    let output = try #require(CommandOutput.json(path, .metric, keys: ["metric", "signature", "scores"]))
    guard case .file(let check) = output.kind else { return #expect(Bool(false)) }
    #expect(try check(path) == isOwn)
  }
}
