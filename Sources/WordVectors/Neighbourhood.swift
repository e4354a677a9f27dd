import Compute
import Foundation
import Support

/// A word and how near it is.
public struct WordNeighbour: Sendable, Hashable, Codable {
  public var word: String
  /// Cosine, or sum of cosines.
  public var score: Double
}

/// Vectors of length 1, and which are nearest to some.
public final class Neighbourhood {
  public let vectors: WordVectors
  /// Rows that take part: the first ones, which are the most frequent words where a program wrote the file.
  public let count: Int
  private let unit: UnsafeMutableBufferPointer<Float>
  private let matrices: any MatrixContext
  private let scores: UnsafeMutableBufferPointer<Float>
  private static let batch = 256

  /// - Parameter most: rows that take part at most; nil for all.
  /// - Throws: where no matrix library works.
  public init(_ vectors: WordVectors, most: Int? = nil) throws(GraftError) {
    self.vectors = vectors
    count = min(vectors.count, most ?? vectors.count)
    matrices = try MatrixBackends.choose(for: .f32).makeContext()
    unit = LargeMemory.allocate(Float.self, count: vectors.count * vectors.size)
    scores = LargeMemory.allocate(Float.self, count: Self.batch * count)
    for row in 0..<vectors.count {
      let norm = vectors.vector(row).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard norm > 0 else { continue }
      for (d, value) in vectors.vector(row).enumerated() {
        unit[row * vectors.size + d] = Float(Double(value) / norm)
      }
    }
  }

  deinit {
    LargeMemory.deallocate(unit)
    LargeMemory.deallocate(scores)
  }

  /// The cosine of two rows; 0 with a vector of zeros.
  public func cosine(_ a: Int, _ b: Int) -> Double {
    let size = vectors.size
    return (0..<size).reduce(0.0) { $0 + Double(unit[a * size + $1]) * Double(unit[b * size + $1]) }
  }

  /// The words nearest to a sum of unit vectors, those of the sum left out, the nearest first; the first of equals is
  /// the one that stands first.
  /// - Parameter sum: rows and their signs or weights.
  public func nearest(to sum: [(row: Int, weight: Float)], _ number: Int) -> [WordNeighbour] {
    var found: [WordNeighbour] = []
    forEachScore(of: [sum]) { _, scores in
      let rows = scores.indices.filter { row in !sum.contains { $0.row == row } }
      // By score, then by place: sorting alone does not keep the order of equals.
      let best = rows.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }.prefix(number)
      found = best.map { WordNeighbour(word: vectors.word($0), score: Double(scores[$0])) }
    }
    return found
  }

  /// The row nearest to each sum; nil where none is left.
  func nearest(to sums: [[(row: Int, weight: Float)]]) -> [Int?] {
    var found: [Int?] = []
    forEachScore(of: sums) { index, scores in
      for (row, _) in sums[index] where row < count { scores[row] = -.infinity }
      var best: (row: Int?, score: Float) = (nil, -.infinity)
      for row in 0..<count where scores[row] > best.score { best = (row, scores[row]) }
      found.append(best.row)
    }
    return found
  }

  private func forEachScore(
    of sums: [[(row: Int, weight: Float)]], _ body: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    let size = vectors.size
    let queries = LargeMemory.allocate(Float.self, count: Self.batch * size)
    defer { LargeMemory.deallocate(queries) }
    for first in stride(from: 0, to: sums.count, by: Self.batch) {
      let part = sums[first..<min(sums.count, first + Self.batch)]
      queries.update(repeating: 0)
      for (index, sum) in part.enumerated() {
        for (row, weight) in sum {
          for d in 0..<size { queries[index * size + d] += weight * unit[row * size + d] }
        }
      }
      matrices.multiply(
        part.count, count, size, .rows(queries.baseAddress!, stride: size),
        .transposed(unit.baseAddress!, stride: size), into: scores.baseAddress!, resultStride: count,
        operands: .float32, result: .float32, accumulate: false)
      for index in 0..<part.count {
        body(first + index, UnsafeMutableBufferPointer(rebasing: scores[index * count..<(index + 1) * count]))
      }
    }
  }
}
