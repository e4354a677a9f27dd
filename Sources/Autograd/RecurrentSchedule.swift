/// In which order a recurrent layer reads the tokens of sequences: step by step the next token of each sequence that
/// has one.
/// Sequences are ordered by falling length, so that those of a step are the first of the step before.
///
/// Worked example: lengths [1, 3, 2] at offsets [0, 1, 4] give the order [1, 2, 0], steps of 3, 2 and 1 tokens that
/// begin at 0, 3 and 5, and the rows [1, 4, 0, 2, 5, 3]; read from their ends, the rows [3, 5, 0, 2, 4, 1].
struct RecurrentSchedule {
  /// The sequences that have a token, longest first.
  let order: [Int]
  /// How many tokens each step reads.
  let live: [Int]
  /// Where each step's tokens begin among all.
  let starts: [Int]
  /// The row of each token.
  let rows: [Int32]

  /// - Parameter reversed: whether sequences are read from their last token to their first.
  init(_ sequences: SequenceRows, reversed: Bool = false) {
    let lengths = sequences.lengths
    order = lengths.indices.filter { lengths[$0] > 0 }
      .sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var live: [Int] = []
    var starts: [Int] = []
    var rows: [Int32] = []
    var count = order.count
    for step in 0..<sequences.maximumLength {
      while count > 0, lengths[order[count - 1]] <= step { count -= 1 }
      live.append(count)
      starts.append(rows.count)
      for sequence in order.prefix(count) {
        rows.append(Int32(sequences.offsets[sequence] + (reversed ? lengths[sequence] - 1 - step : step)))
      }
    }
    (self.live, self.starts, self.rows) = (live, starts, rows)
  }

  /// Tokens, rounded up like rows of sequences so that the shapes of products repeat. The few of a step are not.
  var paddedCount: Int {
    rows.count <= 16 ? rows.count : rows.count <= 64 ? (rows.count + 15) & ~15 : (rows.count + 63) & ~63
  }

  /// The places in `order` of the sequences whose last token `step` reads.
  func ending(at step: Int) -> Range<Int> { (step + 1 < live.count ? live[step + 1] : 0)..<live[step] }
}
