import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Support

/// What a request for completions asks for, in the terms of OpenAI's interface.
struct CompletionRequest {
  let served: ServedModel
  let continuer: TextContinuer
  /// Each as text and as tokens.
  let prompts: [(text: String, tokens: [TokenID])]
  let maximumTokens, answers: Int
  /// How many of the likeliest tokens are wanted at each place; nil for no log-probabilities.
  let alternatives: Int?
  /// Whether the prompt is part of what is returned.
  let echoes: Bool
  let stops: [String]
  let decoding: DecodingOptions

  /// - Throws: `.usage` and `.badData` for what cannot be answered.
  init(_ body: RequestObject, _ api: ServingAPI) throws(GraftError) {
    served = try api.model(body.text("model"))
    let continuer = try served.model.continuer()
    self.continuer = continuer
    prompts = try Self.prompts(body, continuer, most: api.limits.prompts)
    let maximumTokens = try body.integer("max_tokens", in: 0...api.limits.tokens) ?? 16
    self.maximumTokens = maximumTokens
    answers = try body.integer("n", in: 1...api.limits.prompts) ?? 1
    alternatives = try body.integer("logprobs", in: 0...20)
    echoes = try body.boolean("echo") ?? false
    stops = try body.strings("stop").filter { !$0.isEmpty }
    guard prompts.count * answers <= api.limits.prompts else {
      let most = api.limits.prompts
      throw GraftError(.usage, "\(prompts.count * answers) answers at once", hint: "ask for \(most) at most.")
    }
    for prompt in prompts { try api.check(prompt.tokens.count + maximumTokens) }
    let sum = prompts.reduce(0) { $0 + $1.tokens.count + maximumTokens } * answers
    guard sum <= api.limits.tokensOfRequest else {
      throw GraftError(
        .usage, "\(sum) tokens are to be read and written",
        hint: "ask for \(api.limits.tokensOfRequest) at once at most.")
    }
    if try body.boolean("stream") ?? false {
      throw GraftError(.usage, "answers are not streamed", hint: "leave out 'stream'.")
    }
    for key in ["suffix", "logit_bias"] where body[key] != nil {
      throw GraftError(.usage, "'\(key)' is not understood", hint: "leave it out.")
    }
    if let best = try body.integer("best_of", in: 1...api.limits.prompts), best > answers {
      throw GraftError(.usage, "'best_of' above 'n' is not understood", hint: "leave it out.")
    }
    let temperature = try body.number("temperature", in: 0...100) ?? 1
    let topP = try body.number("top_p", in: 0...1) ?? 1
    let seed = try body.integer("seed", in: 0...Int(Int32.max)) ?? 0
    let strategy: DecodingOptions.Strategy =
      temperature == 0 || topP == 0
      ? .greedy
      : .sampling(
        SamplingOptions(temperature: temperature, topP: topP, key: RandomKey(seed: UInt64(seed)).folded("completions")))
    decoding = DecodingOptions(strategy, maximumTokens: maximumTokens)
  }

  /// A string, an array of strings, an array of token ids, or an array of such arrays.
  private static func prompts(
    _ body: RequestObject, _ continuer: TextContinuer, most: Int
  ) throws(GraftError) -> [(text: String, tokens: [TokenID])] {
    guard let value = body["prompt"] else {
      throw GraftError(.badData, "'prompt' is missing", hint: "give a text, or an array of token ids.")
    }
    func ids(_ value: JSONValue) throws(GraftError) -> (text: String, tokens: [TokenID]) {
      let tokens = try body.tokens(value, "prompt", below: continuer.vocabularySize)
      return (continuer.text(tokens), tokens)
    }
    var prompts: [(text: String, tokens: [TokenID])] = []
    if case .array(let elements) = value.kind, let first = elements.first, !first.isText {
      if case .array = first.kind {
        guard elements.count <= most else { throw tooMany(elements.count, most) }
        for element in elements { prompts.append(try ids(element)) }
      } else {
        prompts = [try ids(value)]
      }
    } else {
      let texts = try body.strings("prompt")
      guard texts.count <= most else { throw tooMany(texts.count, most) }
      prompts = texts.map { ($0, continuer.prompt($0)) }
    }
    guard !prompts.isEmpty else { throw GraftError(.badData, "'prompt' is empty", hint: "give a text.") }
    return prompts
  }

