import Foundation
import TestSupport
import Testing

/// `graft new task` writes a definition beside a table, and nothing where something is wrong.
@Suite(.tags(.process)) struct NewTaskCommandTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private let rows = (0..<20).map { "a text of row \($0)\t\($0 % 2 == 0 ? "yes" : "no")" }.joined(separator: "\n")

  @Test func aDefinitionIsWrittenOnceAndHolds() throws {
    let table = try folder.write("Mine.tsv", "text\tanswer\n\(rows)\n")
    let made = try Graft.run(["new", "task", table])
    #expect(made.status == 0, "\(made.errors)")
    let path = "\(folder.path)/mine.yaml"
    #expect(made.output.contains("written: \(path)") && made.output.contains("2 classes: no (10), yes (10)"))
    let read = try Graft.run(["inspect", "task", "mine", "--tasks", path, "-n", "1"])
    #expect(read.status == 0 && read.output.contains("mine text: a text of row"), "\(read.errors)")
    // What was edited since is not replaced.
    try folder.write("mine.yaml", "task: mine # edited\n")
    try Graft.expectFailure(64, ["new", "task", table], says: [path])
    #expect(try folder.bytes("mine.yaml") == Data("task: mine # edited\n".utf8))
  }

  @Test func nothingIsLeftOfWhatCannotBe() throws {
    let table = try folder.write("sst2.tsv", "text\tanswer\n\(rows)\n")
    try Graft.expectFailure(64, ["new", "task", table], says: ["there is a task 'sst2' already", "--name"])
    let mixture = try folder.write("sentences.tsv", "text\tanswer\n\(rows)\n")
    try Graft.expectFailure(64, ["new", "task", mixture], says: ["there is a mixture 'sentences' already", "--name"])
    let ragged = try folder.write("ragged.tsv", "text\tanswer\n\(rows)\na text without an answer\n")
    try Graft.expectFailure(65, ["new", "task", ragged], says: ["ragged.tsv:22"])
    try Graft.expectFailure(66, ["new", "task", "\(folder.path)/nowhere.csv"], says: ["nowhere.csv"])
    #expect(folder.names == ["ragged.tsv", "sentences.tsv", "sst2.tsv"])
  }
}
