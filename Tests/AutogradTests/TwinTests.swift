import Autograd
import Randomness
import Testing

/// The twins themselves against central differences: the first of the four ways in which a gradient is right.
@Suite struct TwinTests {
  private func random(_ rows: Int, _ columns: Int, _ seed: Int, scale: Double = 1) -> DoubleMatrix {
    .random(rows, columns, seed: seed, scale: scale)
  }

  private let mask = DropoutTwin(step: RandomKey(seed: 4), draw: 0, probability: 0.4).dense(3, 4)

  @Test func linear() {
    #expect(Twin.linear.gradientError(at: [random(3, 4, 1), random(5, 4, 2)]) < 1e-7)
    #expect(Twin.linear.gradientError(at: [random(3, 4, 1), random(5, 4, 2), random(1, 5, 3)]) < 1e-7)
  }

  @Test func embedding() {
    let twin = Twin.embedding([2, -1, 0, 2], positions: [0, 0, 1, 2])
    #expect(twin.gradientError(at: [random(4, 3, 1)]) < 1e-7)
    #expect(twin.gradientError(at: [random(4, 3, 1), random(3, 3, 2)]) < 1e-7)
    let scaled = Twin.embedding([2, -1, 0, 2], positions: [0, 0, 1, 2], scale: 1.7)
    #expect(scaled.gradientError(at: [random(4, 3, 1), random(3, 3, 2)]) < 1e-7)
  }

  @Test func norms() {
    let (x, w, b) = (random(3, 5, 1), random(1, 5, 2), random(1, 5, 3))
    #expect(Twin.rmsNorm(epsilon: 0.1).gradientError(at: [x, w]) < 1e-7)
    #expect(Twin.layerNorm(epsilon: 0.1).gradientError(at: [x, w, b]) < 1e-7)
    #expect(Twin.layerNorm(epsilon: 0.1).gradientError(at: [x, w]) < 1e-7)
  }

