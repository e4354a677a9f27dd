import Foundation
import TestSupport
import Testing

/// `graft probe` as a person runs it.
@Suite(.tags(.process)) struct ProbeCommandTests {
  private func task(in folder: TestFolder, rows count: Int = 90) throws {
    try folder.write(
      "tasks/mood.yaml",
      """
      task: mood
      version: 1
      source: {folder: ., format: tsv, fields: {text: text, label: label}}
      splits: {train: train.tsv, test: test.tsv}
      inputs: "mood text: {text}"
      targets: "{label}"
      choices: [sad, happy]
      metrics: [accuracy]
      """)
    try folder.write(
      "tasks/free.yaml",
      """
      task: free
      version: 1
      source: {folder: ., format: tsv, fields: {text: text, label: label}}
      splits: {train: train.tsv}
      inputs: "{text}"
      targets: "{label}"
      metrics: [accuracy]
      """)
    let rows = (0..<count).map {
      "it \($0 % 2 == 0 ? "rains" : "shines") at \($0 % 7)\t\($0 % 2 == 0 ? "sad" : "happy")\n"
    }
    try folder.write("tasks/train.tsv", "text\tlabel\n" + rows.joined())
    try folder.write("tasks/test.tsv", "text\tlabel\n" + rows.prefix(20).joined())
  }

  private func arguments(_ folder: TestFolder, _ more: String...) -> [String] {
    ["probe", "--tasks", "\(folder.path)/tasks", "--seeds", "2", "--folds", "2"] + more
  }

  private struct Document: Decodable {
    struct Task: Decodable {
      struct Probes: Decodable {
        struct PartialInput: Decodable {
          struct Score: Decodable {
            struct Estimate: Decodable { var value: Double }
            var split: String
            var input: String
            var accuracy: Estimate
          }
          var scores: [Score]
        }
        enum CodingKeys: String, CodingKey { case partialInput = "partial-input" }
        var partialInput: PartialInput
      }
      var task: String
      var trainingSplit: String
      var trainingCount: Int
      var classes: [String]
      var probes: Probes
    }
    var format: String
    var tasks: [Task]
  }

  @Test func everythingIsWritten() throws {
    let folder = try TestFolder()
    try task(in: folder)
    let outcome = try Graft.run(
      arguments(
        folder, "--task", "mood", "--output", "\(folder.path)/out", "--json", "\(folder.path)/probes.json"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    for text in [
      "Partial input", "Cue words of text by PMI", "rains", "Easy and hard", "Overlap by 13-grams",
    ] {
      #expect(outcome.output.contains(text), "\(text)")
    }
    let document = try JSONDecoder().decode(Document.self, from: folder.bytes("probes.json"))
    #expect(document.format == "graft-probes-1")
    let task = try #require(document.tasks.first)
    #expect(task.task == "mood" && task.trainingSplit == "train" && task.trainingCount == 90)
    #expect(task.classes == ["sad", "happy"])
    let all = try #require(task.probes.partialInput.scores.first { $0.input == "all-fields" })
    #expect(all.split == "test" && all.accuracy.value == 1)
    let written = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/out/mood").sorted()
    #expect(
      written == [
        "cue-words-text.svg", "hard-subset-test.json", "hard-subset-train.json", "overlap-test.json",
        "report.txt",
      ])
    let json = try Graft.run(
      arguments(folder, "--task", "mood", "--probe", "partial-input", "--json", "-"))
    #expect(json.status == 0, "\(json.errors)")
    #expect(try JSONDecoder().decode(Document.self, from: Data(json.output.utf8)).tasks.count == 1)
  }

  @Test func selfTest() throws {
    let outcome = try Graft.run([
      "probe", "--self-test", "--strengths", "0", "0.9", "--data-sets", "2", "--self-test-examples", "60",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Self-test on microworld") && outcome.output.contains("keeps its level"))
    let folder = try TestFolder()
    try task(in: folder)
    let planted = try Graft.run(
      arguments(
        folder, "--self-test", "--task", "mood", "--strengths", "0", "--data-sets", "2",
        "--self-test-examples", "40"))
    #expect(planted.status == 0, "\(planted.errors)")
    #expect(planted.output.contains("Self-test on mood:text"))
  }

  @Test func mistakes() throws {
    let folder = try TestFolder()
    try task(in: folder)
    try Graft.expectFailure(64, ["probe"], says: ["nothing to probe"])
    try Graft.expectFailure(64, arguments(folder, "--task", "free"), says: ["no choices"])
    try Graft.expectFailure(64, arguments(folder, "--task", "mod"), says: ["'mood'"])
    try Graft.expectFailure(
      64, arguments(folder, "--task", "mood", "--probe", "cue-word"),
      says: ["'cue-words'", "graft list probes"])
    try Graft.expectFailure(64, arguments(folder, "--task", "mood", "--split", "tst"), says: ["'test'"])
    try Graft.expectFailure(64, arguments(folder, "--task", "mood", "--level", "2"), says: ["--level"])
    try Graft.expectFailure(64, arguments(folder, "--task", "mood", "--limit", "0"), says: ["--limit"])
    try Graft.expectFailure(
      66, arguments(folder, "--task", "mood", "--corpus", "\(folder.path)/none"), says: ["none"])
    try Graft.expectFailure(
      66, arguments(folder, "--task", "mood", "--results", "\(folder.path)/none"), says: ["none"])
    try Graft.expectFailure(
      64, arguments(folder, "--self-test", "--task", "mood", "--field", "txt"), says: ["'text'"])
    try Graft.expectFailure(64, ["probe", "--self-test", "--strengths", "2"], says: ["0 to 1"], hint: false)
    try task(in: folder, rows: 1)
    try Graft.expectFailure(65, arguments(folder, "--task", "mood"), says: ["only the class 'sad'"])
    try folder.remove("tasks/train.tsv")
    try Graft.expectFailure(66, arguments(folder, "--task", "mood"), says: ["train.tsv"])
  }
}