  private static func tooMany(_ count: Int, _ most: Int) -> GraftError {
    GraftError(.usage, "\(count) prompts at once", hint: "send \(most) at most.")
  }
}

extension JSONValue {
  fileprivate var isText: Bool { if case .string = kind { true } else { false } }
}

extension ServingAPI {
  /// Completions of one or more prompts, in the form of OpenAI's interface.
  func completions(_ body: RequestObject) throws(GraftError) -> APIResponse {
    let request = try CompletionRequest(body, self)
    var response = CompletionResponse(
      id: "cmpl-\(UUID().uuidString.lowercased())", created: Int(Date().timeIntervalSince1970),
      model: request.served.name)
    for prompt in request.prompts {
      response.usage.promptTokens += prompt.tokens.count
      for sample in 0..<request.answers {
        let (choice, written) = try request.choice(after: prompt, sample: sample, index: response.choices.count)
        response.choices.append(choice)
        response.usage.completionTokens += written
      }
    }
    response.usage.totalTokens = response.usage.promptTokens + response.usage.completionTokens
    return APIResponse(response)
  }
}

extension CompletionRequest {
  fileprivate func choice(
    after prompt: (text: String, tokens: [TokenID]), sample: Int, index: Int
  ) throws(GraftError) -> (choice: CompletionResponse.Choice, written: Int) {
    var answer = Hypothesis(tokens: [], hasEnded: false)
    if maximumTokens > 0 { answer = try continuer.completion(of: prompt.tokens, decoding, sample: sample) }
    var text = continuer.text(answer.tokens, after: prompt.tokens)
    var (tokens, isStopped) = (answer.tokens, answer.hasEnded)
    if let end = stops.compactMap({ text.range(of: $0)?.lowerBound }).min() {
      text = String(text[..<end])
      isStopped = true
      // The tokens before the one in which the stop begins.
      let kept = tokens.indices.prefix { last in
        continuer.text(Array(tokens[...last]), after: prompt.tokens).utf8.count <= text.utf8.count
      }
      tokens = Array(tokens[..<kept.endIndex])
    }
    let reading = try alternatives.map { (count) throws(GraftError) in try self.reading(prompt.tokens, tokens, count) }
    return (
      CompletionResponse.Choice(
        text: echoes ? prompt.text + text : text, index: index, logprobs: reading,
        finishReason: isStopped ? "stop" : "length"), tokens.count
    )
  }

  /// What was expected at each token of an answer, with `echo` also of the prompt.
  private func reading(
    _ prompt: [TokenID], _ answer: [TokenID], _ count: Int
  ) throws(GraftError) -> CompletionResponse.Reading {
    let read = echoes ? prompt + answer : answer
    var outlooks: [TokenOutlook?] = echoes ? try continuer.outlooks(ofText: prompt, count: count) : []
    outlooks += try continuer.outlooks(answer, after: prompt, count: count).map { .some($0) }
    var reading = CompletionResponse.Reading()
    var offset = 0
    for (token, outlook) in zip(read, outlooks) {
      let text = continuer.text(token)
      reading.tokens.append(text)
      reading.tokenLogprobs.append(outlook?.logProbability)
      reading.topLogprobs.append(
        outlook.map { outlook in
          var top = [text: outlook.logProbability]
          for other in outlook.likeliest {
            // Two tokens may have one text; the likelier one stands for it.
            top[continuer.text(other.token)] = max(other.logProbability, top[continuer.text(other.token)] ?? -.infinity)
          }
          return top
        })
      reading.textOffset.append(offset)
      offset += text.unicodeScalars.count
    }
    return reading
  }
}
