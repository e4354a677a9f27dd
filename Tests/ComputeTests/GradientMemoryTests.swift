import Randomness
import Testing

@testable import Compute

/// Against an array that is cleared at the beginning of every step.
@Suite struct GradientMemoryTests {
  @Test func stepsAreAsIfAllHadBeenCleared() {
    let count = 3 * GradientMemory.groupSize - 700
    let memory = GradientMemory(count: count)
    defer { withExtendedLifetime(memory) {} }
    var generator = RandomKey(seed: 7).generator()
    for step in 0..<30 {
      var expected = [Float](repeating: 0, count: count)
      memory.begin()
      for _ in 0..<generator.below(12) {
        let start = generator.below(count)
        let range = start..<min(count, start + 1 + generator.below(step % 2 == 0 ? 500 : 9000))
        let value = Float(1 + generator.below(9))
        if generator.below(3) == 0, memory.prepareToOverwrite(range) {
          #expect(expected[range].allSatisfy { $0 == 0 }, "what was there may not be overwritten")
          memory.values[range].update(repeating: value)
        } else {
          memory.prepare(range)
          for i in range { memory.values[i] += value }
        }
        for i in range { expected[i] += value }
      }
      #expect(expected.indices.allSatisfy { memory.current($0) == expected[$0] }, "step \(step)")
      // Every third step another shard adds to the second group.
      let added: UInt64 = step % 3 == 0 ? 0xf0 : 0
      for group in 0..<3 { memory.finish(group: group, added: group == 1 ? added : 0) }
      #expect(Array(memory.values) == expected, "step \(step)")
      if added != 0 {
        for i in GradientMemory.groupSize..<2 * GradientMemory.groupSize
        where added >> UInt64(i / GradientMemory.blockSize % 64) & 1 != 0 { memory.values[i] += 1 }
      }
    }
  }

  @Test func runsAreNeighbours() {
    func runs(_ blocks: UInt64, within range: Range<Int>) -> [Range<Int>] {
      var found: [Range<Int>] = []
      GradientMemory.forEachRun(blocks, ofGroup: 1, within: range) { found.append($0) }
      return found
    }
    let (group, block) = (GradientMemory.groupSize, GradientMemory.blockSize)
    #expect(runs(0, within: 0..<9 * group).isEmpty)
    #expect(runs(~0, within: 0..<9 * group) == [group..<2 * group])
    #expect(runs(1 << 63, within: 0..<9 * group) == [2 * group - block..<2 * group])
    #expect(
      runs(0b1011, within: group + 5..<group + 3 * block + 7)
        == [group + 5..<group + 2 * block, group + 3 * block..<group + 3 * block + 7])
  }
}
