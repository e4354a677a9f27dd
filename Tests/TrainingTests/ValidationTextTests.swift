import Corpus
import Support
import TestSupport
import Testing
import Training

/// Held-out losses on text that is no part of the corpora.
@Suite(.tags(.slow)) struct ValidationTextTests {
  let folder: TestFolder
  let laboratory: Laboratory

  init() throws {
    folder = try TestFolder()
    laboratory = try Laboratory.shared.get()
  }

  private func plan(_ corpus: String, validation: String) throws -> PretrainingPlan {
    var plan = laboratory.plan("gpt")
    plan.corpora = [CorpusShare(path: corpus)]
    plan.validation = [validation]
    return plan
  }

  private func text(_ name: String, _ line: String, _ count: Int) throws -> String {
    try folder.write(name, String(repeating: "\(line)\n\n", count: count))
  }

  /// Runs on different corpora are measured on the same text, and read all of their own.
  @Test func runsOnDifferentTextAreMeasuredOnTheSame() throws {
    let cats = try text("cats.txt", "The dog saw a red cat.", 80)
    let rain = try text("rain.txt", "It rained all day in the north.", 80)
    let both = try folder.write(
      "both.txt", String(repeating: "The dog saw a red cat.\n\nIt rained all day in the north.\n\n", count: 30))
    let results = try [cats, rain].map {
      try laboratory.pretrain(plan($0, validation: both), "\(folder.path)/run-\(Paths.name(of: $0))").result
    }
    let (first, second) = (results[0].heldOut, results[1].heldOut)
    #expect(first[0].lossPerToken == second[0].lossPerToken && first[0].targetCount == second[0].targetCount)
    #expect(first.last?.lossPerToken != second.last?.lossPerToken)
    for result in results { #expect(result.sources?[0].heldOutTokens == 0) }
    let cat = laboratory.tokenizer.encode("The dog saw a red cat.").count + 1
    #expect(results[0].sources?[0].tokens == 80 * cat)
  }

  @Test func textThatIsTrainedOnIsRefused() throws {
    let cats = try text("cats.txt", "The dog saw a red cat.", 80)
    let copy = try text("copy.txt", "The dog saw a red cat.", 80)
    let error = #expect(throws: GraftError.self) {
      try laboratory.pretrain(plan(cats, validation: copy), "\(folder.path)/run")
    }
    #expect(error?.code == .usage && error?.message.contains("copy.txt' is also trained on") == true)
  }

  /// A run that goes on must find the text that it began with.
  @Test func anotherTextIsNoResumption() throws {
    let cats = try text("cats.txt", "The dog saw a red cat.", 80)
    let rain = try text("rain.txt", "It rained all day in the north.", 40)
    let begun = try plan(cats, validation: rain)
    #expect(throws: GraftError.self) { try laboratory.pretrain(begun, "\(folder.path)/run", stoppingAt: 6) }
    _ = try text("rain.txt", "It snowed all day in the south.", 40)
    let error = #expect(throws: GraftError.self) {
      try laboratory.pretrain(begun, "\(folder.path)/run", resuming: true)
    }
    #expect(error?.code != .interrupted && "\(String(describing: error))".contains("rain.txt"))
  }
}
