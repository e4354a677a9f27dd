/// One row of a task after preprocessing and templating: text in, text out.
public struct Example: Sendable, Hashable, Codable {
  /// Stable across runs: `task/split/row`.
  public var identifier: String
  /// What the model reads, prefix included.
  public var inputs: String
  /// What the model should answer.
  public var targets: String
  /// Further answers that are as right; nil if there are none.
  public var alternatives: [String]?
  /// The fields the templates were filled from, for probes and transforms.
  public var fields: [String: String]
  /// Values by which scores are broken down, such as a heuristic or a category; where an example has several of one
  /// group, they stand in one text with `groupSeparator` in between.
  public var groups: [String: String]
  /// Names the set of examples it belongs to, such as an original and its revisions, which only a model that has
  /// learned the task gets right together; nil if it stands alone.
  public var set: String?
  /// What there is to choose from, if that differs from row to row.
  public var candidates: [Candidate]?
  /// The index of what is right among the candidates, or else among the choices of the task or suite. Nil without
  /// label, and where there is nothing to choose from.
  public var choice: Int?

  /// An example without further answers; set `alternatives` where there are some.
  public init(
    identifier: String, inputs: String, targets: String, fields: [String: String] = [:],
    groups: [String: String] = [:], set: String? = nil, candidates: [Candidate]? = nil, choice: Int? = nil
  ) {
    self.identifier = identifier
    self.inputs = inputs
    self.targets = targets
    self.fields = fields
    self.groups = groups
    self.set = set
    self.candidates = candidates
    self.choice = choice
  }
}

extension Example {
  /// Between several values of one group: the unit separator, which no text has.
  public static let groupSeparator: Unicode.Scalar = "\u{1F}"

  /// The values of a group, none if the example is in none.
  public func values(ofGroup name: String) -> [String] {
    guard let text = groups[name] else { return [] }
    return text.unicodeScalars.split(separator: Self.groupSeparator, omittingEmptySubsequences: false)
      .map { String($0) }
  }
}

/// One of the answers to choose from: what a model would read and what it would answer. Candidates of one row may
/// differ in either or both.
public struct Candidate: Sendable, Hashable, Codable {
  /// What the model reads with this candidate, prefix included.
  public var inputs: String
  /// What the model would answer.
  public var targets: String

  /// A candidate for the right answer, or for a wrong one.
  public init(inputs: String, targets: String) {
    self.inputs = inputs
    self.targets = targets
  }
}

/// What a model answered to one example.
public struct Prediction: Sendable, Hashable, Codable {
  /// The answer as text; of a choice that was ranked, its words.
  public var text: String
  /// The index of the answer among the task's choices, nil if it is none of them (and thereby wrong).
  public var choice: Int?
  /// Log-probability of each choice, when choices were ranked.
  public var choiceScores: [Double]?
  /// The same over the number of the choice's tokens, end-of-sequence counted.
  public var choiceScoresPerToken: [Double]?
  /// The same over the number of the choice's UTF-8 bytes.
  public var choiceScoresPerByte: [Double]?
  /// If several choices share the highest score, all of them; `choice` is the first.
  public var tiedChoices: [Int]?
  /// Log-probability of each token of the right text, in nats, when it was scored rather than answered.
  public var logProbabilities: [Double]?

  /// An answer that no choice ties with; the other scores are set afterwards.
  public init(
    text: String, choice: Int? = nil, choiceScores: [Double]? = nil, logProbabilities: [Double]? = nil
  ) {
    self.text = text
    self.choice = choice
    self.choiceScores = choiceScores
    self.logProbabilities = logProbabilities
  }

  /// The choice with the highest score. Of equals the first is the answer; accuracy counts each of them by its share.
  public init(_ choices: [String], scores: [Double]) {
    let best = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? 0
    self.init(text: choices[best], choice: best, choiceScores: scores)
    let tied = scores.indices.filter { scores[$0] == scores[best] }
    if tied.count > 1 { tiedChoices = tied }
  }
}
