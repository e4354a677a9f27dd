/// What is returned for a request for completions, with OpenAI's names.
struct CompletionResponse: Encodable {
  struct Choice: Encodable {
    var text: String
    var index: Int
    var logprobs: Reading?
    var finishReason: String

    private enum CodingKeys: String, CodingKey {
      case text, index, logprobs
      case finishReason = "finish_reason"
    }
  }

  /// Of each token what the model expected there; nil where nothing precedes it.
  struct Reading: Encodable {
    var tokens: [String] = []
    var tokenLogprobs: [Double?] = []
    /// By their texts.
    var topLogprobs: [[String: Double]?] = []
    /// Where each begins, in Unicode scalars.
    var textOffset: [Int] = []

    private enum CodingKeys: String, CodingKey {
      case tokens
      case tokenLogprobs = "token_logprobs"
      case topLogprobs = "top_logprobs"
      case textOffset = "text_offset"
    }
  }

  struct Usage: Encodable {
    var promptTokens = 0, completionTokens = 0, totalTokens = 0

    private enum CodingKeys: String, CodingKey {
      case promptTokens = "prompt_tokens"
      case completionTokens = "completion_tokens"
      case totalTokens = "total_tokens"
    }
  }

  var id: String
  var object = "text_completion"
  /// Seconds since 1970.
  var created: Int
  var model: String
  var choices: [Choice] = []
  var usage = Usage()
}
