import Foundation
import TestSupport
import Testing

/// The card of a fine-tuning run: a README.md with the metadata of the Hub.
@Suite(.tags(.process)) struct ModelCardTests {
  /// A run of two seeds with a stress suite, made once.
  static let run = Result<String, any Error> {
    let world = try World.shared.get()
    let arguments = world.finetune("carded", task: "micro-nli", "--suite", "micro-nli-stress", "--seeds", "2")
    let outcome = try Graft.run(arguments)
    guard outcome.status == 0 else { throw World.Failure(text: outcome.errors) }
    return "\(world.folder.path)/carded"
  }

  private struct Results: Decodable {
    struct Entry: Decodable {
      var task, split, system, metric: String
      var score: Double
      var group: [String: String]
    }
    var results: [Entry]
  }

  private func card(_ folder: String) throws -> String {
    try String(contentsOfFile: "\(folder)/README.md", encoding: .utf8)
  }

  @Test func everyRunHasACard() throws {
    let run = try Self.run.get()
    for folder in [run, "\(run)/seed-0", "\(run)/seed-1"] {
      let text = try card(folder)
      let parts = text.components(separatedBy: "---\n")
      #expect(parts.first == "" && parts.count > 2, "\(text)")
      for piece in [
        "library_name: graft", "pipeline_tag: text-classification", "model-index:", "- micro-nli", "## Scores",
        "## Stress tests", "| micro-nli-stress |", "## Data", "## Recipe", "graft finetune", "@software{graft",
      ] { #expect(text.contains(piece), "\(piece)") }
    }
    #expect(try card(run).contains("seeds: 2") && card(run).contains("deviation_over_seeds"))
    #expect(try card("\(run)/seed-1").contains("interval_95: [") && !card("\(run)/seed-1").contains("n-grams |"))
    #expect(try card(run).contains("n-grams"))
  }

  /// Values are those of results.json, of several seeds their mean.
  @Test(arguments: ["", "/seed-0"]) func scoresAreThoseOfTheResults(_ part: String) throws {
    let folder = try Self.run.get() + part
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/results.json"))
    let entries = try JSONDecoder().decode(Results.self, from: data).results.filter {
      $0.system == "pretrained" && $0.group.isEmpty
    }
    let sets = Dictionary(grouping: entries) { [$0.task, $0.split, $0.metric] }
    let found = try card(folder).matches(of: /value: (\S+)/).compactMap { Double($0.output.1) }
    let means = sets.values.map { $0.map(\.score).reduce(0, +) / Double($0.count) }
    #expect(found.count == sets.count && !found.isEmpty)
    for (one, other) in zip(found.sorted(), means.sorted()) { #expect(abs(one - other) < 1e-12) }
  }

  /// A copy of the model tells what the run's card tells.
  @Test func aConvertedModelTakesTheCardAlong() throws {
    let run = try Self.run.get()
    let folder = try TestFolder()
    let outcome = try Graft.run([
      "convert", "--from", "\(run)/seed-0", "--to", "\(folder.path)/copy", "--layout", "graft",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try card("\(folder.path)/copy") == card("\(run)/seed-0"))
  }

  /// What stress tests find goes into the card and the report, beside what others found.
  @Test func fallsUnderTransformsAreKept() throws {
    let world = try World.shared.get()
    let folder = try TestFolder()
    let run = "\(folder.path)/tuned"
    try FileManager.default.copyItem(atPath: "\(try Self.run.get())/seed-0", toPath: run)
    #expect(!(try card(run).contains("| typo |")))
    func stress(_ more: String...) throws -> Graft.Outcome {
      try Graft.run(
        [
          "stress", "evaluate", "--checkpoint", run, "--task", "micro-nli", "--split", "test", "--tasks",
          world.directory,
        ]
          + ["--data", world.directory, "--card"] + more)
    }
    for transform in ["typo", "length-mismatch", "typo"] {
      let outcome = try stress("--transform", transform)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let text = try card(run)
    #expect(text.matches(of: /\| typo \| +micro-nli test/).count == 1, "\(text)")
    #expect(text.contains("| length-mismatch |") && text.contains("| micro-nli-stress |"))
    let report = try Graft.run(["report", run, "--output", "\(folder.path)/report.html"])
    #expect(report.status == 0, "\(report.errors)")
    let page = try String(contentsOfFile: "\(folder.path)/report.html", encoding: .utf8)
    #expect(page.contains("length-mismatch"))
    let unknown = try stress("--transform", "contraction")
    #expect(unknown.status == 64 && unknown.errors.contains("did you mean 'contract'?"), "\(unknown.errors)")
    let other = try Graft.run([
      "stress", "evaluate", "--checkpoint", world.run, "--task", "micro-nli", "--tasks", world.directory, "--data",
      world.directory, "--transform", "typo", "--card",
    ])
    #expect(other.status == 64 && other.errors.contains("is no fine-tuning run"), "\(other.errors)")
  }

  /// The card of several seeds says of which a fall is.
  @Test func fallsOfASeedStandInTheCardOfAll() throws {
    let folder = try TestFolder()
    let run = "\(folder.path)/all"
    try FileManager.default.copyItem(atPath: try Self.run.get(), toPath: run)
    // Where its tasks and their data were, the run remembers.
    let outcome = try Graft.run([
      "stress", "evaluate", "--checkpoint", "\(run)/seed-1", "--split", "test", "--transform", "typo", "--card",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try card(run).contains("micro-nli test, seed-1 "))
    #expect(!(try card("\(run)/seed-1").contains("seed-1 |")))
  }

  /// For transformers, the library is named by its own name.
  @Test func aFolderOfTransformersTakesTheCardAlong() throws {
    let run = try Self.run.get()
    let folder = try TestFolder()
    let outcome = try Graft.run(["convert", "--from", "\(run)/seed-0", "--to", "\(folder.path)/theirs"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try card("\(folder.path)/theirs")
        == card("\(run)/seed-0").replacing("library_name: graft", with: "library_name: transformers"))
  }
}
