import Autograd
import CKernels
import Compute
import Corpus
import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Support

/// Token vectors from co-occurrence counts: the smoothed positive pointwise mutual information of tokens within
/// a few places of each other, factorised. Levy & Goldberg (NeurIPS 2014) show that this is what word2vec
/// approximates; smoothing 0.75 and the square root of the singular values follow Levy, Goldberg & Dagan (TACL
/// 2015), the randomised factorisation Halko, Martinsson & Tropp (SIAM Review 2011).
///
/// A transformer would need far more updates than an ordinary machine makes in an hour to learn as much about
/// single tokens as a pass of counting tells in seconds.
struct CooccurrenceEmbedding {
  /// Places to either side that count as near.
  static let window = 4
  /// Directions beyond the wanted ones, and passes over the matrix, that make the factorisation accurate.
  private static let oversampling = 32
  private static let passes = 3

  /// Square matrix over the vocabulary: counts, then mutual information.
  private let matrix: UnsafeMutableRawPointer
  private let vocabularySize: Int

  /// Sets the rows of `embedding` whose tokens occur in `streams`; each is given the root mean square that the
  /// drawn values have. Rows of unseen tokens keep their values.
  ///
  /// - Throws: `.badData` if the square matrix over the vocabulary does not fit memory.
  static func initialize(
    _ embedding: Parameter, of model: ShardedModel, from streams: [TokenStream], key: RandomKey
  ) throws(GraftError) {
    let size = embedding.rows
    guard Double(size) * Double(size) * 4 < Double(ProcessInfo.processInfo.physicalMemory) / 2 else {
      throw GraftError(
        .badData, "co-occurrence counts of \(size) tokens do not fit this machine's memory",
        hint: "take a smaller vocabulary, or leave `embeddings:` out.")
    }
    let memory = LargeMemory.allocate(byteCount: size * size * 4)
    defer { LargeMemory.deallocate(memory) }
    let counter = CooccurrenceEmbedding(matrix: memory, vocabularySize: size)
    for stream in streams { counter.count(stream) }
    let sums = UnsafeMutableBufferPointer<Double>.allocate(capacity: size)
    defer { sums.deallocate() }
    graft_positive_mutual_information(memory, sums.baseAddress!, Int64(size))
    let vectors = counter.factors(embedding.columns, on: model, key: key)
    defer { LargeMemory.deallocate(vectors) }
    counter.copy(vectors, isSeen: { sums[$0] > 0 }, into: embedding, of: model)
  }

  private func count(_ stream: TokenStream) {
    let counts = matrix.assumingMemoryBound(to: UInt32.self)
    for index in 0..<stream.documentCount {
      // The last token is the end of the sequence, which is near everything.
      let tokens = stream.tokens(stream.documentRange(index).dropLast())
      graft_count_pairs(
        tokens, Int64(tokens.count), Int32(Self.window), Int64(vocabularySize), counts)
    }
  }

  /// Left singular vectors times the roots of their singular values, as rows: [width, vocabulary]. Rows beyond
  /// the vocabulary's size, which the matrix cannot have, are zero.
  private func factors(
    _ width: Int, on model: ShardedModel, key: RandomKey
  ) -> UnsafeMutableBufferPointer<Float> {
    let size = vocabularySize
    let rank = min(size, width + Self.oversampling)
    let basis = LargeMemory.allocate(Float.self, count: max(width, rank) * size)
    let image = LargeMemory.allocate(Float.self, count: rank * size)
    defer { LargeMemory.deallocate(image) }
    var generator = key.generator()
    for i in 0..<rank * size { basis[i] = Float(generator.normalPair().0) }
    for _ in 0..<Self.passes {
      multiply(basis, rank, transposed: false, into: image, on: model)
      multiply(image, rank, transposed: true, into: basis, on: model)
      graft_orthonormalize_rows(basis.baseAddress!, Int64(rank), Int64(size))
    }
    multiply(basis, rank, transposed: false, into: image, on: model)
    for row in 0..<min(width, rank) {
      let norm = graft_sum_of_squares(size, image.baseAddress! + row * size).squareRoot()
      let root = Float(norm.squareRoot())
      for column in row * size..<(row + 1) * size { basis[column] *= root }
    }
    return basis
  }

  /// result [rows, V] = x M, or x Mᵀ.
  private func multiply(
    _ x: UnsafeMutableBufferPointer<Float>, _ rows: Int, transposed: Bool,
    into result: UnsafeMutableBufferPointer<Float>, on model: ShardedModel
  ) {
    let size = vocabularySize
    nonisolated(unsafe) let (x, result, matrix) = (x, result, matrix)
    model.onEachShard { [shardCount = model.shardCount] shard, matrices in
      let columns = ShardExecutor.slice(size, shard: shard, of: shardCount, grain: 64)
      guard !columns.isEmpty else { return }
      let first = columns.lowerBound
      matrices.multiply(
        rows, columns.count, size, .rows(x.baseAddress!, stride: size),
        transposed
          ? .transposed(matrix + first * size * 4, stride: size) : .rows(matrix + first * 4, stride: size),
        into: result.baseAddress! + first, resultStride: size, operands: .float32, result: .float32,
        accumulate: false)
    }
  }

  private func copy(
    _ vectors: UnsafeMutableBufferPointer<Float>, isSeen: (Int) -> Bool, into embedding: Parameter,
    of model: ShardedModel
  ) {
    let size = vocabularySize
    let seen = (0..<size).filter(isSeen)
    TokenRows.set(seen, of: embedding, of: model) { token, d in Double(vectors[d * size + token]) }
  }
}

/// Rows of a token embedding that are computed instead of drawn.
enum TokenRows {
  /// Sets rows to given vectors less their mean, since what all tokens share says nothing about any of them, each with
  /// the root mean square that the drawn values have. A row that is the mean keeps its values.
  /// - Parameter value: of a token, in a column.
  static func set(
    _ tokens: [Int], of embedding: Parameter, of model: ShardedModel, _ value: (_ token: Int, _ column: Int) -> Double
  ) {
    guard !tokens.isEmpty else { return }
    let (size, width) = (embedding.rows, embedding.columns)
    let values = model.store.values.baseAddress! + embedding.offset
    let drawn = (graft_sum_of_squares(size * width, values) / Double(size * width)).squareRoot()
    let means = (0..<width).map { d in tokens.reduce(0.0) { $0 + value($1, d) } / Double(tokens.count) }
    for token in tokens {
      let row = (0..<width).map { value(token, $0) - means[$0] }
      let norm = (row.reduce(0) { $0 + $1 * $1 } / Double(width)).squareRoot()
      guard norm > 0 else { continue }
      for d in 0..<width { values[token * width + d] = Float(row[d] / norm * drawn) }
    }
    model.refreshOperands()
  }
}
