import Compute
import ModelKit
import Records
import Testing

/// A decoder that reads its prompt from both sides.
@Suite struct PrefixTests {
  private func logits(_ model: ModelLaboratory, _ tokens: [TokenID], prefix: Int) -> [Float] {
    var batch = Batch(layout: .prefixDecoder)
    batch.decoder.append(tokens)
    batch.decoder.prefixes = [prefix]
    batch.targets = [TokenID](repeating: 1, count: tokens.count)
    return model.logits(batch)
  }

  /// Positions see all of the prefix and, beyond it, what comes before them: a changed token changes exactly the
  /// positions that see it.
  @Test(arguments: TestModels.precisions, [(0, 5), (4, 2), (4, 6), (9, 3)])
  func positionsSeeThePrefixAndThePast(_ precision: Precision, _ test: (prefix: Int, changed: Int)) throws {
    let model = try ModelLaboratory(TestModels.prefix(), precision: precision)
    let tokens: [TokenID] = [3, 14, 15, 9, 26, 5, 35, 8, 9]
    var other = tokens
    other[test.changed] = 40
    let a = logits(model, tokens, prefix: test.prefix)
    let b = logits(model, other, prefix: test.prefix)
    let width = 50
    for position in tokens.indices {
      let isSeen = test.changed <= position || test.changed < test.prefix
      let row = position * width..<(position + 1) * width
      #expect((a[row] != b[row]) == isSeen, "position \(position)")
    }
  }

  /// Without a prefix it is the causal decoder, bit for bit.
  @Test func noPrefixIsCausal() throws {
    let prefix = try ModelLaboratory(TestModels.prefix())
    let causal = try ModelLaboratory(TestModels.gpt())
    let tokens: [TokenID] = [3, 14, 15, 9, 26, 5]
    var batch = Batch(layout: .decoder)
    batch.decoder.append(tokens)
    batch.targets = [TokenID](repeating: 1, count: tokens.count)
    #expect(logits(prefix, tokens, prefix: 0) == causal.logits(batch))
  }
}
