import Foundation
import Support
import TestSupport
import Testing

/// Files of pyarrow, polars, DuckDB, fastparquet and `datasets` (`Tests/Fixtures/parquet/make_parquet.py`), and what is
/// in them.
@Suite struct ParquetTests {
  private static let folder = RealData.package.appendingPathComponent("Tests/Fixtures/parquet").path

  private static func files(_ prefix: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".parquet") }.sorted()
  }

  private func text(_ path: String) throws -> [UInt8] {
    let input = try TextInput(path)
    var text: [UInt8] = []
    while try input.read(into: &text) {}
    #expect(input.fractionRead == 1)
    return text
  }

  private func rows(_ bytes: some Collection<UInt8>) throws -> [NSDictionary] {
    try bytes.split(separator: 0x0A).map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line)) as? NSDictionary)
    }
  }

  private func expected(_ name: String) throws -> [NSDictionary] {
    try rows(try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name).jsonl")))
  }

  @Test func thereIsAFileOfEveryWriter() { #expect(Self.files("rows-").count == 13) }

  @Test(arguments: files("rows-")) func everyFormHasTheSameRows(_ name: String) throws {
    #expect(try rows(try text("\(Self.folder)/\(name)")) == (try expected("rows")))
  }

  @Test(arguments: files("nested")) func groupsAreObjectsAndListsArrays(_ name: String) throws {
    #expect(try rows(try text("\(Self.folder)/\(name)")) == (try expected("nested")))
  }

  @Test func otherKindsOfValues() throws {
    let rows = try rows(try text("\(Self.folder)/kinds.parquet"))
    #expect(rows == (try expected("kinds")))
    #expect(try self.rows(try text("\(Self.folder)/int96.parquet")) == [["time": 1_582_979_400_000_000_000]])
  }

  @Test func namesOfClassesAreRead() throws {
    let rows = try ParquetRows(MappedFile("\(Self.folder)/classes.parquet"))
    #expect(rows.classNames == ["label": ["bad", "good"]])
  }

  /// A file is read by small pieces as it is by large ones.
  @Test func piecesDoNotChangeTheText() throws {
    for name in ["rows-plain", "nested-v2"] {
      var rows = try ParquetRows(MappedFile("\(Self.folder)/\(name).parquet"))
      var text: [UInt8] = []
      while try rows.read(into: &text, limit: 1) {}
      #expect(text == (try self.text("\(Self.folder)/\(name).parquet")))
    }
  }

  /// Whatever becomes of a file on its way, it is read or refused in words.
  @Test(arguments: ["rows-snappy", "rows-delta", "nested", "nested-v2", "rows-duckdb", "kinds"])
  func damageIsRefusedOrHarmless(_ name: String) throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name).parquet")))
    var refused = 0
    func read(_ bytes: [UInt8]) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: folder.path("damaged.parquet")))
      do {
        _ = try text(folder.path("damaged.parquet"))
      } catch let error as GraftError {
        #expect(error.code == .badData, "\(error)")
        refused += 1
      }
    }
    for place in stride(from: 4, to: whole.count, by: 7) {
      var damaged = whole
      damaged[place] ^= UInt8(truncatingIfNeeded: 1 + place * 37 % 255)
      try read(damaged)
    }
    #expect(refused > 0)
    for count in stride(from: 8, to: whole.count, by: 97) {
      let before = refused
      try read(Array(whole[..<count]))
      #expect(refused == before + 1, "the first \(count) bytes are no file")
    }
  }
}
