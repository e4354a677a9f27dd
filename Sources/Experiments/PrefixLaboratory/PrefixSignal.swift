import Randomness
import Support
import TaskRegistry
import Tokenization

/// What stands in place of the tasks' own prefixes.
public enum PrefixSignal: String, Codable, Sendable, CaseIterable {
  /// The tasks' own words.
  case natural
  /// Words that have nothing to do with the tasks, another phrase for each.
  case nonsense
  /// The letters of the natural prefix in another order.
  case shuffled
  /// One special token that nothing was ever said with, whose vector is learned.
  case token
  /// Nothing: which task is meant has to be seen from the text.
  case none

  /// About as long as prefixes are.
  static let phrases = [
    "sandwiches are nice", "umbrellas sing quietly", "seven green spoons", "the piano sneezed",
    "yesterday was purple",
    "a kettle of pebbles", "borrowed rain sleeps", "otters knit on Tuesdays",
  ]

  /// The prefix of each of `tasks`.
  /// - Throws: `.usage` for more tasks than there are phrases or special tokens to tell them apart.
  public func prefixes(_ tasks: [TaskDefinition], tokenizer: Tokenizer) throws(GraftError) -> [String] {
    switch self {
    case .natural: return tasks.map(\.prefix)
    case .none: return tasks.map { _ in "" }
    case .nonsense:
      guard tasks.count <= Self.phrases.count else {
        throw GraftError(
          .usage, "there are phrases for \(Self.phrases.count) tasks",
          hint: "take fewer tasks, or leave '\(rawValue)' out of `signal:`.")
      }
      return Array(Self.phrases.prefix(tasks.count))
    case .shuffled: return tasks.map { Self.shuffled($0.prefix) }
    case .token:
      // Those that spans are marked with last, so that pretraining has hardly met them.
      let sentinels = tokenizer.vocabulary.sentinels.suffix(tasks.count).reversed()
      guard sentinels.count == tasks.count else {
        throw GraftError(
          .usage, "the tokenizer has \(sentinels.count) special tokens to stand for \(tasks.count) tasks",
          hint: "leave '\(rawValue)' out of `signal:`, or train a tokenizer with more sentinels.")
      }
      return sentinels.map { tokenizer.token($0) }
    }
  }

  /// The letters in another order, always the same one. A word whose orders are all alike stays.
  private static func shuffled(_ text: String) -> String {
    let letters = Array(text)
    for attempt in 0..<16 {
      var random = RandomKey(seed: 0).folded("shuffled prefix").folded(text).folded(attempt).generator()
      let order = random.permutation(letters.count)
      let candidate = String(order.map { letters[$0] })
      let isTidy = candidate.first != " " && candidate.last != " " && !candidate.contains("  ")
      if candidate != text, isTidy { return candidate }
    }
    return text
  }
}
