import CKernels
import Compute
import Foundation
import Randomness
import Support

/// What there is to choose in GloVe; the defaults are those of the paper (Pennington, Socher & Manning, EMNLP 2014).
public struct GloVeSettings: Sendable, Hashable {
  /// Numbers of a vector.
  public var size = 100
  /// Words to either side that are counted, each by one over its distance.
  public var window = 10
  /// Counts from here on have weight 1 …
  public var greatestCount = 100.0
  /// … and smaller ones (x / greatest count) to this power.
  public var power = 0.75
  public var epochs = 25
  /// Of AdaGrad; the same throughout.
  public var rate = 0.05
  /// Threads; the vectors do not depend on them.
  public var threads = 1
  public var seed: UInt64 = 0

  public init() {}

  /// - Throws: `.usage` for what is impossible.
  public func validate() throws(GraftError) {
    try VectorSettings.check(size: size, window: window, epochs: epochs, rate: rate, threads: threads)
    guard greatestCount > 0, greatestCount.isFinite, power.isFinite else {
      throw GraftError(.usage, "`x-max:` and `alpha:` are impossible", hint: "100 and 0.75 are usual.")
    }
  }
}

/// GloVe's steps, in an order that threads do not change: words are dealt into `parts`, which cut the matrix of counts
/// into squares. Squares that share neither rows nor columns are learned from at once, as if one after the other
/// (Gemulla, Nijkamp, Haas & Sismanis, KDD 2011).
final class GloVe: @unchecked Sendable {
  // Squares that are learned from at once write rows of their own.
  static let parts = 8

  /// What a square has of the matrix of counts.
  final class Square: @unchecked Sendable {
    // One thread at a time has it.
    fileprivate(set) var cells: [graft_cell] = []
    fileprivate(set) var loss = 0.0
  }

  let settings: GloVeSettings
  let width: Int
  /// [parts, parts], row by row.
  let squares: [Square]
  /// Vectors of words and of words as neighbours, each with its bias behind it.
  let tables: (rows: UnsafeMutableBufferPointer<Float>, columns: UnsafeMutableBufferPointer<Float>)
  private let sums: (rows: UnsafeMutableBufferPointer<Float>, columns: UnsafeMutableBufferPointer<Float>)
  private let key: RandomKey
  private let executor: ShardExecutor

  init(_ text: WordText, _ settings: GloVeSettings) {
    self.settings = settings
    width = VectorSettings.width(settings.size + 1)
    let (count, width) = (text.words.count, width)
    func table() -> UnsafeMutableBufferPointer<Float> { LargeMemory.allocate(Float.self, count: count * width) }
    (tables, sums) = ((table(), table()), (table(), table()))
    key = RandomKey(seed: settings.seed).folded("glove")
    executor = ShardExecutor(shardCount: min(settings.threads, Self.parts))
    squares = (0..<Self.parts * Self.parts).map { _ in Square() }
    var generator = key.folded("first values").generator()
    for table in [tables.rows, tables.columns] {
      for word in 0..<count {
        for d in 0...settings.size {
          table[word * width + d] = Float((generator.uniform() - 0.5) / Double(settings.size))
        }
      }
    }
    sums.rows.update(repeating: 1)
    sums.columns.update(repeating: 1)
    countWords(of: text)
  }

  deinit {
    executor.stop()
    for table in [tables.rows, tables.columns, sums.rows, sums.columns] { LargeMemory.deallocate(table) }
  }

  private func countWords(of text: WordText) {
    let counts = WordCooccurrences(text, window: settings.window)
    executor.run { [self] thread in
      let row = UnsafeMutableBufferPointer<Double>.allocate(capacity: text.words.count)
      row.initialize(repeating: 0)
      defer { row.deallocate() }
      for part in stride(from: thread, to: Self.parts, by: executor.shardCount) {
        for word in stride(from: part, to: text.words.count, by: Self.parts) {
          counts.forEach(of: word, row) { other, x in
            squares[part * Self.parts + other % Self.parts].cells.append(cell(word, other, x))
          }
        }
      }
    }
  }

  private func cell(_ row: Int, _ column: Int, _ x: Double) -> graft_cell {
    let weight = x < settings.greatestCount ? pow(x / settings.greatestCount, settings.power) : 1
    return graft_cell(row: Int32(row), column: Int32(column), weight: Float(weight), logarithm: Float(log(x)))
  }

  /// - Returns: the mean loss of each epoch.
  func train(_ body: (VectorEpoch) -> Void) {
    let total = squares.reduce(0) { $0 + $1.cells.count }
    for epoch in 0..<settings.epochs {
      let key = key.folded(epoch)
      for shift in 0..<Self.parts {
        executor.run { [self] thread in
          for part in stride(from: thread, to: Self.parts, by: executor.shardCount) {
            let place = part * Self.parts + (part + shift) % Self.parts
            learn(from: squares[place], key.folded(place))
          }
        }
      }
      body(VectorEpoch(number: epoch + 1, loss: squares.reduce(0) { $0 + $1.loss } / Double(max(1, total))))
    }
  }

  private func learn(from square: Square, _ key: RandomKey) {
    var generator = key.generator()
    generator.shuffle(&square.cells)
    var loss = 0.0
    square.cells.withUnsafeBufferPointer { cells in
      graft_glove_cells(
        cells.baseAddress, Int64(cells.count), tables.rows.baseAddress, sums.rows.baseAddress,
        tables.columns.baseAddress, sums.columns.baseAddress, Int64(settings.size), Int64(width),
        Float(settings.rate), &loss)
    }
    square.loss = loss
  }
}

extension WordVectors {
  /// Learns vectors by GloVe: of each word the sum of its two vectors, as in the paper.
  /// - Parameter body: takes what each epoch came to.
  /// - Throws: `.usage` for impossible settings.
  public static func glove(
    _ text: WordText, _ settings: GloVeSettings, _ body: (VectorEpoch) -> Void = { _ in }
  ) throws(GraftError) -> WordVectors {
    try settings.validate()
    let model = GloVe(text, settings)
    model.train(body)
    let (rows, columns) = model.tables
    for index in rows.indices { rows[index] += columns[index] }
    return WordVectors(words: text.words, rows: rows, width: model.width, size: settings.size)
  }
}
