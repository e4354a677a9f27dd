import CKernels
import Foundation
import Randomness
import Testing

/// The kernels behind `CooccurrenceEmbedding` against loops that follow the definitions.
@Suite struct CooccurrenceTests {
  /// Worked example: in 0 1 0 with one place to either side, 1 follows 0 once and 0 follows 1 once.
  @Test func countsWhatFollows() {
    var counts = [UInt32](repeating: 0, count: 9)
    graft_count_pairs([0, 1, 0], 3, 1, 3, &counts)
    #expect(counts == [0, 1, 0, 1, 0, 0, 0, 0, 0])
    graft_count_pairs([0, 1, 2], 3, 5, 3, &counts)
    #expect(counts == [0, 2, 1, 1, 0, 1, 0, 0, 0])
    graft_count_pairs([2], 1, 5, 3, &counts)
    graft_count_pairs([], 0, 5, 3, &counts)
    #expect(counts == [0, 2, 1, 1, 0, 1, 0, 0, 0])
  }

  /// Sizes around the tiles of 64; the last token never occurs.
  @Test(arguments: [3, 64, 70, 130]) func mutualInformationFollowsItsDefinition(_ size: Int) {
    var generator = RandomKey(seed: 5).folded(size).generator()
    let tokens = (0..<40 * size).map { _ in Int32(generator.next() % UInt64(size - 1)) }
    var counts = [UInt32](repeating: 0, count: size * size)
    graft_count_pairs(tokens, Int64(tokens.count), 2, Int64(size), &counts)
    let n = (0..<size * size).map { Double(counts[$0]) + Double(counts[$0 % size * size + $0 / size]) }
    let sums = (0..<size).map { row in n[row * size..<(row + 1) * size].reduce(0, +) }
    let smoothed = sums.map { pow($0, 0.75) }
    let total = smoothed.reduce(0, +)
    var rowSums = [Double](repeating: -1, count: size)
    graft_positive_mutual_information(&counts, &rowSums, Int64(size))
    #expect(rowSums == sums)
    #expect(sums[size - 1] == 0)
    var positive = 0
    for cell in 0..<size * size {
      let (a, b) = (cell / size, cell % size)
      let expected = n[cell] == 0 ? 0 : max(0, log(n[cell] / (sums[a] * smoothed[b] / total)))
      let got = Double(Float(bitPattern: counts[cell]))
      #expect(abs(got - expected) <= 1e-6 * max(1, expected), "cell \(a), \(b)")
      if got > 0 { positive += 1 }
    }
    #expect(positive > 0)
  }

  @Test func rowsBecomeOrthonormal() {
    let (rows, columns) = (12, 37)
    var generator = RandomKey(seed: 9).generator()
    var q = (0..<rows * columns).map { _ in Float(generator.normalPair().0) }
    // Nearly dependent, and dependent.
    for c in 0..<columns {
      q[3 * columns + c] = q[2 * columns + c] + 1e-3 * q[3 * columns + c]
      q[7 * columns + c] = 2 * q[columns + c] - q[c]
    }
    graft_orthonormalize_rows(&q, Int64(rows), Int64(columns))
    for a in 0..<rows {
      for b in 0...a {
        let dot = (0..<columns).reduce(0.0) { $0 + Double(q[a * columns + $1]) * Double(q[b * columns + $1]) }
        #expect(abs(dot - (a == b && a != 7 ? 1 : 0)) < 1e-5, "rows \(a) and \(b)")
      }
    }
  }
}
