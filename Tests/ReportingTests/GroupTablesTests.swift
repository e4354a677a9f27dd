import Foundation
import Reporting
import Testing

/// Tables of parts, and of seeds.
@Suite struct GroupTablesTests {
  func entry(
    _ metric: String, _ score: Double, _ group: [String: String], seed: UInt64? = nil, count: Int = 10
  ) -> ResultEntry {
    ResultEntry(
      task: "hans", split: "test", system: "model", metric: metric, score: score, examples: count, seed: seed,
      signature: "accuracy|invalid:wrong", group: group)
  }

  @Test func aRowPerValueAndAColumnPerLabel() throws {
    let file = ResultsFile([
      entry("accuracy", 0.5, [:]),
      entry("accuracy", 0.5, ["heuristic": "subsequence"], count: 20),
      entry("accuracy", 1, ["heuristic": "subsequence", "label": "entailment"]),
      entry("accuracy", 0, ["heuristic": "subsequence", "label": "non-entailment"]),
      entry("accuracy", 0.75, ["heuristic": "constituent"], count: 4),
    ])
    let tables = GroupTables(file, task: "hans", system: "model").tables
    #expect(
      tables.map(\.plainText) == [
        """
        hans by heuristic
        heuristic    examples  accuracy  entailment  non-entailment
        -----------  --------  --------  ----------  --------------
        subsequence        20      50.0       100.0             0.0
        constituent         4      75.0           –               –

        """
      ])
  }

  @Test func seedsShowMeanDeviationAndRange() throws {
    let file = ResultsFile(
      [0.1, 0.2, 0.6].enumerated().flatMap { seed, score in
        [
          entry("accuracy", score, [:], seed: UInt64(seed)),
          entry("accuracy", score, ["label": "a"], seed: UInt64(seed)),
          entry("accuracy", score, ["label": "b"], seed: UInt64(seed)),
        ]
      })
    let text = GroupTables(file, task: "hans", system: "model").tables.map(\.plainText).joined()
    #expect(text.contains("a            10  30.0 ± 26.5 (10.0 to 60.0)"), "\(text)")
    let seeds = try #require(file.seedTable()).rows
    #expect(seeds == [["hans", "test", "accuracy", "model", "3", "30.0", "26.5", "10.0", "60.0"]])
    #expect(ResultsFile([entry("accuracy", 1, [:], seed: 1)]).seedTable() == nil)
  }

  @Test func flagsShareATable() {
    let file = ResultsFile([
      entry("accuracy", 0.25, ["negation": "1"], count: 4), entry("accuracy", 0.5, ["negation": "0"]),
      entry("accuracy", 1, ["quantifier": "yes"], count: 3), entry("accuracy", 0, ["quantifier": "no"]),
    ])
    #expect(
      GroupTables(file, task: "hans", system: "model").tables.map(\.plainText) == [
        """
        hans by kind
        kind        examples  accuracy  of the others
        ----------  --------  --------  -------------
        negation           4      25.0           50.0
        quantifier         3     100.0            0.0

        """
      ])
  }

  /// Thirty subcases are details, a hundred and twenty templates stand in the file only.
  @Test func groupsWithManyValuesAreForThoseWhoAsk() {
    let file = ResultsFile(
      (0..<30).map { entry("accuracy", 0.5, ["subcase": "c\($0)"]) }
        + (0..<120).map { entry("accuracy", 0.5, ["template": "t\($0)"]) })
    #expect(GroupTables(file, task: "hans", system: "model").tables.isEmpty)
    let details = GroupTables(file, task: "hans", system: "model", detailed: true).tables
    #expect(details.map(\.title) == ["hans by subcase"])
    #expect(details.first?.table.rows.count == 30)
    #expect(GroupTables(ResultsFile([]), task: "hans", system: "model", detailed: true).tables.isEmpty)
  }
}
