import Records
import Scoring
import Support
import Testing

@testable import Experiments

/// What all studies' tables are made of, on answers whose scores are known.
@Suite struct ScoreboardTests {
  /// Eight examples whose right answer is 0.
  private let references = [Reference](repeating: Reference(text: "a", choice: 0), count: 8)

  /// So many right ones first.
  private func answers(_ right: Int) -> [Prediction] {
    (0..<8).map { Prediction(text: $0 < right ? "a" : "b", choice: $0 < right ? 0 : 1) }
  }

  /// By row, column and seed, how many of eight are right.
  private let right: [[[UInt64: Int]]] = [
    [[0: 4, 1: 2], [0: 4, 1: 4]],
    [[0: 8, 1: 8], [0: 6]],
    [[0: 4, 1: 2], [:]],
  ]

  private func board() throws -> Scoreboard {
    let columns = ["x", "y"].map {
      Scoreboard.Column(name: $0, metric: Accuracy(), references: references, isAveraged: true)
    }
    var board = try Scoreboard("test", columns: columns, rows: right.count) { row, column in
      right[row][column].sorted { $0.key < $1.key }.map { ($0.key, 100 * Double($0.value) / 8) }
    }
    try board.compare(with: 0) { row, column, seed in answers(right[row][column][seed] ?? 0) }
    return board
  }

  @Test func scoresAreOverTheSeedsThereAre() throws {
    let board = try board()
    #expect(board.cells[0][0]?.summary.values == [50, 25] && board.cells[0][0]?.summary.mean == 37.5)
    #expect(board.cells[1][1]?.seeds == [0] && board.cells[2][1] == nil)
    // 50 and 50; 25 and 50.
    #expect(board.averages[0]?.summary.values == [50, 37.5])
    // Of the one seed that has both columns: 100 and 75.
    #expect(board.averages[1]?.seeds == [0] && board.averages[1]?.summary.mean == 87.5)
    #expect(board.averages[2] == nil)
  }

  @Test func differencesAreOfTheSeedsThatBothHave() throws {
    let board = try board()
    #expect(board.cells[0].allSatisfy { $0?.versus == nil })
    let first = try #require(board.cells[1][0]?.versus)
    // 100 − 37.5, over both seeds; one seed gained 50, the other 75.
    #expect(first.difference == 62.5 && first.seeds == [0, 1])
    let overSeeds = try #require(board.cells[1][0]?.overSeeds)
    #expect(abs((overSeeds.lower + overSeeds.upper) / 2 - 62.5) < 1e-9)
    // The same answers differ in nothing.
    let same = try #require(board.cells[2][0]?.versus)
    #expect(same.difference == 0 && same.p == 1)
    #expect(board.cells[1][1]?.versus?.seeds == [0] && board.cells[1][1]?.versus?.difference == 25)
    // (100 + 75) / 2 against (50 + 50) / 2 of seed 0.
    #expect(board.averages[1]?.versus?.difference == 37.5)
  }

  /// Holm's adjustment is over the rows of a column: of two, the smaller p counts twice.
  @Test func pIsAdjustedWithinAColumn() throws {
    let board = try board()
    let (smaller, larger) = try (
      #require(board.cells[1][0]?.versus), #require(board.cells[2][0]?.versus)
    )
    #expect(smaller.p < larger.p && smaller.holm == min(1, 2 * smaller.p) && larger.holm == larger.p)
    // One that is alone is as it was.
    let alone = try #require(board.cells[1][1]?.versus)
    #expect(alone.holm == alone.p)
  }
}
