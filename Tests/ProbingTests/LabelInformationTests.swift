import Foundation
import TestSupport
import Testing

@testable import Probing

@Suite struct LabelInformationTests {
  @Test func entropies() {
    #expect(LabelInformationProbe.entropy([5, 5]) == 1)
    #expect(LabelInformationProbe.entropy([7, 0]) == 0)
    #expect(abs(LabelInformationProbe.entropy([1, 3]) - (2 - 0.75 * log2(3))) < 1e-12)
  }

  @Test func blocks() {
    #expect(LabelInformationProbe.blockEnds(4) == [1, 2, 4])
    #expect(LabelInformationProbe.blockEnds(1000) == [1, 2, 4, 8, 16, 32, 63, 125, 250, 500, 1000])
    #expect(LabelInformationProbe.blockEnds(0) == [])
  }

  /// The worked example of the probe.
  @Test func onlineCode() {
    let cost = [0.5, 0.25, 0.5]
    var blocks: [[Int]] = []
    let bits = LabelInformationProbe.codeLength([2, 0, 3, 1], classCount: 2) { block, seen in
      blocks.append(seen)
      blocks.append(block)
      return block.indices.reduce(0.0) { $0 - log2(cost[seen.count - 1 + $1]) }
    }
    #expect(bits == 5)
    #expect(blocks == [[2], [0], [2, 0], [3, 1]])
  }

  /// The worked example of `ByteModel`.
  @Test func bytes() {
    var model = ByteModel()
    #expect(model.bits([0x61]) == 8)
    #expect(abs(model.bits([0x61]) + log2((1 + 1.0 / 256) / 2)) < 1e-12)
    #expect(model.bits([]) == 0)
    // Now n = 2, u = 1 in the empty context: an unseen byte has (1/3) / 256.
    #expect(abs(model.bits([0x62]) - log2(3 * 256)) < 1e-12)
  }

  /// Probabilities of all next bytes sum to 1, after any context.
  @Test func bytesAreADistribution() {
    var model = ByteModel()
    for text in ["the cat", "the dog", "a cat sat", "the"] { _ = model.bits(Array(text.utf8)) }
    for context in ["", "t", "the ", "xyz", "a cat "] {
      var total = 0.0
      for byte in 0...255 {
        var before = model
        var after = model
        let text = Array(context.utf8)
        total += exp2(before.bits(text) - after.bits(text + [UInt8(byte)]))
      }
      #expect(abs(total - 1) < 1e-9, "after '\(context)'")
    }
  }

  @Test(.tags(.slow)) func whatGivesTheLabelAwaySavesBits() throws {
    let planted = try Planted(["train": Planted.given(600), "test": Planted.given(9)])
    let report = try #require(
      try LabelInformationProbe().report(on: planted.input()) as? LabelInformationReport)
    #expect(abs(report.entropy - log2(3)) < 1e-12)
    func saved(_ input: String) -> Double { report.codes.first { $0.input == input }?.saved?.value ?? .nan }
    #expect(saved("hypothesis-only") > 0.8)
    #expect(saved("premise-only") < 0.05)
    #expect(report.texts.map(\.field) == ["hypothesis", "premise"])
    #expect(report.texts.allSatisfy { $0.bitsPerExample > 0 && $0.bitsPerByte < 8 })
  }
}
