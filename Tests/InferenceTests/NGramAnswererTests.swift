import Counting
import Foundation
import Records
import Support
import TaskRegistry
import TestSupport
import Testing
import Tokenization

@testable import Inference

@Suite struct NGramAnswererTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func model(_ text: String, _ tokenizer: Tokenizer? = nil) throws -> NGramModel {
    var options = NGramTrainingOptions()
    options.order = 3
    options.tokenizer = tokenizer
    return try NGramModel.train([try folder.write("text.txt", text)], options)
  }

  private let text = "the cat sees the dog\nthe dog sees the cat\nthe cat sleeps\nnobody sees the cat\n"

  /// A target after an input is the part of the whole sentence that is not the input, without the sentence's end.
  @Test(arguments: [false, true]) func partsOfASentenceAddUp(_ countsTokens: Bool) throws {
    let answerer = NGramAnswerer(try model(text, countsTokens ? SmallModels.tokenizer.get() : nil))
    let whole = try answerer.score(input: nil, targets: ["the cat sees the dog"])[0]
    let first = try answerer.score(input: "", targets: ["the cat"])[0]
    let rest = try answerer.score(input: "the cat", targets: ["sees the dog"])[0]
    let end = try #require(whole.tokens.last)
    #expect(end.token == "</s>")
    #expect(abs(first.total + rest.total + end.logProbability - whole.total) < 1e-9)
    #expect(abs(whole.perByte - whole.total / 20) < 1e-12)
  }

  /// The lines of a file have what each has by itself.
  @Test func linesAreSentences() throws {
    let answerer = NGramAnswerer(try model(text), countsLineEnds: true)
    let lines = try answerer.lines(Array("the cat\n\nnobody sleeps".utf8))
    let scores = try answerer.score(input: nil, targets: ["the cat", "nobody sleeps"])
    #expect(lines.map(\.tokens) == [3, 0, 3] && lines.map(\.words) == [3, 1, 2])
    #expect(abs(lines[0].nats + scores[0].total) < 1e-12 && abs(lines[2].nats + scores[1].total) < 1e-12)
    #expect(throws: GraftError.self) { try answerer.lines([0x0A]) }
  }

  @Test func pairsAndChoicesAreRanked() throws {
    let answerer = NGramAnswerer(try model(text))
    let pairs = ["the cat sees the dog", "the cat sees the cat"].map {
      Example(identifier: "1", inputs: "cat the the sees dog", targets: $0, fields: [:])
    }
    for prediction in try answerer.preferences(pairs) { #expect(prediction.choice == 0) }
    let same = Example(identifier: "2", inputs: "the cat", targets: "the cat", fields: [:])
    #expect(try answerer.preferences([same])[0].tiedChoices == [0, 1])
  }

  @Test func answersGoOnWithTheLastLine() throws {
    let answerer = NGramAnswerer(try model(text))
    let answers = try answerer.answers(inputs: ["nobody\nthe dog", "the dog"])
    #expect(answers[0] == answers[1] && answers[0].hypothesis.hasEnded)
    #expect(throws: GraftError.self) {
      try answerer.answers(inputs: ["a"], .beam(.init(count: 2)))
    }
  }

  /// Tasks of every kind that ranks or goes on, through the definitions.
  @Test(.tags(.data), .enabled(if: RealData.root != nil, "\(RealData.reason)")) func tasksAreAnswered() throws {
    try model(text).write(to: "\(folder.path)/model")
    let data = try #require(RealData.root)
    let evaluator = try Evaluator(opening: "\(folder.path)/model", .answers(), precision: .f32)
    for (name, split) in [("blimp", "test"), ("sst2", "validation"), ("piqa", "validation"), ("lambada", "test")] {
      let task = try RealData.catalog().task(named: name)
      let evaluation = try evaluator.evaluate(task, split: split, data: data, limit: 20)
      #expect(evaluation.predictions.count == 20 && evaluation.cutExamples == 0, "\(name)")
      #expect(evaluation.report.metrics.contains { $0.value != nil }, "\(name)")
    }
  }
}
