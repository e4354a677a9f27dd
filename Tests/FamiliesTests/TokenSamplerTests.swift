import Foundation
import Randomness
import TestSupport
import Testing

@testable import ModelKit

/// Drawing tokens from logits that are given.
@Suite struct TokenSamplerTests {
  private static let logits: [Float] = [1.5, 0.2, -0.7, 2.1, 0.2, -3, 0.9, 1.4]

  private func sampler(_ temperature: Double = 1, topK: Int? = nil, topP: Double = 1) -> TokenSampler {
    TokenSampler(
      options: SamplingOptions(temperature: temperature, topK: topK, topP: topP, key: RandomKey(seed: 11)))
  }

  private func distribution(_ sampler: TokenSampler) -> [Double] {
    var result = [Double](repeating: 0, count: Self.logits.count)
    Self.logits.withUnsafeBufferPointer { logits in
      for entry in sampler.distribution(TokenScores(logits: logits, scale: 1), among: nil) {
        result[Int(entry.token)] = entry.probability
      }
    }
    return result
  }

  /// Pearson's statistic of 20,000 draws stays below its 99.9 % quantile; the draws are always the same.
  @Test(.tags(.slow), arguments: [(1.0, 8, 1.0), (0.5, 8, 1.0), (1.7, 5, 1.0), (1.0, 8, 0.8)])
  func frequenciesMatch(_ temperature: Double, _ topK: Int, _ topP: Double) {
    let sampler = sampler(temperature, topK: topK, topP: topP)
    let expected = distribution(sampler)
    let draws = 20_000
    var counts = [Int](repeating: 0, count: expected.count)
    Self.logits.withUnsafeBufferPointer { logits in
      let scores = TokenScores(logits: logits, scale: 1)
      for sample in 0..<draws / 4 {
        for position in 0..<4 {
          counts[Int(sampler.draw(scores, among: nil, sample: sample, position: position))] += 1
        }
      }
    }
    var statistic = 0.0
    for (count, probability) in zip(counts, expected) {
      guard probability > 0 else {
        #expect(count == 0)
        continue
      }
      let mean = probability * Double(draws)
      statistic += (Double(count) - mean) * (Double(count) - mean) / mean
    }
    // Seven degrees of freedom at most: 24.3.
    #expect(statistic < 24.3)
  }

  /// The two 0.2 are both fifth: a cut at five keeps them and drops only what is below.
  @Test func whatIsKept() {
    #expect(
      distribution(sampler(topK: 5)).map { $0 > 0 } == [true, true, false, true, true, false, true, true])
    #expect(distribution(sampler(topP: 1e-9)).map { $0 > 0 }.firstIndex(of: true) == 3)
    #expect(distribution(sampler(topP: 1e-9)).reduce(0, +) == 1)
    #expect(abs(distribution(sampler(0.3)).reduce(0, +) - 1) < 1e-12)
  }
}
