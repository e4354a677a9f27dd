extension AnswerFormat {
  /// The task of a head that was not said to belong to one: it answers every task whose choices are its labels.
  public static let anyTask = "*"

  /// Where each choice of a task stands among the labels of a head: `order[choice]` is the label's index. Words are
  /// compared without case, spaces, hyphens and underscores, then by what they are short for.
  /// - Returns: nil unless every label is one of the choices and every choice one of the labels.
  ///
  /// Worked example: the choices entailment, neutral, contradiction among CONTRADICTION, Entailment, NEUTRAL: 1, 2, 0.
  public static func order(of choices: [String], among labels: [String]) -> [Int]? {
    guard choices.count == labels.count else { return nil }
    func order(_ spelled: (String) -> [UInt8]) -> [Int]? {
      var indices: [[UInt8]: Int] = [:]
      for (index, label) in labels.enumerated() {
        guard indices.updateValue(index, forKey: spelled(label)) == nil else { return nil }
      }
      var order: [Int] = []
      for choice in choices {
        guard let index = indices.removeValue(forKey: spelled(choice)) else { return nil }
        order.append(index)
      }
      return order
    }
    return order { Array($0.utf8) } ?? order(plain) ?? order { synonyms[plain($0)] ?? plain($0) }
  }

  private static func plain(_ label: String) -> [UInt8] {
    Array(label.lowercased().utf8.filter { ![0x20, 0x2D, 0x5F].contains($0) })
  }

  /// What can mean nothing else, in the spelling of `plain`.
  private static let synonyms: [[UInt8]: [UInt8]] = {
    let groups = [
      "entailment": ["entail", "entails", "entailed"], "notentailment": ["nonentailment", "notentailed"],
      "contradiction": ["contradict", "contradicts", "contradicted", "contradictory"],
      "positive": ["pos"], "negative": ["neg"],
    ]
    var result: [[UInt8]: [UInt8]] = [:]
    for (word, others) in groups { for other in others { result[Array(other.utf8)] = Array(word.utf8) } }
    return result
  }()
}
