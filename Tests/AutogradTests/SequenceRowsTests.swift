import Records
import Testing

@testable import Autograd

@Suite struct SequenceRowsTests {
  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    var next: TokenID = 100
    for length in lengths {
      sequences.append((0..<length).map { next + TokenID($0) })
      next += 100
    }
    return SequenceRows(sequences)
  }

  /// The worked example of the documentation.
  @Test func threeAndTen() {
    let rows = rows([3, 10])
    #expect(rows.offsets == [0, 3])
    #expect(rows.lengths == [3, 10])
    #expect(rows.reserved == [3, 16])
    #expect(rows.usedRows == 19)
    #expect(rows.rowCount == 32)
    #expect(
      rows.tokens == [100, 101, 102] + (200...209).map { TokenID($0) } + [TokenID](repeating: -1, count: 19))
    #expect(rows.positions.prefix(13) == [0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(rows.tokenRows == (0..<13).map { Int32($0) })
    #expect(rows.maximumLength == 10)
  }

  @Test func emptySequencesTakeNoRows() {
    let rows = rows([0, 2, 0])
    #expect(rows.offsets == [0, 0, 2])
    #expect(rows.reserved == [0, 2, 0])
    #expect(rows.rowCount == 16)
    #expect(rows.tokenRows == [0, 1])
    let none = SequenceRows(TokenSequences())
    #expect(none.rowCount == 0 && none.usedRows == 0 && none.maximumLength == 0 && none.tokenRows.isEmpty)
  }

  /// Few shapes: 16 apart up to 128 rows, then 64 apart.
  @Test func rowCountsRepeat() {
    #expect(rows([16]).rowCount == 16)
    #expect(rows([17]).rowCount == 32)
    #expect(rows([128]).rowCount == 128)
    #expect(rows([129]).rowCount == 192)
    #expect(rows([9, 9, 9]).rowCount == rows([16, 12, 10]).rowCount)
  }

  /// Rows that continue sequences are as many as there are, while they are few.
  @Test func rowsOfDecoding() {
    var next = TokenSequences()
    for token in 0..<5 { next.append([TokenID(token)]) }
    let rows = SequenceRows(next, after: [4, 0, 9, 1, 1])
    #expect(rows.rowCount == 5)
    #expect(rows.positions == [4, 0, 9, 1, 1])
    #expect(rows.reach == 10)
  }
}
