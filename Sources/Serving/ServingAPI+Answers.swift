import Inference
import Records
import StressTesting
import Support
import TaskRegistry

/// What a model answers to a text, and what is behind it.
extension ServingAPI {
  /// The answer with its probabilities, and the prompt.
  func answer(_ body: RequestObject) throws(GraftError) -> APIResponse {
    struct Answer: Encodable {
      struct Prompt: Encodable {
        var text: String
        var tokens: [String]
        var isCut: Bool
      }
      var run, task, answer: String
      var probabilities: [TextAnswer.Probability]?
      var prompt: Prompt
    }
    let question = try TextQuestion(body, self)
    let answer = try question.answer()
    let prompt = question.served.model.prompt(of: question.example, task: question.task)
    return APIResponse(
      Answer(
        run: question.served.name, task: question.task.name, answer: answer.answer,
        probabilities: answer.probabilities,
        prompt: Answer.Prompt(text: prompt.text, tokens: prompt.tokens, isCut: prompt.isCut)))
  }

  /// The answer to each field alone, or to the words of the only one in random order.
  func partial(_ body: RequestObject) throws(GraftError) -> APIResponse {
    struct Parts: Encodable {
      struct Part: Encodable {
        var shown: String
        var answer: TextAnswer
        var flips: Bool
      }
      var run, task, answer: String
      var parts: [Part]
    }
    let question = try TextQuestion(body, self)
    let whole = try question.answer()
    let fields = question.task.rowFields.needed
    var restrictions: [PromptRestriction] = fields.count > 1 ? fields.map { .only([$0]) } : []
    restrictions.append(.shuffledWords)
    var parts: [Parts.Part] = []
    for restriction in restrictions {
      let answer = try question.answer(showing: restriction)
      parts.append(
        Parts.Part(shown: restriction.description, answer: answer, flips: answer.answer != whole.answer))
    }
    return APIResponse(
      Parts(run: question.served.name, task: question.task.name, answer: whole.answer, parts: parts))
  }

  /// What transforms make of the text, whose label is taken to be the model's own answer, and the answers to that.
  func variants(_ body: RequestObject) throws(GraftError) -> APIResponse {
    struct Variants: Encodable {
      struct Variant: Encodable {
        var transform, summary: String
        var fields: [String: String]
        /// What may be answered if the first answer was right.
        var expected: [String]
        var answer: TextAnswer
        var flips: Bool
        var isExpected: Bool
      }
      struct Absent: Encodable {
        var transform, reason: String
      }
      var run, task, answer: String
      var variants: [Variant] = []
      var notApplicable: [Absent] = []
      /// Why no transform has a bearing on the task; nil if some have.
      var reason: String?
    }
    let question = try TextQuestion(body, self)
    let whole = try question.answer()
    var result = Variants(run: question.served.name, task: question.task.name, answer: whole.answer)
    let maker: StressSetMaker
    let example: Example
    do throws(GraftError) {
      maker = try StressSetMaker(task: question.task, resources: question.served.resources, seed: 0)
      guard maker.shape.kind != .question else {
        throw GraftError(.usage, "transforms change statements, not questions; for these there are checklists")
      }
      example = try question.task.prompt(question.example.fields, label: whole.word, identifier: "request")
    } catch {
      result.reason = GraftError.shown(error.message)
      return APIResponse(result)
    }
    for (name, summary, transform) in StressTransforms.registry.entries where transform.fits.contains(maker.shape.kind)
    {
      func leaveOut(_ reason: String) {
        result.notApplicable.append(Variants.Absent(transform: name, reason: reason))
      }
      guard !transform.needsWordNet || question.served.resources.wordNet != nil else {
        leaveOut("needs WordNet, which is not here")
        continue
      }
      let set = try maker.make(name, from: [example])
      guard let member = set.members.first else {
        leaveOut(set.notApplicable.keys.first ?? "nothing to change")
        continue
      }
      let answer = try question.answer(to: member.changed, as: question.task)
      var fields: [String: String] = [:]
      for role in maker.shape.roles {
        let field = maker.shape.field(role)
        fields[field] = member.changed.fields[field]
      }
      result.variants.append(
        Variants.Variant(
          transform: name, summary: summary, fields: fields, expected: member.expected, answer: answer,
          flips: answer.answer != whole.answer, isExpected: member.expected.contains(answer.word)))
    }
    return APIResponse(result)
  }

  /// Where the model looks: every head from the place where the answer is read, or one head from every place.
  func attention(_ body: RequestObject) throws(GraftError) -> APIResponse {
    struct Attention: Encodable {
      var run: String
      var tokens: [String]
      /// Who looks, of one head; nil for the place where the answer is read.
      var readers: [String]?
      /// By layer and head the weight of each token; nil where one head is asked for.
      var layers: [[[Double]]]?
      /// By reader the weight of each token.
      var rows: [[Double]]?
      /// The place in `tokens` where the answer is read; nil where that is all of them, or none of the tokens.
      var reader: Int?
      /// Why there is no attention.
      var reason: String?
    }
    let (name, count, read) = try reading(body, ["layer", "head"])
    var result = Attention(run: name, tokens: [])
    guard count <= Self.attentionTokens else {
      result.reason = "the text has \(count) tokens; attention is shown of \(Self.attentionTokens) at most"
      return APIResponse(result)
    }
    let found = try read()
    result.tokens = found.tokens
    guard !found.layers.isEmpty else {
      result.reason = "this model's family has no attention"
      return APIResponse(result)
    }
    if found.readers == found.tokens { result.reader = found.reader }
    guard let layer = try body.integer("layer", in: 0...found.layers.count - 1) else {
      result.layers = found.layers.indices.map { layer in
        (0..<found.layers[layer].heads).map { Self.short(found.weights(layer: layer, head: $0)) }
      }
      return APIResponse(result)
    }
    let weights = found.layers[layer]
    let head = try body.integer("head", in: 0...weights.heads - 1) ?? 0
    result.readers = found.readers
    result.rows = (0..<weights.queries).map { query in
      Self.short((0..<weights.keys).map { Double(weights[head, query, $0]) })
    }
    return APIResponse(result)
  }

  private typealias AttentionReading = () throws(GraftError) -> HeadAttention

  /// Of a task's text, or of one that is gone on with: how many tokens it has, and what reads it.
  private func reading(
    _ body: RequestObject, _ keys: [String]
  ) throws(GraftError) -> (run: String, tokens: Int, read: AttentionReading) {
    guard let text = try body.text("text") else {
      let question = try TextQuestion(body, self, keys: keys)
      let model = question.served.model
      return (
        question.served.name, model.prompt(of: question.example, task: question.task).tokens.count,
        { () throws(GraftError) in try model.attention(of: question.example, task: question.task) }
      )
    }
    try body.requireKeys(["run", "text", "taken"] + keys)
    let served = try model(body.text("run"))
    let continuer = try served.model.continuer()
    let taken = try body.tokens("taken", below: continuer.vocabularySize)
    return (
      served.name, continuer.prompt(text).count + taken.count,
      { () throws(GraftError) in try served.model.attention(after: text, taken) }
    )
  }

  /// Tokens of a text of which attention is shown: a head's weights are their square.
  private static let attentionTokens = 512

  /// Four digits: a weight is looked at.
  private static func short(_ weights: [Double]) -> [Double] { weights.map { ($0 * 10_000).rounded() / 10_000 } }
}
