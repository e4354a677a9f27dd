import Corpus
import Foundation
import Support
import Synchronization
import TestSupport
import Testing

@testable import Training

/// What a run says of the text it has read and of what it left out.
@Suite(.tags(.slow)) struct CorpusUseTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func run(
    _ plan: PretrainingPlan, _ name: String, resuming: Bool = false, evaluations: [EvaluationTexts] = [],
    stoppingAt: Int? = nil
  ) throws -> (result: PretrainingResult?, notes: [String], error: GraftError?) {
    let laboratory = try Laboratory.shared.get()
    let stop = StopRequest()
    let notes = Mutex<[String]>([])
    var result: PretrainingResult?
    var failure: GraftError?
    do throws(GraftError) {
      result = try Pretraining.run(
        plan, tokenizer: laboratory.tokenizer, directory: "\(folder.path)/\(name)", cache: "\(folder.path)/cache",
        resuming: resuming, arguments: ["test"], stop: stop, evaluations: evaluations
      ) { event in
        if case .note(let text) = event { notes.withLock { $0.append(text) } }
        if case .step(let report) = event, report.step == stoppingAt { stop.request(signal: SIGINT) }
      }
    } catch { failure = error }
    return (result, notes.withLock { $0 }, failure)
  }

  private func card(_ place: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(place)/README.md", encoding: .utf8)
  }

  @Test func everySourceIsCounted() throws {
    let laboratory = try Laboratory.shared.get()
    var plan = try laboratory.plan()
    let other = try folder.write("other.txt", String(repeating: "The dog saw a red cat.\n\n", count: 60))
    plan.corpora = [CorpusShare(path: laboratory.corpus), CorpusShare(path: other, repetition: 2)]
    let result = try #require(try run(plan, "run").result)
    let sources = try #require(result.sources)
    #expect(sources.map(\.path) == plan.corpora.map(\.path) && sources.map(\.repetition) == [1, 2])
    #expect(abs(sources.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    #expect(sources.map(\.passes) == result.epochs && sources[0].passes > 0)
    // Twice as often, as far as one sample of 84 goes.
    #expect(abs(sources[1].passes / sources[0].passes - 2) < 0.1)
    #expect(sources[1].documents <= 61 && sources[1].bytes < 60 * 22 && sources[1].heldOutTokens > 0)
    #expect(
      sources[1].tokens + sources[1].heldOutTokens == 60
        * (laboratory.tokenizer.encode("The dog saw a red cat.").count + 1))
    let text = try card("run/model")
    #expect(text.contains(CorpusUse.table(sources)))
    #expect(text.contains("| `\(other)` | \(sources[1].documents) | \(sources[1].bytes) |"))
  }

  @Test func aStoppedRunSaysWhatItRead() throws {
    let stopped = try run(Laboratory.shared.get().plan(), "run", stoppingAt: 6)
    #expect(stopped.error?.code == .interrupted)
    let read = try #require(stopped.notes.last { $0.hasPrefix("read ") })
    #expect(read.contains("100.00 % of the samples"))
    let text = try card("run/checkpoints/step-000000006")
    let passes = try #require(read.split(separator: " ").first { $0.hasPrefix("0.") })
    #expect(text.contains("| 100.00 % | \(passes) |"))
  }

  @Test func screeningIsPartOfTheRun() throws {
    let laboratory = try Laboratory.shared.get()
    let text = try String(contentsOfFile: laboratory.corpus, encoding: .utf8)
    let documents = text.components(separatedBy: "\n\n").filter { $0.count > 100 }
    let other = try folder.write(
      "other.txt", (documents[0...4] + ["Something else that is new."]).joined(separator: "\n\n"))
    var plan = try laboratory.plan()
    plan.corpora.append(CorpusShare(path: other))
    plan.deduplication = Deduplication(.exact)
    plan.decontamination = Decontamination(evaluations: ["task"], part: .documents)
    let evaluations = [EvaluationTexts(name: "task/test", examples: [[documents[9]], ["Not in any text."]])]
    let first = try run(plan, "run", evaluations: evaluations)
    let screening = try #require(first.result?.screening)
    #expect(screening.sources[1].exactDuplicates.documents >= 5)
    #expect(screening.evaluations[0].found == 1 && screening.sources[0].contaminatedRemoved.documents >= 1)
    #expect(screening.duplicates.isEmpty && screening.contaminations.isEmpty)
    let whole = try JSONFile.read(ScreeningReport.self, from: "\(folder.path)/run/screening.json")
    #expect(whole.duplicates.count >= 5 && whole.contaminations.count == 1)
    #expect(first.notes.contains { $0.hasPrefix("screening \(other): of 6 ") })
    #expect(try card("run/model").contains("- task/test: 1 of 2 examples"))
    // Other options, and other texts to be evaluated on, are another run.
    var others = plan
    others.deduplication = Deduplication(.near)
    #expect(try run(others, "run", resuming: true, evaluations: evaluations).error?.code == .usage)
    let changed = [EvaluationTexts(name: "task/test", examples: [["x"]])]
    #expect(try run(plan, "run", resuming: true, evaluations: changed).error?.code == .badData)
    #expect(try run(plan, "run", resuming: true, evaluations: evaluations).error == nil)
  }

  /// Plans of before lack the new settings; they mean none.
  @Test func earlierPlansAreRead() throws {
    let plan = try Laboratory.shared.get().plan()
    let text = String(decoding: try JSONFile.encode(plan), as: UTF8.self)
    #expect(!text.contains("deduplication") && !text.contains("decontamination"))
  }
}