  @Test func gainsOfHeads() {
    #expect(
      Twin.scaledHeads([2, 1], 3).gradientError(at: [random(4, 11, 1), random(1, 3, 2), random(1, 3, 3)]) < 1e-7)
  }

  @Test(arguments: Activation.allCases)
  func activations(_ activation: Activation) {
    let (x, b) = (random(3, 4, 1, scale: 3), random(1, 4, 2))
    #expect(Twin.activate(activation, mask: mask).gradientError(at: [x]) < 1e-7)
    #expect(Twin.activate(activation, mask: mask).gradientError(at: [x, b]) < 1e-7)
    #expect(Twin.gate(activation, mask: mask).gradientError(at: [random(3, 8, 3, scale: 3)]) < 1e-7)
  }

  @Test func residualAndDropout() {
    let (x, y, b) = (random(3, 4, 1), random(3, 4, 2), random(1, 4, 3))
    #expect(Twin.residual(mask: mask).gradientError(at: [x, y]) < 1e-7)
    #expect(Twin.residual(mask: mask).gradientError(at: [x, y, b]) < 1e-7)
    #expect(Twin.dropout(mask: mask).gradientError(at: [x]) < 1e-7)
  }

  @Test(arguments: [false, true], [false, true])
  func attention(_ isCausal: Bool, _ hasBias: Bool) {
    attention(isCausal, hasBias, heads: 2, keyValueHeads: 2)
    attention(isCausal, hasBias, heads: 4, keyValueHeads: 2)
    attention(isCausal, hasBias, heads: 2, keyValueHeads: 2, window: 1)
    attention(isCausal, hasBias, heads: 2, keyValueHeads: 2, window: 2)
    if isCausal, !hasBias { attention(true, false, heads: 2, keyValueHeads: 2, window: 3, past: [1, 0, 0]) }
  }

  private func attention(
    _ isCausal: Bool, _ hasBias: Bool, heads: Int, keyValueHeads: Int, window: Int? = nil, past: [Int] = []
  ) {
    let drop = DropoutTwin(step: RandomKey(seed: 5), draw: 0, probability: 0.3)
    let shape = AttentionCase(
      heads: heads, keyValueHeads: keyValueHeads, headDimension: 3, isCausal: isCausal, window: window, past: past,
      scale: 0.7,
      hasBias: hasBias,
      queryOffsets: [0, 3, 5], queryLengths: [3, 2, 1], keyOffsets: [0, 2, 4], keyLengths: [2, 2, 0],
      queryRowCount: 6, mask: { drop.multiplier((($0 * heads + $1) * 3 + $2) * 4 + $3) })
    var inputs = [random(6, 3 * heads, 1), random(4, 3 * keyValueHeads, 2), random(4, 3 * keyValueHeads, 3)]
    if hasBias { inputs.append(random(heads, 7, 4)) }
    #expect(Twin.attention(shape).gradientError(at: inputs) < 1e-7)
  }

  @Test func additiveAttention() {
    let twin = Twin.additiveAttention(
      [(queries: 0..<3, keys: 0..<2), (queries: 3..<4, keys: 2..<5), (queries: 4..<6, keys: 5..<5)], queryRowCount: 7)
    #expect(twin.gradientError(at: [random(7, 3, 1), random(6, 3, 2), random(6, 4, 3), random(1, 3, 4)]) < 1e-7)
  }

  @Test func joined() {
    #expect(Twin.joined.gradientError(at: [random(3, 2, 1), random(3, 5, 2)]) < 1e-7)
  }

  @Test func rotary() {
    let twin = Twin.rotary(positions: [0, 3, 1], heads: 2, headDimension: 4, frequencies: [1, 0.3])
    #expect(twin.gradientError(at: [random(3, 9, 1)]) < 1e-7)
    let part = Twin.rotary(positions: [0, 3, 1], heads: 2, headDimension: 5, frequencies: [1], turned: 2)
    #expect(part.gradientError(at: [random(3, 11, 1)]) < 1e-7)
  }

  @Test(arguments: RecurrentCell.allCases, [[[Int]](), [[0, 2], [3], [], [1]]])
  func recurrent(_ cell: RecurrentCell, _ sequences: [[Int]]) {
    let state = cell.stateParts(width: 3).indices.map { random(sequences.count, 3, 6 + $0) }
    let height = 3 * cell.gates
    let weights = [
      random(height, 2, 2, scale: 2), random(height, 3, 3, scale: 2), random(1, height, 4), random(1, height, 5),
    ]
    #expect(Twin.recurrent(cell, sequences).gradientError(at: [random(4, 2, 1, scale: 2)] + weights + state) < 1e-7)
  }

  /// With factors and peepholes, of those cells that can have them.
  @Test(arguments: RecurrentCell.allCases, [false, true])
  func recurrentExtras(_ cell: RecurrentCell, _ isMultiplicative: Bool) {
    let extras = Twin.RecurrentExtras(hasPeepholes: cell == .lstm, isMultiplicative: isMultiplicative)
    let (height, sequences) = (3 * cell.gates, [[0, 2], [3], [], [1]])
    var inputs = [
      random(4, 2, 1, scale: 2), random(height, 2, 2, scale: 2), random(height, 3, 3, scale: 2), random(1, height, 4),
      random(1, height, 5),
    ]
    inputs += cell.stateParts(width: 3).indices.map { random(sequences.count, 3, 6 + $0) }
    if extras.hasPeepholes { inputs.append(random(3, 3, 8)) }
    if isMultiplicative { inputs += [random(3, 2, 9), random(3, 3, 10)] }
    #expect(Twin.recurrent(cell, sequences, extras).gradientError(at: inputs) < 1e-7)
  }

  @Test(arguments: [[[Int]](), [[0, 2], [3], [], [1]]])
  func qrnn(_ sequences: [[Int]]) {
    let start = [random(sequences.count, 3, 4), random(sequences.count, 2, 5)]
    let weights = [random(9, 4, 2, scale: 2), random(1, 9, 3)]
    #expect(Twin.qrnn(sequences).gradientError(at: [random(4, 2, 1, scale: 2)] + weights + start) < 1e-7)
  }

  @Test(arguments: [[[Int]](), [[0, 2], [3], [], [1]]], [1, 2, 4])
  func unfolded(_ sequences: [[Int]], _ window: Int) {
    let start = random(sequences.count, (window - 1) * 3, 2)
    #expect(Twin.unfolded(sequences, window: window).gradientError(at: [random(4, 3, 1), start]) < 1e-7)
  }

  @Test func beside() {
    #expect(Twin.beside.gradientError(at: [random(4, 3, 1), random(4, 2, 2)]) < 1e-7)
  }

  @Test func singleHead() {
    let memory = random(3, 8, 2)
    let twin = Twin.remembering([[0, 2], [], [1]], memory, past: [1, 0, 4], offsets: [0, 4, 5], rows: 10)
    #expect(twin.gradientError(at: [random(3, 2, 1)]) < 1e-7)
    #expect(Twin.gatedColumns.gradientError(at: [random(4, 3, 1), random(1, 3, 2, scale: 3)]) < 1e-7)
    #expect(Twin.summedChunks(columns: 3).gradientError(at: [random(2, 12, 1)]) < 1e-7)
  }

  @Test(arguments: [0, 0.2], [0, 0.05])
  func crossEntropy(smoothing: Double, zLoss: Double) {
    let twin = Twin.crossEntropy(
      rows: [2, 0], targets: [4, 1], logitScale: 0.5, gradientScale: 0.25, smoothing: smoothing, zLoss: zLoss)
    #expect(twin.gradientError(at: [random(3, 4, 1, scale: 2), random(6, 4, 2, scale: 2)]) < 1e-7)
  }
}
