import CKernels
import Compute

extension VocabularyLoss {
  /// What smoothed labels put on all tokens alike; see `VocabularyLoss`.
  struct EvenPart {
    private let loss: VocabularyLoss
    private let count: Int
    /// Means over the rows of the embedding, and sums over the states: [width].
    private let meanEmbedding, summedStates: UnsafeMutablePointer<Float>
    /// Over all states, the sum of each one's mean logit.
    let summedMeanLogits: Double

    init(of loss: VocabularyLoss, _ states: UnsafeRawPointer, count: Int) {
      self.loss = loss
      self.count = count
      let (tape, embedding) = (loss.tape, loss.embedding)
      let (rows, width) = (embedding.rows, embedding.columns)
      func columnSums(_ type: ElementType, _ x: UnsafeRawPointer, rows: Int) -> UnsafeMutablePointer<Float> {
        let (ones, sums) = (tape.arena.floats(rows), tape.arena.floats(width))
        ones.update(repeating: 1, count: rows)
        sums.update(repeating: 0, count: width)
        graft_add_scaled_column_sums(type.rawValue, x, ones, sums, Int64(rows), Int64(width))
        return sums
      }
      meanEmbedding = columnSums(.float32, tape.values(embedding), rows: rows)
      for column in 0..<width { meanEmbedding[column] /= Float(rows) }
      summedStates = columnSums(tape.operand, states, rows: count)
      var product = 0.0
      for column in 0..<width { product += Double(summedStates[column]) * Double(meanEmbedding[column]) }
      let bias = loss.bias.map { UnsafeBufferPointer(start: tape.values($0), count: rows) }
      let meanBias = bias.map { $0.reduce(0) { $0 + Double($1) } / Double(rows) } ?? 0
      summedMeanLogits = loss.logitScale * product + Double(count) * meanBias
    }

    /// - Parameter products: the states' gradient, [count, width].
    func addGradients(to products: UnsafeMutablePointer<Float>) {
      let (tape, embedding) = (loss.tape, loss.embedding)
      let width = embedding.columns
      let slope = -loss.smoothing * loss.gradientScale * loss.logitScale
      add(meanEmbedding, times: Float(slope), toRowsOf: products, count: count, width)
      guard let gradient = tape.gradient(embedding) else { return }
      add(
        summedStates, times: Float(slope / Double(embedding.rows)), toRowsOf: gradient, count: embedding.rows, width)
    }

    private func add(
      _ row: UnsafeMutablePointer<Float>, times factor: Float, toRowsOf x: UnsafeMutablePointer<Float>,
      count: Int,
      _ width: Int
    ) {
      for start in stride(from: 0, to: count * width, by: width) {
        for column in 0..<width { x[start + column] += factor * row[column] }
      }
    }
  }
}
