import Compute
import Foundation
import Optimization
import Testing

@testable import Training

/// What the promise of equal bits over processes rests on.
@Suite struct ReductionTreeTests {
  private static func values(_ count: Int) -> [[Float]] {
    (0..<count).map { part in (0..<33).map { Float(sin(Double(part * 37 + $0 * 11))) * 1e3 } }
  }

  /// Adds as processes with these shares would.
  private func sum(_ values: [[Float]], shares: [Range<Int>], _ traffic: GradientTraffic = .f32) -> [Float] {
    let tree = ReductionTree(shares: shares)
    let parts = values.map { part in
      let gradients = GradientMemory(count: part.count)
      _ = gradients.values.update(from: part)
      return gradients
    }
    for addition in tree.local.joined() + tree.last {
      traffic.add(parts[addition.from].values, to: parts[addition.into].values, 0..<33)
    }
    return withExtendedLifetime(parts) { Array(parts[0].values) }
  }

  private func plus(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map { $0 + $1 } }

  @Test func sumsOfNeighboursAreSumsOfTheWhole() {
    let values = Self.values(8)
    func tree(_ parts: ArraySlice<[Float]>) -> [Float] { sum(Array(parts), shares: [0..<parts.count]) }
    #expect(tree(values[..<1]) == values[0])
    // Up to three, a tree is what adding one after another is.
    #expect(tree(values[..<3]) == plus(plus(values[0], values[1]), values[2]))
    #expect(tree(values[...]) == plus(tree(values[..<4]), tree(values[4...])))
    #expect(tree(values[..<4]) == plus(tree(values[..<2]), tree(values[2..<4])))
    #expect(tree(values[..<6]) == plus(tree(values[..<4]), tree(values[4..<6])))
    #expect(tree(values[...]) != values[1...].reduce(values[0], plus))
  }

  /// Also shares that are no subtrees, as of 7 shards over 3 processes.
  @Test(arguments: 1...16, GradientTraffic.allCases)
  func theSumDoesNotDependOnTheProcesses(_ shards: Int, _ traffic: GradientTraffic) {
    let values = Self.values(shards)
    let whole = sum(values, shares: [0..<shards], traffic)
    for processes in 1...shards {
      let shares = (0..<processes).map { ShardExecutor.slice(shards, shard: $0, of: processes) }
      #expect(sum(values, shares: shares, traffic) == whole, "\(shards) shards, \(processes) processes")
      let tree = ReductionTree(shares: shares)
      // Everybody is added exactly once, and nobody adds what is another's.
      #expect(Set((tree.local.joined() + tree.last).map(\.from)) == Set(1..<max(1, shards)).subtracting([0]))
      for (share, additions) in zip(shares, tree.local) {
        #expect(additions.allSatisfy { share.contains($0.into) && share.contains($0.from) })
      }
    }
  }

  @Test func sixShardsOfTwoProcesses() {
    let tree = ReductionTree(shares: [0..<3, 3..<6])
    #expect(tree.local == [[.init(into: 0, from: 1)], [.init(into: 4, from: 5)]])
    #expect(tree.roots == [[0, 2], [3, 4]])
    #expect(tree.last == [.init(into: 2, from: 3), .init(into: 0, from: 2), .init(into: 0, from: 4)])
  }

  @Test func bfloat16RoundsBothOperands() {
    let a: Float = 1 + 1 / 256 + 1 / 4096
    let b: Float = 0x1p-9
    let sums = sum([[Float](repeating: a, count: 33), [Float](repeating: b, count: 33)], shares: [0..<2], .bf16)
    // 1.004 has the neighbours 1 and 1.0078125 in eight bits of which the latter is nearer; 2⁻⁹ is one of them.
    #expect(sums == [Float](repeating: 1.0078125 + 0x1p-9, count: 33))
  }

  @Test func unitsAreDealtInStretchesOfEqualCost() {
    func unit(_ range: Range<Int>, _ cost: Double) -> OptimizerUnit { OptimizerUnit(range: range, cost: cost) }
    // Not in the order of memory, as of two optimizers beside each other.
    let size = GradientMemory.groupSize
    let shares = UpdateShares(
      [
        unit(2 * size..<3 * size, 4), unit(0..<size / 2, 2), unit(size / 2..<2 * size, 2), unit(3 * size..<4 * size, 0),
      ],
      count: 2)
    #expect(shares.units == [[1, 2], [0, 3]])
    #expect(shares.values == [[0..<2 * size], [2 * size..<4 * size]])
    #expect(shares.groups == [[0, 1], [2, 3]])
    #expect(shares.squaredGroups == shares.groups)
  }

  /// The group in which two parts meet goes to both, and its squares are added once.
  @Test func aSharedGroupIsCountedOnce() {
    let size = GradientMemory.groupSize
    let shares = UpdateShares(
      [OptimizerUnit(range: 0..<size + 5, cost: 1), OptimizerUnit(range: size + 5..<size + 9, cost: 1)], count: 2)
    #expect(shares.groups == [[0, 1], [1]])
    #expect(shares.squaredGroups == [[0, 1], []])
  }
}
