import CKernels
import Foundation
import Randomness
import Testing

@testable import WordVectors

/// The kernels against twins written in the plainest way, in 64 bits.
@Suite struct KernelTests {
  private typealias Rows = UnsafeMutablePointer<Float>

  /// Rows of small random numbers with zeros behind `size`, aligned as kernels want them.
  private func rows(_ count: Int, size: Int, width: Int, _ generator: inout KeyedGenerator) -> Rows {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count * width * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count * width)
    memory.initialize(repeating: 0, count: count * width)
    for row in 0..<count {
      for d in 0..<size { memory[row * width + d] = Float(generator.normalPair().0) * 0.5 }
    }
    return memory
  }

  /// The loss of a window by the rows' numbers in the tables.
  private func loss(_ x: [[Double]], _ y: [[Double]], _ inputs: [Int], _ outputs: [Int]) -> Double {
    var sum = 0.0
    for i in inputs {
      for (place, j) in outputs.enumerated() {
        let s = zip(x[i], y[j]).reduce(0) { $0 + $1.0 * $1.1 }
        sum -= log(1 / (1 + exp(place == 0 ? -s : s)))
      }
    }
    return sum
  }

  private func table(_ memory: UnsafeMutablePointer<Float>, _ count: Int, size: Int, width: Int) -> [[Double]] {
    (0..<count).map { row in (0..<size).map { Double(memory[row * width + $0]) } }
  }

  /// The derivative of the loss in every number of both tables, by differences to both sides.
  private func slopes(
    _ x: [[Double]], _ y: [[Double]], _ inputs: [Int], _ outputs: [Int]
  ) -> (x: [[Double]], y: [[Double]]) {
    let step = 1e-5
    var (dx, dy) = (x, y)
    for row in x.indices {
      for d in x[row].indices {
        var (low, high) = (x, x)
        low[row][d] -= step
        high[row][d] += step
        dx[row][d] = (loss(high, y, inputs, outputs) - loss(low, y, inputs, outputs)) / (2 * step)
      }
    }
    for row in y.indices {
      for d in y[row].indices {
        var (low, high) = (y, y)
        low[row][d] -= step
        high[row][d] += step
        dy[row][d] = (loss(x, high, inputs, outputs) - loss(x, low, inputs, outputs)) / (2 * step)
      }
    }
    return (dx, dy)
  }

  /// Odd and even numbers of rows, one alone, more than one group of four, and rows that stand several times.
  @Test(arguments: [
    ([0], [0]), ([0, 1], [2, 0]), ([0, 1, 2], [0, 1, 2, 3, 4, 5]), ([2, 2, 1, 0, 2], [1, 3, 3, 0]),
    ([0, 1, 2, 3, 4, 0, 1], [4, 3, 2, 1, 0, 3, 3, 5, 2]),
  ])
  func aStepIsTheGradientOfTheLoss(_ inputs: [Int], _ outputs: [Int]) {
    let (size, width, rate) = (19, 32, 0.5)
    var generator = RandomKey(seed: 1).generator()
    let x = rows(5, size: size, width: width, &generator)
    let y = rows(6, size: size, width: width, &generator)
    let scratch = rows(64, size: 0, width: 16, &generator)
    defer { for memory in [x, y, scratch] { memory.deallocate() } }
    let before = (table(x, 5, size: size, width: width), table(y, 6, size: size, width: width))
    let slopes = slopes(before.0, before.1, inputs, outputs)
    var measured = 0.25
    let inputRows: [UnsafeMutablePointer<Float>?] = inputs.map { x + $0 * width }
    let outputRows: [UnsafeMutablePointer<Float>?] = outputs.map { y + $0 * width }
    graft_skip_gram_window(
      inputRows, Int32(inputs.count), outputRows, Int32(outputs.count), Int64(width), Float(rate), scratch, &measured)
    #expect(abs(measured - 0.25 - loss(before.0, before.1, inputs, outputs)) < 1e-4)
    for (memory, was, slope) in [(x, before.0, slopes.x), (y, before.1, slopes.y)] {
      for row in was.indices {
        for d in 0..<size {
          #expect(abs(Double(memory[row * width + d]) - (was[row][d] - rate * slope[row][d])) < 2e-5)
        }
        for d in size..<width { #expect(memory[row * width + d] == 0) }
      }
    }
  }

  @Test func differencesAreAddedInOrder() {
    var generator = RandomKey(seed: 2).generator()
    let memory = rows(4, size: 32, width: 32, &generator)
    defer { memory.deallocate() }
    let was = (0..<128).map { memory[$0] }
    let copies: [UnsafePointer<Float>?] = (1...3).map { UnsafePointer(memory + $0 * 32) }
    graft_add_differences(memory, copies, 3, 32)
    for d in 0..<32 {
      #expect(memory[d] == was[d] + (was[32 + d] - was[d]) + (was[64 + d] - was[d]) + (was[96 + d] - was[d]))
    }
    graft_add_differences(memory, copies, 1, 32)
    for d in 0..<32 { #expect(memory[d] == was[32 + d]) }
  }

  /// With sums of 1 a step is the gradient; checked by differences.
  @Test func aStepOfGloVeIsTheGradientOfItsLoss() {
    let (size, width) = (19, 32)
    var generator = RandomKey(seed: 3).generator()
    let w = rows(2, size: size + 1, width: width, &generator)
    let v = rows(2, size: size + 1, width: width, &generator)
    let (ws, vs) = (rows(2, size: 0, width: width, &generator), rows(2, size: 0, width: width, &generator))
    defer { for memory in [w, v, ws, vs] { memory.deallocate() } }
    for index in 0..<2 * width { (ws[index], vs[index]) = (1, 1) }
    let before = (table(w, 2, size: size + 1, width: width), table(v, 2, size: size + 1, width: width))
    func loss(_ w: [[Double]], _ v: [[Double]]) -> Double {
      let product = (0..<size).reduce(0.0) { $0 + w[1][$1] * v[0][$1] }
      let error = product + w[1][size] + v[0][size] - 1.5
      return 0.7 * error * error / 2
    }
    var measured = 0.0
    let cell = graft_cell(row: 1, column: 0, weight: 0.7, logarithm: 1.5)
    graft_glove_cells([cell], 1, w, ws, v, vs, Int64(size), Int64(width), 0.1, &measured)
    #expect(abs(measured - loss(before.0, before.1)) < 1e-5)
    let step = 1e-5
    for d in 0...size {
      var (low, high) = (before.0, before.0)
      low[1][d] -= step
      high[1][d] += step
      var slope = (loss(high, before.1) - loss(low, before.1)) / (2 * step)
      #expect(abs(Double(w[width + d]) - (before.0[1][d] - 0.1 * slope)) < 1e-5)
      #expect(abs(Double(ws[width + d]) - (1 + 0.01 * slope * slope)) < 1e-5)
      (low, high) = (before.1, before.1)
      low[0][d] -= step
      high[0][d] += step
      slope = (loss(before.0, high) - loss(before.0, low)) / (2 * step)
      #expect(abs(Double(v[d]) - (before.1[0][d] - 0.1 * slope)) < 1e-5)
      #expect(abs(Double(vs[d]) - (1 + 0.01 * slope * slope)) < 1e-5)
      // The other rows stay.
      #expect(Double(w[d]) == before.0[0][d] && Double(v[width + d]) == before.1[1][d])
    }
  }
}
