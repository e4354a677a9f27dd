import CKernels
import Foundation
import Scoring
import Support
import TestSupport
import Testing

@testable import WordVectors

/// `Tests/Fixtures/word-vectors`: files and answers of gensim, and a twin of GloVe in NumPy.
@Suite struct FixtureTests {
  static let folder = RealData.package.appendingPathComponent("Tests/Fixtures/word-vectors").path

  private struct Neighbour: Decodable {
    var word: String
    var score: Double

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      (word, score) = (try list.decode(String.self), try list.decode(Double.self))
    }
  }

  private struct Answers: Decodable {
    var neighbours: [String: [Neighbour]]
    var sum: [Neighbour]
    var correct: [Int]
    var covered: [Int]
    var spearman: Double
  }

  private struct Twin: Decodable {
    var window: Int
    var limit: Double
    var power: Double
    var rate: Double
    var size: Int
    var words: [String]
    var counts: [[Double]]
    var first: [[[Double]]]
    var orders: [[Int]]
    var losses: [Double]
    var rows: [[Double]]
    var columns: [[Double]]
  }

  private func answers() throws -> Answers {
    try JSONFile.read(Answers.self, from: "\(Self.folder)/answers.json")
  }

  private func expect(_ found: [WordNeighbour], _ expected: [Neighbour]) {
    #expect(found.map(\.word) == expected.map(\.word))
    for (a, b) in zip(found, expected) { #expect(abs(a.score - b.score) < 1e-5, "\(a) \(b)") }
  }

  @Test func bothFormatsOfGensimAreRead() throws {
    let text = try WordVectors(opening: "\(Self.folder)/vectors.txt")
    let binary = try WordVectors(opening: "\(Self.folder)/vectors.bin")
    #expect(text.count == 60 && text.size == 20 && binary.count == 60 && binary.size == 20)
    #expect(text.values == binary.values)
    for row in 0..<60 { #expect(text.bytes(row) == binary.bytes(row)) }
    #expect(text.index("日本") == 59 && text.index("naïve") == 58 && text.index("w") == nil)
  }

  @Test func whatIsWrittenIsGensimsFile() throws {
    let vectors = try WordVectors(opening: "\(Self.folder)/vectors.txt")
    let folder = try TestFolder()
    try vectors.write(to: "\(folder.path)/a.bin", .binary)
    // gensim has no line feed after a row, word2vec has.
    let read = try WordVectors(opening: "\(folder.path)/a.bin")
    #expect(read.values == vectors.values)
    try read.write(to: "\(folder.path)/a.txt", .text)
    try read.write(to: "\(folder.path)/b.bin", .binary)
    #expect(try folder.bytes("a.bin") == folder.bytes("b.bin"))
    #expect(try WordVectors(opening: "\(folder.path)/a.txt").values == vectors.values)
  }

  @Test func neighboursAreGensims() throws {
    let space = try Neighbourhood(WordVectors(opening: "\(Self.folder)/vectors.txt"))
    let answers = try answers()
    for (word, expected) in answers.neighbours {
      let row = try #require(space.row(word, ignoringCase: false))
      expect(space.nearest(to: [(row, 1)], 5), expected)
    }
    // gensim divides a sum by the number of its words and then by its length: only the order and the ratio of scores
    // stay; a sum's scores here are sums of cosines.
    let rows = ["w1", "w2", "w3"].map { space.row($0, ignoringCase: false) ?? -1 }
    let found = space.nearest(to: [(rows[0], 1), (rows[1], 1), (rows[2], -1)], 5)
    #expect(found.map(\.word) == answers.sum.map(\.word))
    for (a, b) in zip(found, answers.sum) {
      #expect(abs(a.score / found[0].score - b.score / answers.sum[0].score) < 1e-5)
    }
  }

  @Test func analogiesAreGensims() throws {
    let space = try Neighbourhood(WordVectors(opening: "\(Self.folder)/vectors.txt"))
    let (sections, total) = try WordAnalogies(contentsOf: "\(Self.folder)/questions.txt").results(
      of: space, ignoringCase: false)
    let answers = try answers()
    #expect(sections.map(\.section) == ["first", "second part"])
    #expect((sections + [total]).map(\.correct) == answers.correct)
    #expect((sections + [total]).map(\.covered) == answers.covered)
    #expect(total.questions == 60 && total.covered < 60 && total.correct > 10)
  }

  @Test func similarityIsGensims() throws {
    let space = try Neighbourhood(WordVectors(opening: "\(Self.folder)/vectors.txt"))
    let result = try WordSimilarities(contentsOf: "\(Self.folder)/pairs.tsv").result(
      of: space, named: "pairs", ignoringCase: false, bootstrap: BootstrapOptions(resamples: 200))
    #expect(result.pairs == 40 && result.covered < 40)
    let spearman = try #require(result.spearman)
    #expect(abs(spearman.value - (try answers()).spearman) < 1e-9)
    let interval = try #require(spearman.interval)
    #expect(interval.lower < spearman.value && spearman.value < interval.upper)
  }

  @Test func gloveIsItsTwin() throws {
    let twin = try JSONFile.read(Twin.self, from: "\(Self.folder)/glove.json")
    let text = try WordText(["\(Self.folder)/text.txt"], minimumCount: 1)
    var settings = GloVeSettings()
    (settings.size, settings.window, settings.greatestCount) = (twin.size, twin.window, twin.limit)
    let model = GloVe(text, settings)
    // By the words' names, as the twin numbers them otherwise.
    let numbers = Dictionary(uniqueKeysWithValues: twin.words.enumerated().map { ($1, Int32($0)) })
    let place = text.words.map { numbers[String(decoding: $0, as: UTF8.self)] ?? -1 }
    var cells: [[Int32]: graft_cell] = [:]
    for (square, found) in model.squares.enumerated() {
      for var cell in found.cells {
        #expect(Int(cell.row) % GloVe.parts * GloVe.parts + Int(cell.column) % GloVe.parts == square)
        (cell.row, cell.column) = (place[Int(cell.row)], place[Int(cell.column)])
        cells[[cell.row, cell.column]] = cell
      }
    }
    #expect(cells.count == twin.counts.count)
    let ordered = try twin.counts.map { try #require(cells[[Int32($0[0]), Int32($0[1])]]) }
    for (cell, count) in zip(ordered, twin.counts) {
      #expect(abs(Double(cell.logarithm) - log(count[2])) < 1e-6)
      #expect(abs(Double(cell.weight) - min(1, pow(count[2] / twin.limit, twin.power))) < 1e-6)
    }
    let width = model.width
    #expect(text.words.count == twin.words.count)
    let sums = [0, 1].map { _ in [Float](repeating: 1, count: twin.words.count * width) }
    let (rows, columns) = model.tables
    for (memory, first) in zip([rows, columns], twin.first) {
      for (word, row) in first.enumerated() {
        for (d, value) in row.enumerated() { memory[word * width + d] = Float(value) }
      }
    }
    var (rowSums, columnSums) = (sums[0], sums[1])
    for (order, expected) in zip(twin.orders, twin.losses) {
      var loss = 0.0
      graft_glove_cells(
        order.map { ordered[$0] }, Int64(order.count), rows.baseAddress, &rowSums, columns.baseAddress, &columnSums,
        Int64(twin.size), Int64(width), Float(twin.rate), &loss)
      #expect(abs(loss - expected) < 1e-4 * expected)
    }
    for (memory, expected) in [(rows, twin.rows), (columns, twin.columns)] {
      for (word, row) in expected.enumerated() {
        for (d, value) in row.enumerated() { #expect(abs(Double(memory[word * width + d]) - value) < 1e-4) }
      }
    }
  }
}
