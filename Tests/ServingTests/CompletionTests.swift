import Foundation
import Inference
import ModelKit
import Records
import Support
import TestSupport
import Testing

@testable import Serving

/// OpenAI's completions and the tokens that may come next, beside what the scorer and the predictor say.
@Suite(.tags(.slow)) struct CompletionTests {
  private static let text = "the cat sees the dog"

  private func scorer(_ family: String = "gpt") throws -> TextScorer {
    var codec = TextCodec(try SmallModels.tokenizer.get())
    codec.layout = .continuation
    return try TextScorer(model: try SmallServer.model(SmallServer.continuing(family)), codec: codec)
  }

  private func completions(_ more: String, status: Int = 200) throws -> [[String: Any]] {
    try SmallServer.api().ask("/v1/completions", #"{"model": "writer", \#(more)}"#, status: status).list("choices")
  }

  private func logProbabilities(_ choice: [String: Any]) -> [Double] {
    (choice.object("logprobs")["token_logprobs"] as? [NSNumber] ?? []).map(\.doubleValue)
  }

  /// What lm-evaluation-harness asks for: a text's own log-probabilities, and one token more.
  @Test func echoScoresTheText() throws {
    let choice = try #require(
      try completions(#""prompt": "\#(Self.text)", "max_tokens": 1, "temperature": 0, "echo": true, "logprobs": 1"#)
        .first)
    let expected = try #require(try scorer().score(input: nil, targets: [Self.text]).first)
    let found = logProbabilities(choice)
    #expect(found.count == expected.tokens.count + 1)
    for (a, b) in zip(found, expected.tokens) { #expect(abs(a - b.logProbability) < 1e-4) }
    #expect(choice.text("text").hasPrefix(Self.text))
    // Greedy decoding is seen by a token that is the likeliest, to the last digit.
    let top = try #require(choice.object("logprobs")["top_logprobs"] as? [[String: NSNumber]])
    #expect(top.last?.values.map(\.doubleValue).max() == found.last)
    for (own, top) in zip(found, top) { #expect(own <= (top.values.map(\.doubleValue).max() ?? -.infinity)) }
  }

  /// Tokens are the text they came from.
  @Test func promptsMayBeTokens() throws {
    let ids = try SmallModels.tokenizer.get().encode(Self.text)
    let texts = try completions(#""prompt": ["\#(Self.text)", "a"], "max_tokens": 4, "temperature": 0"#)
    let tokens = try completions(#""prompt": [\#(ids), \#(ids)], "max_tokens": 4, "temperature": 0"#)
    #expect(texts.count == 2 && tokens.count == 2)
    #expect(texts[0].text("text") == tokens[0].text("text") && tokens[0].text("text") == tokens[1].text("text"))
    let alone = try completions(#""prompt": \#(ids), "max_tokens": 4, "temperature": 0"#)
    #expect(alone[0].text("text") == texts[0].text("text"))
  }

  @Test func greedyAnswersAreThePredictors() throws {
    var codec = TextCodec(try SmallModels.tokenizer.get())
    codec.layout = .continuation
    let predictor = try Predictor(
      model: try SmallServer.model(SmallServer.continuing("gpt")), codec: codec, lengths: SmallServer.lengths)
    let expected = try predictor.answers(inputs: [Self.text], decoding: DecodingOptions(maximumTokens: 12))[0][0]
    let found = try completions(#""prompt": "\#(Self.text)", "max_tokens": 12, "temperature": 0, "logprobs": 0"#)[0]
    #expect(found.text("text") == expected.text)
    #expect(logProbabilities(found).count == expected.hypothesis.tokens.count)
  }

  @Test func seedsDecideWhatIsDrawn() throws {
    let body = #""prompt": "\#(Self.text)", "max_tokens": 12, "n": 3"#
    let (first, second) = (try completions(body + #", "seed": 1"#), try completions(body + #", "seed": 1"#))
    #expect(first.map { $0.text("text") } == second.map { $0.text("text") })
    #expect(Set(first.map { $0.text("text") }).count == 3)
    #expect(try completions(body + #", "seed": 2"#).map { $0.text("text") } != first.map { $0.text("text") })
    #expect(first.map { $0.number("index") } == [0, 1, 2])
  }

  @Test func stopsCutTheText() throws {
    let whole = try completions(#""prompt": "\#(Self.text)", "max_tokens": 12, "temperature": 0, "logprobs": 0"#)[0]
    let text = whole.text("text")
    let stop = String(text.dropFirst(4).prefix(2))
    let literal = stop.jsonLiteral
    let cut = try completions(
      #""prompt": "\#(Self.text)", "max_tokens": 12, "temperature": 0, "logprobs": 0, "stop": [\#(literal)]"#)[0]
    let expected = try #require(text.range(of: stop).map { String(text[..<$0.lowerBound]) })
    #expect(cut.text("text") == expected && cut.text("finish_reason") == "stop")
    #expect(logProbabilities(cut).count < logProbabilities(whole).count)
    #expect(zip(logProbabilities(cut), logProbabilities(whole)).allSatisfy { $0 == $1 })
  }

  @Test(arguments: [
    (#""prompt": "a", "max_tokens": 70"#, "positions"), (#""prompt": "a", "stream": true"#, "streamed"),
    (#""prompt": []"#, "empty"), (#""max_tokens": 3"#, "'prompt' is missing"), (#""prompt": [99999]"#, "no token"),
    (#""prompt": {"a": 1}"#, "not a string"), (#""prompt": "a", "temperature": -1"#, "'temperature'"),
    (#""prompt": "a", "n": 1000"#, "'n'"), (#""prompt": "a", "suffix": "b""#, "'suffix'"),
    (#""prompt": "a", "max_tokens": 1.5"#, "whole number"),
  ])
  func whatCannotBeCompletedIsSaid(_ more: String, _ words: String) throws {
    let found = try SmallServer.api().ask("/v1/completions", #"{"model": "writer", \#(more)}"#, status: 400)
    let error = found.object("error")
    #expect(error.text("message").contains(words) || error.text("hint").contains(words), "\(found)")
  }

  /// Step by step the same as all at once.
  @Test func nextTokensAreThoseOfTheText() throws {
    let api = try SmallServer.api()
    let first = try api.ask("/api/next", #"{"run": "writer", "text": "\#(Self.text)", "count": 5}"#)
    let alternatives = first.list("alternatives")
    #expect(alternatives.count == 5)
    let probabilities = alternatives.map { $0.number("probability") }
    #expect(probabilities == probabilities.sorted(by: >) && probabilities.reduce(0, +) <= 1)
    let taken = Int(alternatives[1].number("id"))
    let second = try api.ask("/api/next", #"{"run": "writer", "text": "\#(Self.text)", "taken": [\#(taken)]}"#)
    let last = try #require(second.list("tokens").last)
    #expect(Int(last.number("id")) == taken && abs(last.number("probability") - probabilities[1]) < 1e-5)
    let expected = try #require(try scorer().score(input: nil, targets: [Self.text]).first)
    for (token, scored) in zip(first.list("tokens"), expected.tokens) {
      #expect(abs(log(token.number("probability")) - scored.logProbability) < 1e-4)
    }
    #expect(second.number("room") == first.number("room") - 1)
    let nothing = try api.ask("/api/next", #"{"run": "writer", "text": ""}"#)
    #expect(nothing.list("alternatives").count == 10)
  }

  /// A model that reads a prompt apart from what it writes has no probability for it.
  @Test func encoderDecodersAnswerAsWell() throws {
    let model = OpenModel(
      model: try SmallServer.model(SmallModels.configuration("t5")), codec: TextCodec(try SmallModels.tokenizer.get()),
      lengths: SmallServer.lengths)
    let api = ServingAPI([try ServedModel(name: "t5", path: "t5", model: model, tasks: [])])
    let found = try api.ask("/api/next", #"{"text": "the cat", "taken": [40]}"#)
    #expect(found.list("tokens").count == 1 && found.list("alternatives").count == 10)
    #expect(try api.ask("/v1/completions", #"{"prompt": "the cat", "max_tokens": 3}"#).list("choices").count == 1)
    let refused = try api.ask("/v1/completions", #"{"prompt": "the cat", "echo": true, "logprobs": 1}"#, status: 400)
    #expect(refused.object("error").text("message").contains("no probability"))
  }
}
