import Checkpointing
import Foundation
import Records
import Support

extension TextReading {
  /// What Graft wrote of a model that was fine-tuned on prompts, as JSON in a string: transformers keeps keys that it
  /// does not know.
  private static let key = "graft_reading"

  /// Nil of a model that is not Graft's.
  /// - Parameter omitsStart: whether the model reads a text to be continued without a start token.
  init?(of config: HuggingFaceConfig, omitsStart: Bool) throws(GraftError) {
    let text = try config.string(Self.key, default: "")
    guard !text.isEmpty else { return nil }
    do {
      self = try JSONFile.value(TextReading.self, in: text.utf8)
      if omitsStart { self.omitsStart = true }
    } catch {
      throw GraftError(
        .badData, "'\(Self.key)' in '\(config.path)' is not what graft writes", hint: "remove the key.",
        cause: error)
    }
  }

  /// What config.json has to say of it beyond the model's kind: nothing of a model that goes on with every text without
  /// a start token before it, nor of one that is given the segments of every task.
  var huggingFaceKeys: [String: ConfigValue] {
    get throws(GraftError) {
      let isPlain =
        switch layout {
        case .prompt: false
        case .continuation: tasks == nil && omitsStart == true
        case .segments: !(tasks ?? [:]).values.contains { $0 != .segments }
        }
      if isPlain { return [:] }
      return [Self.key: .string(String(decoding: try JSONFile.encode(self), as: UTF8.self))]
    }
  }
}
