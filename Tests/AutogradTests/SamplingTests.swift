import Compute
import Foundation
import Randomness
import Records
import TestSupport
import Testing

@testable import Autograd

/// Tokens drawn with the probabilities of the softmax.
@Suite struct SamplingTests {
  /// 12,000 draws over 600 tokens in three blocks of a sampling run: the counts of ten groups of tokens are within four
  /// standard deviations of what the probabilities say, the same key draws the same tokens, another key others.
  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, [true, false])
  func drawsHaveTheProbabilitiesOfTheSoftmax(_ precision: Precision, isRecording: Bool) throws {
    let (draws, vocabulary, width) = (12_000, 600, 8)
    let lab = try TapeLaboratory(precision)
    let state = DoubleMatrix.random(1, width, seed: 1, type: lab.operand)
    let embedding = DoubleMatrix.random(vocabulary, width, seed: 2, type: lab.operand)
    let bias = DoubleMatrix.random(1, vocabulary, seed: 3)
    let (table, shift) = (lab.parameter(embedding), lab.parameter(bias))
    func sample(_ seed: UInt64) -> [TokenID] {
      lab.tape.begin(training: true, recording: isRecording, key: RandomKey(seed: seed))
      let x = lab.tensor(
        DoubleMatrix(draws, width, (0..<draws).flatMap { _ in state.values }))
      let samples = UnsafeMutableBufferPointer<TokenID>.allocate(capacity: draws)
      defer { samples.deallocate() }
      _ = lab.tape.crossEntropy(
        x, table, bias: shift, targets: [TokenID](repeating: 0, count: draws), gradientScale: 1,
        samples: samples)
      return Array(samples)
    }
    let tokens = sample(1)
    #expect(tokens == sample(1))
    #expect(tokens != sample(2))
    let weights = (0..<vocabulary).map { v in
      exp((0..<width).reduce(bias[0, v]) { $0 + state[0, $1] * embedding[v, $1] })
    }
    let total = weights.reduce(0, +)
    for group in 0..<10 {
      let expected = weights[(group * 60)..<(group * 60 + 60)].reduce(0, +) / total
      let count = tokens.count { Int($0) / 60 == group }
      let deviation = (Double(draws) * expected * (1 - expected)).squareRoot()
      #expect(abs(Double(count) - Double(draws) * expected) < 4 * deviation + 1, "group \(group)")
    }
  }
}
