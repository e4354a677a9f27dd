import Foundation
import Inference
import ModelKit
import Records
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import Serving

/// What is answered about tasks, beside what the models say when they are asked directly.
@Suite(.tags(.slow)) struct ServingAPITests {
  private static let pair = #"{"sentence1": "The cat sees 3 dogs.", "sentence2": "A cat sees dogs."}"#

  private func predictions(_ task: TaskDefinition, _ fields: [String: String]) throws -> [Double] {
    let (codec, name) = (TextCodec(try SmallModels.tokenizer.get()), task.name)
    let tasks = try ["rte", "sst2"].map(SmallServer.task)
    let configuration = SmallModels.configuration("bert").answering(
      tasks.map { AnswerFormat(task: $0.name, choices: $0.choices) })
    let evaluator = Evaluator(model: try SmallServer.model(configuration), codec: codec, lengths: SmallServer.lengths)
    let example = try task.example(of: UnlabelledRow(fields), in: name)
    return try #require(try evaluator.predictions([example], task: task).first?.choiceScores)
  }

  private func softmax(_ scores: [Double]) -> [Double] {
    let sum = scores.reduce(0) { $0 + exp($1) }
    return scores.map { exp($0) / sum }
  }

  @Test func answersAreTheModelsOwn() throws {
    let found = try SmallServer.api().ask("/api/answer", #"{"run": "answerer", "fields": \#(Self.pair)}"#)
    let expected = softmax(
      try predictions(
        try SmallServer.task("rte"), ["sentence1": "The cat sees 3 dogs.", "sentence2": "A cat sees dogs."]))
    let given = found.list("probabilities").map { $0.number("probability") }
    #expect(given.count == 2)
    for (a, b) in zip(given, expected) { #expect(abs(a - b) < 1e-6) }
    let best = expected[0] >= expected[1] ? "entailment" : "not_entailment"
    #expect(found.text("answer") == best)
    #expect(found.object("prompt").text("text").contains("A cat sees dogs."))
    #expect((found.object("prompt")["tokens"] as? [String])?.count ?? 0 > 10)
  }

  /// The second task of a run, whose prompt has one field.
  @Test func aTaskIsNamed() throws {
    let api = try SmallServer.api()
    let found = try api.ask("/api/answer", #"{"task": "sst2", "fields": {"sentence": "a fine film"}}"#)
    #expect(found.text("task") == "sst2" && found.list("probabilities").count == 2)
    let parts = try api.ask("/api/partial", #"{"task": "sst2", "fields": {"sentence": "a fine film"}}"#)
    #expect(parts.list("parts").map { $0.text("shown") } == ["shuffled words"])
  }

  @Test func partsAreAnsweredAsRestrictedTasks() throws {
    let found = try SmallServer.api().ask("/api/partial", #"{"fields": \#(Self.pair)}"#)
    let parts = found.list("parts")
    #expect(parts.map { $0.text("shown") } == ["only sentence1", "only sentence2", "shuffled words"])
    let task = try SmallServer.task("rte").restricted(to: .only(["sentence2"]))
    let expected = softmax(
      try predictions(task, ["sentence1": "The cat sees 3 dogs.", "sentence2": "A cat sees dogs."]))
    let given = parts[1].object("answer").list("probabilities").map { $0.number("probability") }
    for (a, b) in zip(given, expected) { #expect(abs(a - b) < 1e-6) }
    for part in parts {
      #expect(part["flips"] as? Bool == (part.object("answer").text("answer") != found.text("answer")))
    }
  }

  @Test func variantsAreTransformsOfTheText() throws {
    let found = try SmallServer.api().ask("/api/variants", #"{"fields": \#(Self.pair)}"#)
    let variants = found.list("variants")
    let upper = try #require(variants.first { $0.text("transform") == "uppercase" })
    #expect(upper.object("fields").text("sentence2") == "A CAT SEES DOGS.")
    #expect(upper["expected"] as? [String] == [found.text("answer")])
    #expect(upper["flips"] as? Bool == (upper.object("answer").text("answer") != found.text("answer")))
    let absent = found.list("notApplicable")
    #expect(absent.first { $0.text("transform") == "hypernym" }?.text("reason").contains("WordNet") == true)
    #expect(variants.count + absent.count > 20)
  }

  @Test func attentionAddsUpToOne() throws {
    let api = try SmallServer.api()
    let found = try api.ask("/api/attention", #"{"fields": \#(Self.pair)}"#)
    let layers = try #require(found["layers"] as? [[[Double]]])
    let tokens = try #require(found["tokens"] as? [String])
    #expect(layers.count == 1 && layers[0].count == 2 && found.number("reader") == 0)
    for weights in layers[0] {
      #expect(weights.count == tokens.count && abs(weights.reduce(0, +) - 1) < 1e-2)
    }
    let one = try api.ask("/api/attention", #"{"fields": \#(Self.pair), "layer": 0, "head": 1}"#)
    let rows = try #require(one["rows"] as? [[Double]])
    #expect(rows.count == tokens.count && rows[0] == layers[0][1])
  }

  /// Of a decoder the last position sees all that stands before it.
  @Test func attentionOfATextThatIsGoneOnWith() throws {
    let found = try SmallServer.api().ask("/api/attention", #"{"run": "writer", "text": "the cat", "taken": [40, 41]}"#)
    let tokens = try #require(found["tokens"] as? [String])
    #expect(Int(found.number("reader")) == tokens.count - 1)
    let text = String(repeating: "the cat ", count: 400)
    let long = try SmallServer.api().ask("/api/attention", #"{"run": "writer", "text": "\#(text)"}"#)
    #expect(long.text("reason").contains("512 at most") && long["layers"] == nil)
  }

  @Test(arguments: [
    ("/api/answer", #"{"fields": {"sentence1": "a"}}"#, "sentence2"),
    ("/api/answer", #"{"fields": {"sentence1": "a", "sentence2": "b", "x": "c"}}"#, "unknown field"),
    ("/api/answer", #"{"run": "answere", "fields": {}}"#, "unknown run"),
    ("/api/answer", #"{"runs": "answerer", "fields": {}}"#, "unknown key"),
    ("/api/answer", #"{"run": "writer", "fields": {}}"#, "answers no task"),
    ("/api/answer", #"{"task": "rte", "fields": ["a"]}"#, "not an object"),
    ("/api/answer", #"{"task": 3, "fields": {}}"#, "not a string"),
    ("/api/answer", #"{"fields": "#, "not JSON"),
    ("/api/answer", "[]", "not a JSON object"),
    ("/api/answer", "", "not JSON"),
    ("/api/next", #"{"run": "answerer", "text": "a"}"#, "cannot answer in text"),
    ("/api/next", #"{"run": "writer", "text": "a", "taken": [100000]}"#, "no token"),
    ("/api/next", #"{"run": "writer", "text": "a", "count": 0}"#, "'count' is 0"),
    ("/api/attention", #"{"fields": {"sentence1": "a", "sentence2": "b"}, "layer": 7}"#, "'layer' is 7"),
  ])
  func whatCannotBeAnsweredIsSaid(_ path: String, _ body: String, _ words: String) throws {
    let found = try SmallServer.api().ask(path, body, status: 400)
    #expect(found.object("error").text("message").contains(words), "\(found)")
  }

  @Test func longTextsAreRefused() throws {
    let text = String(repeating: "a", count: ServingLimits().textBytes + 1)
    let found = try SmallServer.api().ask(
      "/api/answer", #"{"fields": {"sentence1": "\#(text)", "sentence2": "b"}}"#, status: 400)
    #expect(found.object("error").text("message").contains("65537 bytes"))
  }

  @Test func unknownPathsAndMethods() throws {
    let api = try SmallServer.api()
    #expect(api.respond(to: APIRequest(method: "GET", path: "/etc/passwd")).status == 404)
    let wrong = api.respond(to: APIRequest(method: "GET", path: "/api/answer"))
    #expect(wrong.status == 405 && wrong.headers.contains { $0.name == "Allow" && $0.value == "POST" })
    #expect(api.respond(to: APIRequest(method: "GET", path: "/")).type.hasPrefix("text/html"))
    let runs = try #require(
      JSONSerialization.jsonObject(with: Data(api.respond(to: APIRequest(method: "GET", path: "/api/runs")).body))
        as? [String: Any]
    ).list("runs")
    #expect(runs.map { $0.text("name") } == ["answerer", "writer"])
    #expect(runs[0].list("tasks").map { $0.text("name") } == ["rte", "sst2"])
    #expect(runs.map { $0["writes"] as? Bool } == [false, true])
  }
}
