import Foundation
import Inference
import ModelKit
import Records
import Support

/// Texts that a language model goes on with.
extension ServingAPI {
  /// What may come next.
  func next(_ body: RequestObject) throws(GraftError) -> APIResponse {
    struct Next: Encodable {
      struct Token: Encodable {
        var id: Int
        var text: String
        var probability: Double?
      }
      var run: String
      /// What was written after the text.
      var written: String
      /// The text's own tokens with their probabilities, then those taken; of a model that reads prompts apart, and of
      /// one that answers them, the last alone.
      var tokens: [Token]
      var alternatives: [Token]
      /// How many tokens there is room for.
      var room: Int
    }
    try body.requireKeys(["run", "text", "taken", "count"])
    let served = try model(body.text("run"))
    let continuer = try served.model.continuer()
    let prompt = continuer.prompt(try body.text("text") ?? "")
    let taken = try body.tokens("taken", below: continuer.vocabularySize)
    let count = try body.integer("count", in: 1...100) ?? 10
    try check(prompt.count + taken.count)
    let room = min(continuer.room(after: prompt), limits.tokens - prompt.count) - taken.count
    // A text by itself has a probability; what comes after it may be read with all of it in view.
    let own = continuer.goesOn ? try continuer.outlooks(ofText: prompt, count: 0) : []
    // The end stands for the token that is asked for.
    let written = try continuer.outlooks(taken + [continuer.end], after: prompt, count: count)
    let read = (own.isEmpty ? [] : prompt) + taken
    let outlooks: [TokenOutlook?] = own + written.map { .some($0) }
    return APIResponse(
      Next(
        run: served.name, written: continuer.text(taken, after: prompt),
        tokens: zip(read, outlooks).map { token, outlook in
          Next.Token(
            id: Int(token), text: continuer.text(token), probability: outlook.map { exp($0.logProbability) })
        },
        alternatives: (written.last?.likeliest ?? []).map {
          let text = $0.token == continuer.end ? "" : continuer.piece($0.token, after: prompt + taken)
          return Next.Token(
            id: Int($0.token), text: text.isEmpty ? continuer.text($0.token) : text,
            probability: exp($0.logProbability))
        }, room: max(0, room - 1)))
  }
}
