import CKernels
import Compute
import Records

/// The cross-entropy of some states over a vocabulary, and its gradients, without ever holding their logits.
///
/// Logits are made in blocks that stay in cache until their exponentials are taken; only these are kept, in the
/// operand type. With e the exponentials of a row and S their sum, the gradient of its logits is
/// (e − S · one-hot) · scale / S. The product with the embedding gets the factor afterwards, the product with the
/// states gets it through the states, so that no pass over the exponentials is needed to normalise them.
///
/// Smoothed labels (Szegedy et al. 2016, §7) put (1 − ε) on the target and ε / V on every token. The even part is the
/// same for all tokens, so that its loss and gradients need the embedding's mean and the states' sum only:
/// −ε · mean logit, −ε · scale · mean of E for each state, −ε / V · scale · sum of the states for each row of E.
///
/// The z-loss (de Brébisson & Vincent 2016; Chowdhery et al. 2022, §5) adds ζ · (log S)², S being of the logits
/// themselves, so that these do not drift. The gradient of softmax gets the factor 1 + 2 ζ log S; what is returned is
/// the loss without it.
struct VocabularyLoss {
  unowned let tape: Tape
  /// [V, C]
  let embedding: Parameter
  /// [V]
  let bias: Parameter?
  /// Whether the bias gets a gradient.
  let trainsBias: Bool
  let logitScale: Double
  /// d(objective)/d(summed loss).
  let gradientScale: Double
  /// ε of the labels; 0 for none.
  let smoothing: Double
  /// The bound of the logits; 0 for none. What is kept are then the exponentials times the slope of the bound, and
  /// their sum beside them.
  let cap: Double
  /// ζ of the z-loss; 0 for none.
  let zLoss: Double

  /// A block of logits is 1 MiB of f32.
  private static let blockRows = 256
  private static let blockColumns = 1024
  /// Bytes of exponentials to keep at once; the more rows, the larger the products.
  private static let exponentialBytes = 64 << 20

  private var vocabulary: Int { embedding.rows }
  private var width: Int { embedding.columns }

  /// How many rows to give `sum` at a time.
  func rowsAtOnce(of count: Int) -> Int {
    let most = VocabularyLoss.exponentialBytes / (vocabulary * tape.operand.size)
    return min(
      count, max(VocabularyLoss.blockRows, most / VocabularyLoss.blockRows * VocabularyLoss.blockRows))
  }

  /// The summed loss of the states [n, C]; the embedding's gradient is added to.
  /// - Parameters:
  ///   - losses: filled with the loss of each target in nats.
  ///   - gradient: filled with the states' gradient, in the operand type; nil if none is wanted.
  ///   - samples: one uniform number per target to draw a token of the vocabulary with, and where it goes.
  func sum(
    _ states: UnsafeRawPointer, _ targets: UnsafeBufferPointer<TokenID>, losses: UnsafeMutablePointer<Float>?,
    gradient: UnsafeMutableRawPointer?,
    samples: (uniforms: UnsafePointer<Float>, tokens: UnsafeMutablePointer<TokenID>)? = nil
  ) -> Double {
    let arena = tape.arena
    let operand = tape.operand
    let ids = targets.baseAddress!
    let n = targets.count
    let mark = arena.mark
    defer { arena.release(to: mark) }
    let rowStates = arena.allocate(bytes: n * MemoryLayout<graft_softmax_row>.stride)
      .bindMemory(to: graft_softmax_row.self, capacity: n)
    let areKept = gradient != nil || samples != nil
    let exponentials = areKept ? arena.allocate(operand, count: n * vocabulary) : nil
    let logits = arena.floats(min(n, VocabularyLoss.blockRows) * min(vocabulary, VocabularyLoss.blockColumns))
    for column in stride(from: 0, to: vocabulary, by: VocabularyLoss.blockColumns) {
      let columns = min(VocabularyLoss.blockColumns, vocabulary - column)
      for row in stride(from: 0, to: n, by: VocabularyLoss.blockRows) {
        let rows = min(VocabularyLoss.blockRows, n - row)
        tape.matrices.multiply(
          rows, columns, width, .rows(states + row * width * operand.size, stride: width),
          .transposed(tape.operands(embedding) + column * width * operand.size, stride: width), into: logits,
          resultStride: columns, operands: operand, result: .float32, accumulate: false)
        graft_exponentiate_logits(
          operand.rawValue, logits, Int64(rows), Int64(columns), Float(logitScale),
          bias.map { tape.values($0) + column }, Float(cap), ids + row, Int64(column), rowStates + row,
          exponentials.map { $0 + row * vocabulary * operand.size }, Int64(vocabulary))
      }
    }
    if let exponentials, let samples {
      graft_sample_rows(
        operand.rawValue, exponentials, Int64(vocabulary), Int64(vocabulary), samples.uniforms,
        samples.tokens,
        Int64(n))
    }
    let scales = arena.floats(n)
    let total = graft_finish_cross_entropy(
      operand.rawValue, rowStates, ids, Float(1 - smoothing), Float(gradientScale * logitScale), Float(cap),
      Float(zLoss),
      losses, exponentials, Int64(vocabulary), scales, Int64(n))
    let even = smoothing > 0 ? EvenPart(of: self, states, count: n) : nil
    if let exponentials, let gradient {
      if trainsBias, let gradient = bias.flatMap(tape.gradient) {
        graft_add_scaled_column_sums(
          operand.rawValue, exponentials, scales, gradient, Int64(n), Int64(vocabulary))
      }
      differentiate(states, exponentials, UnsafePointer(scales), n, even, into: gradient)
    }
    guard let even else { return total }
    return total + smoothing
      * ((0..<n).reduce(0) { $0 + Double(rowStates[$1].target) } - even.summedMeanLogits)
  }

  private func differentiate(
    _ states: UnsafeRawPointer, _ exponentials: UnsafeMutableRawPointer, _ scales: UnsafePointer<Float>,
    _ n: Int, _ even: EvenPart?, into gradient: UnsafeMutableRawPointer
  ) {
    let operand = tape.operand
    let products = tape.arena.floats(n * width)
    tape.matrices.multiply(
      n, width, vocabulary, .rows(exponentials, stride: vocabulary),
      .rows(tape.operands(embedding), stride: width), into: products, resultStride: width, operands: operand,
      result: .float32, accumulate: false)
    graft_scale_rows(ElementType.float32.rawValue, products, scales, products, Int64(n), Int64(width))
    even?.addGradients(to: products)
    graft_convert(ElementType.float32.rawValue, products, operand.rawValue, gradient, Int64(n * width))
    guard let embeddingGradient = tape.gradient(embedding) else { return }
    let scaled = tape.arena.allocate(operand, count: n * width)
    graft_scale_rows(operand.rawValue, states, scales, scaled, Int64(n), Int64(width))
    tape.matrices.multiply(
      vocabulary, width, n, .transposed(exponentials, stride: vocabulary), .rows(scaled, stride: width),
      into: embeddingGradient, resultStride: width, operands: operand, result: .float32,
      accumulate: true)
  }
}
