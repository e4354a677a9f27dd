import Records

/// The next token of one of a search's rows.
struct Continuation: Hashable {
  /// Which of the rows it continues, in the order of the last answer.
  var parent: Int
  var token: TokenID
}

/// The search for the answer to one input. It begins with one row; what `advance` returns are its next rows. It knows
/// nothing of models.
protocol DecodingSearch {
  /// - Parameter rows: what the model says about the next token of each row.
  /// - Returns: how it goes on; empty when the search has ended.
  mutating func advance(_ rows: [TokenScores]) -> [Continuation]

  /// Best first; at least one once the search has ended.
  var hypotheses: [Hypothesis] { get }
}
