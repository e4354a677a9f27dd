import Records

/// How sequences of different lengths lie in the rows of a tensor: one after another, each rounded up to a few
/// spare rows so that the shapes of matrix products repeat and their prepared kernels are reused.
///
/// Worked example: lengths [3, 10] take rows 0..<3 and 3..<19 (10 is rounded up to 16), 19 in all, and the
/// matrix has 32 rows.
public struct SequenceRows: Sendable, Hashable {
  /// First row of each sequence.
  public let offsets: [Int]
  /// True lengths.
  public let lengths: [Int]
  /// Rows reserved for each sequence.
  public let reserved: [Int]
  /// Rows of the whole matrix.
  public let rowCount: Int
  /// Token of each row, -1 where there is none.
  public let tokens: [TokenID]
  /// Position of each row within its sequence.
  public let positions: [Int32]
  /// Segment of each row, -1 where there is no token.
  public let segments: [Int32]
  /// How many tokens at the beginning of each sequence see each other in a decoder; empty if none do.
  public let prefixes: [Int]
  /// One more than the last position any row may have, at least 1: how long a table of distances must be.
  public let reach: Int

  /// - Parameter past: how many positions of each sequence came earlier and are no rows here; empty for none.
  public init(_ sequences: TokenSequences, after past: [Int] = []) {
    precondition(past.isEmpty || past.count == sequences.lengths.count, "one past for each sequence")
    var offsets: [Int] = []
    var reserved: [Int] = []
    var row = 0
    for length in sequences.lengths {
      offsets.append(row)
      reserved.append(SequenceRows.reserve(length))
      row += SequenceRows.reserve(length)
    }
    // Products of the few rows that continue sequences need no preparation.
    let total = !past.isEmpty && row <= 64 ? row : row <= 128 ? (row + 15) & ~15 : (row + 63) & ~63
    var tokens = [TokenID](repeating: -1, count: total)
    var positions = [Int32](repeating: 0, count: total)
    var segments = [Int32](repeating: -1, count: total)
    var source = 0
    for (sequence, length) in sequences.lengths.enumerated() {
      for i in 0..<length {
        tokens[offsets[sequence] + i] = sequences.tokens[source + i]
        positions[offsets[sequence] + i] = Int32(i + (past.isEmpty ? 0 : past[sequence]))
        segments[offsets[sequence] + i] = sequences.segments.isEmpty ? 0 : sequences.segments[source + i]
      }
      source += length
    }
    self.offsets = offsets
    self.reserved = reserved
    lengths = sequences.lengths
    rowCount = total
    self.tokens = tokens
    self.positions = positions
    self.segments = segments
    prefixes = sequences.prefixes
    reach = max(1, reserved.indices.map { reserved[$0] + (past.isEmpty ? 0 : past[$0]) }.max() ?? 1)
  }

  /// Exact up to 8 rows, then multiples of 8.
  static func reserve(_ length: Int) -> Int { length <= 8 ? length : (length + 7) & ~7 }

  /// Tokens of the longest sequence; 0 where there is none.
  public var maximumLength: Int { lengths.max() ?? 0 }

  /// Rows that belong to no sequence lie at the end.
  var usedRows: Int { (offsets.last ?? 0) + (reserved.last ?? 0) }

  /// The row of each token, in the order of the tokens.
  public var tokenRows: [Int32] {
    zip(offsets, lengths).flatMap { offset, length in (offset..<offset + length).map { Int32($0) } }
  }
}
