import Foundation

/// How far a query is behind a key, as disentangled attention tells it apart (He et al. 2021): the row of a table that
/// stands for the distance. With buckets distances up to half as many are exact, and those beyond share rows the more
/// the farther they are.
public struct DisentangledDistances: Sendable, Hashable {
  /// Rows of each direction; nil for one per distance.
  public let buckets: Int?
  /// From this distance on all are the same.
  public let maximum: Int

  /// - Precondition: the maximum is more than half the buckets, so that there is something to share.
  public init(buckets: Int?, maximum: Int) {
    precondition(
      maximum > 0 && buckets.map { $0 > 1 && maximum - 1 > $0 / 2 } ?? true,
      "\(buckets ?? 0) buckets of distances up to \(maximum)")
    (self.buckets, self.maximum) = (buckets, maximum)
  }

  /// Rows of the whole table.
  public var rowCount: Int { 2 * span }
  private var span: Int { buckets ?? maximum }

  /// The row of a distance, which is that of the query less that of the key.
  ///
  /// Worked example: with 4 buckets up to 8, distances −1, 0, 2, 3 and 7 have the rows 3, 4, 6, 7 and 7.
  public func row(_ distance: Int) -> Int { min(max(bucket(distance) + span, 0), 2 * span - 1) }

  private func bucket(_ distance: Int) -> Int {
    guard let buckets, abs(distance) > buckets / 2 else { return distance }
    let middle = buckets / 2
    // Float as in transformers: the borders of the buckets depend on it.
    let share = log(Float(abs(distance)) / Float(middle)) / log(Float(Double(maximum - 1) / Double(middle)))
    let steps = Int((share * Float(middle - 1)).rounded(.up)) + middle
    return distance < 0 ? -steps : steps
  }

  /// The rows that sequences of at most `length` tokens need.
  public func rows(length: Int) -> Range<Int> { row(1 - length)..<row(length - 1) + 1 }
}

/// What the distances between queries and keys are to the heads of one layer.
public struct DisentangledPositions {
  /// What a query is compared with a key by its distance, and a key with a query: for each row of the table that is
  /// needed, [rows, 2 · heads · headDimension], projected as queries and then as keys are.
  public let projected: Tensor
  /// By distance, 1 − reach up to reach − 1, rows of `projected`.
  let rows: [Int32]

  /// - Parameters:
  ///   - projected: of the rows that `distances.rows(length:)` of the reach gives.
  ///   - reach: more than the largest distance.
  public init(_ projected: Tensor, _ distances: DisentangledDistances, reach: Int) {
    let needed = distances.rows(length: reach)
    precondition(projected.rows == needed.count, "\(projected.rows) rows for \(needed.count) of distances")
    self.projected = projected
    rows = (1 - reach..<reach).map { Int32(distances.row($0) - needed.lowerBound) }
  }

  /// The row of `projected` for a distance.
  func row(_ distance: Int) -> Int { Int(rows[rows.count / 2 + distance]) }

  /// Calls `body` with the rows by distance, at that of 0.
  func withRows(_ body: (UnsafePointer<Int32>) -> Void) {
    rows.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { body(base + buffer.count / 2) }
    }
  }
}
