import Records

/// What a tokenizer puts around one text and around two, and the type of each token (0 for a first text, 1 for a
/// second in BERT).
///
/// Worked example: BERT's puts `[CLS]:0 $A:0 [SEP]:0` around one text and `[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1` around
/// two.
public struct PostProcessor: Sendable, Hashable {
  /// What stands at one place.
  public enum Part: Sendable, Hashable {
    /// The first text, all its tokens of one type.
    case first(type: Int)
    /// The second text.
    case second(type: Int)
    /// A token that is added.
    case token(TokenID, type: Int)

    func with(type: Int) -> Part {
      switch self {
      case .first: .first(type: type)
      case .second: .second(type: type)
      case .token(let id, _): .token(id, type: type)
      }
    }
  }

  /// Around a text that stands alone.
  public var single: [Part]
  /// Around two texts.
  public var pair: [Part]

  /// - Parameters:
  ///   - single: around a text that stands alone; by default nothing.
  ///   - pair: around two texts; by default nothing.
  public init(single: [Part] = [.first(type: 0)], pair: [Part] = [.first(type: 0), .second(type: 1)]) {
    self.single = single
    self.pair = pair
  }

  /// Whether it adds no token.
  public var isEmpty: Bool {
    !(single + pair).contains { part in if case .token = part { true } else { false } }
  }

  /// Whether it puts a token before a text that stands alone.
  public var opensTexts: Bool { if case .token? = single.first { true } else { false } }

  /// The tokens of one text or two, with those that are added, and the type of each.
  public func applied(to first: [TokenID], _ second: [TokenID]? = nil) -> (tokens: [TokenID], types: [Int]) {
    var tokens: [TokenID] = []
    var types: [Int] = []
    for part in second == nil ? single : pair {
      let type: Int
      switch part {
      case .first(let own):
        tokens += first
        type = own
      case .second(let own):
        tokens += second ?? []
        type = own
      case .token(let id, let own):
        tokens.append(id)
        type = own
      }
      types += repeatElement(type, count: tokens.count - types.count)
    }
    return (tokens, types)
  }

  /// As people write it: `[CLS]:0 $A:0 [SEP]:0`.
  /// - Parameter name: a token as the tokenizer spells it.
  public static func description(_ parts: [Part], name: (TokenID) -> String) -> String {
    parts.map { part in
      switch part {
      case .first(let type): "$A:\(type)"
      case .second(let type): "$B:\(type)"
      case .token(let id, let type): "\(name(id)):\(type)"
      }
    }.joined(separator: " ")
  }
}
