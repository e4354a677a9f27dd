import Foundation
import Randomness
import Synchronization
import TestSupport
import Testing

@testable import Compute

/// Every backend against a product written as three loops in `Double`.
@Suite struct MatrixProductTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var m: Int, n: Int, k: Int
    var testDescription: String { "\(m)×\(n)×\(k)" }
  }

  static let shapes = [
    Shape(m: 1, n: 1, k: 1), Shape(m: 1, n: 7, k: 3), Shape(m: 5, n: 1, k: 9), Shape(m: 3, n: 5, k: 1),
    Shape(m: 16, n: 16, k: 16), Shape(m: 17, n: 33, k: 31), Shape(m: 24, n: 5, k: 40),
    Shape(m: 40, n: 64, k: 13),
    // What decoding multiplies: few rows, and columns that no vector divides.
    Shape(m: 2, n: 21, k: 70), Shape(m: 7, n: 30, k: 300), Shape(m: 61, n: 8, k: 256),
    // More than one cut, band and group of the tiles' products.
    Shape(m: 33, n: 40, k: 1060), Shape(m: 290, n: 33, k: 40), Shape(m: 40, n: 300, k: 64),
    Shape(m: 64, n: 96, k: 1024),
  ]

  private static func names(_ precision: Precision) -> [String] {
    MatrixBackends.available.filter { $0.precisions.contains(precision) }.map(\.name)
  }

  /// Two matrices and their product, row after row.
  private struct Problem {
    let shape: Shape
    let a, b: [Float]
    let product: [Double]

    init(_ shape: Shape, _ operands: ElementType) {
      func drawn(_ count: Int, seed: UInt64) -> [Float] {
        var source = RandomKey(seed: seed).generator()
        return (0..<count).map { _ in
          let value = Float(2 * source.uniform() - 1)
          return operands == .bfloat16 ? Float(bitPattern: value.bitPattern & 0xffff_0000) : value
        }
      }
      let (a, b) = (drawn(shape.m * shape.k, seed: 1), drawn(shape.k * shape.n, seed: 2))
      var product = [Double](repeating: 0, count: shape.m * shape.n)
      product.withUnsafeMutableBufferPointer { product in
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            for row in 0..<shape.m {
              for i in 0..<shape.k {
                let factor = Double(a[row * shape.k + i])
                for column in 0..<shape.n {
                  product[row * shape.n + column] += factor * Double(b[i * shape.n + column])
                }
              }
            }
          }
        }
      }
      (self.shape, self.a, self.b, self.product) = (shape, a, b, product)
    }
  }

  /// A matrix in memory wider than it: what lies between its rows (or columns) must not be touched.
  private struct Stored: Sendable {
    var values: [Float]
    var stride: Int
    var isTransposed: Bool

    /// - Parameter matrix: row after row.
    init(_ matrix: [Float], _ rows: Int, _ columns: Int, transposed: Bool, spare: Int) {
      isTransposed = transposed
      stride = (transposed ? rows : columns) + spare
      values = (0..<stride * (transposed ? columns : rows)).map { Float($0 % 5) - 2 }
      for row in 0..<rows {
        for column in 0..<columns {
          values[transposed ? column * stride + row : row * stride + column] = matrix[row * columns + column]
        }
      }
    }

    func operand(_ pointer: UnsafeRawPointer) -> MatrixOperand {
      isTransposed ? .transposed(pointer, stride: stride) : .rows(pointer, stride: stride)
    }
  }

  private func check(
    _ context: any MatrixContext, _ problem: Problem, transposeA: Bool, transposeB: Bool, spare: Int,
    accumulate: Bool, operands: ElementType, result: ElementType
  ) {
    let shape = problem.shape
    let a = Stored(problem.a, shape.m, shape.k, transposed: transposeA, spare: spare)
    let b = Stored(problem.b, shape.k, shape.n, transposed: transposeB, spare: spare)
    let stride = shape.n + spare
    let before = (0..<shape.m * stride).map { Float($0 % 7) - 3 }
    var c = bytes(before, result)
    bytes(a.values, operands).withUnsafeBytes { aBytes in
      bytes(b.values, operands).withUnsafeBytes { bBytes in
        c.withUnsafeMutableBytes { cBytes in
          context.multiply(
            shape.m, shape.n, shape.k, a.operand(aBytes.baseAddress!), b.operand(bBytes.baseAddress!),
            into: cBytes.baseAddress!, resultStride: stride, operands: operands, result: result,
            accumulate: accumulate)
        }
      }
    }
    let got = floats(c, result)
    let tolerance = result == .float32 ? 2e-6 * Double(shape.k) : 2e-6 * Double(shape.k) + 8e-3
    for row in 0..<shape.m {
      for column in 0..<stride {
        let index = row * stride + column
        var expected = Double(before[index])
        if column < shape.n {
          expected = (accumulate ? expected : 0) + problem.product[row * shape.n + column]
        }
        let difference = abs(Double(got[index]) - expected)
        // An expectation for each value would take longer than the product.
        if !(difference <= tolerance * max(1, abs(expected))) {
          Issue.record(
            "(\(row), \(column)), transposed \(transposeA) \(transposeB), spare \(spare), \(operands): \(difference)")
        }
      }
    }
  }

  private func bytes(_ values: [Float], _ type: ElementType) -> [UInt8] {
    switch type {
    case .float32: values.withUnsafeBytes { Array($0) }
    case .bfloat16: values.map { UInt16($0.bitPattern >> 16) }.withUnsafeBytes { Array($0) }
    }
  }

  private func floats(_ bytes: [UInt8], _ type: ElementType) -> [Float] {
    bytes.withUnsafeBytes { raw in
      switch type {
      case .float32: Array(raw.bindMemory(to: Float.self))
      case .bfloat16: raw.bindMemory(to: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
      }
    }
  }

  @Test(.tags(.slow), arguments: names(.f32), shapes)
  func f32ProductsMatch(_ name: String, _ shape: Shape) throws {
    let context = try MatrixBackends.choose(named: name, for: .f32).makeContext()
    let problem = Problem(shape, .float32)
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      for (spare, accumulate) in [(0, false), (3, true), (5, false), (0, true)] {
        check(
          context, problem, transposeA: transposeA, transposeB: transposeB, spare: spare,
          accumulate: accumulate, operands: .float32, result: .float32)
      }
    }
  }

  @Test(.tags(.slow), arguments: names(.bf16), shapes)
  func bf16ProductsMatch(_ name: String, _ shape: Shape) throws {
    let context = try MatrixBackends.choose(named: name, for: .bf16).makeContext()
    let problem = Problem(shape, .bfloat16)
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      for spare in [0, 4] {
        for (result, accumulate) in [(ElementType.float32, false), (.float32, true), (.bfloat16, false)] {
          check(
            context, problem, transposeA: transposeA, transposeB: transposeB, spare: spare,
            accumulate: accumulate, operands: .bfloat16, result: result)
        }
      }
    }
  }

  /// An answer must not depend on which others are written beside it.
  @Test(arguments: names(.f32)) func fewRowsDoNotDependOnEachOther(_ name: String) throws {
    let context = try MatrixBackends.choose(named: name, for: .f32).makeContext()
    let (n, k) = (45, 300)
    let problem = Problem(Shape(m: 64, n: n, k: k), .float32)
    let a = Stored(problem.a, 64, k, transposed: false, spare: 0)
    let b = Stored(problem.b, k, n, transposed: true, spare: 0)
    func product(_ rows: Range<Int>) -> [Float] {
      var c = [Float](repeating: .nan, count: rows.count * n)
      a.values.withUnsafeBytes { aBytes in
        b.values.withUnsafeBytes { bBytes in
          c.withUnsafeMutableBytes {
            context.multiply(
              rows.count, n, k, a.operand(aBytes.baseAddress! + rows.lowerBound * k * 4),
              b.operand(bBytes.baseAddress!), into: $0.baseAddress!, resultStride: n, operands: .float32,
              result: .float32, accumulate: false)
          }
        }
      }
      return c
    }
    let all = product(0..<64)
    for rows in [0..<1, 5..<6, 62..<64, 1..<4, 3..<10, 17..<50] {
      #expect(product(rows) == Array(all[rows.lowerBound * n..<rows.upperBound * n]), "rows \(rows)")
    }
  }

  /// Nor on threads that help, which take what columns they come to, nor on whether they slept.
  @Test(arguments: [Precision.f32, .bf16].flatMap { precision in names(precision).map { ($0, precision) } })
  func fewRowsDoNotDependOnHelpers(_ name: String, _ precision: Precision) throws {
    nonisolated(unsafe) let context = try MatrixBackends.choose(named: name, for: precision).makeContext()
    let helpers = try #require(context.helpers)
    let executor = ShardExecutor(shardCount: 3)
    defer { executor.stop() }
    let (n, k) = (1003, 301)
    for m in [1, 3, 4, precision == .f32 ? 50 : 2] {
      let problem = Problem(Shape(m: m, n: n, k: k), precision.operand)
      let a = bytes(problem.a, precision.operand)
      let stored = Stored(problem.b, k, n, transposed: true, spare: 0)
      let b = bytes(stored.values, precision.operand)
      let product = { @Sendable () -> [Float] in
        var c = [Float](repeating: .nan, count: m * n)
        a.withUnsafeBytes { a in
          b.withUnsafeBytes { b in
            c.withUnsafeMutableBytes {
              context.multiply(
                m, n, k, .rows(a.baseAddress!, stride: k), stored.operand(b.baseAddress!), into: $0.baseAddress!,
                resultStride: n, operands: precision.operand, result: .float32, accumulate: false)
            }
          }
        }
        return c
      }
      let alone = product()
      let different = Mutex(0)
      helpers.open()
      executor.run { shard in
        guard shard == 0 else { return helpers.help() }
        for round in 0..<200 {
          // Long enough for the others to fall asleep.
          if round % 50 == 49 { Thread.sleep(forTimeInterval: 0.005) }
          if product() != alone { different.withLock { $0 += 1 } }
        }
        helpers.close()
      }
      #expect(different.withLock { $0 } == 0, "\(m) rows")
    }
  }

  /// An empty sum is zero: a product over no terms clears its result unless it accumulates. An empty result
  /// is nothing to do.
  @Test(arguments: Precision.allCases.flatMap { precision in names(precision).map { ($0, precision) } })
  func emptyProducts(_ name: String, _ precision: Precision) throws {
    let context = try MatrixBackends.choose(named: name, for: precision).makeContext()
    let empty = [Float](repeating: 1, count: 8)
    var c = [Float](repeating: 5, count: 6)
    func multiply(_ m: Int, _ n: Int, _ k: Int, accumulate: Bool) {
      empty.withUnsafeBytes { operand in
        c.withUnsafeMutableBytes {
          context.multiply(
            m, n, k, .rows(operand.baseAddress!, stride: max(k, 1)),
            .transposed(operand.baseAddress!, stride: max(k, 1)), into: $0.baseAddress!, resultStride: 3,
            operands: precision.operand, result: .float32, accumulate: accumulate)
        }
      }
    }
    multiply(0, 3, 2, accumulate: false)
    multiply(2, 0, 2, accumulate: false)
    multiply(2, 2, 0, accumulate: true)
    #expect(c == [5, 5, 5, 5, 5, 5])
    multiply(2, 2, 0, accumulate: false)
    #expect(c == [0, 0, 5, 0, 0, 5])
  }

  /// A bf16 run multiplies counts of words in f32.
  @Test func tilesLeaveF32ToALibrary() throws {
    guard let tiles = MatrixBackends.available.first(where: { $0.name == "amx" }) else { return }
    check(
      try tiles.makeContext(), Problem(Shape(m: 17, n: 33, k: 31), .float32), transposeA: false, transposeB: true,
      spare: 3,
      accumulate: true, operands: .float32, result: .float32)
  }

  @Test(.tags(.slow)) func kernelsAreReused() throws {
    guard let backend = OneDNNBackend() else { return }
    let context = try backend.makeContext()
    let problem = Problem(Shape(m: 65, n: 10, k: 11), .float32)
    func run(_ spare: Int) {
      check(
        context, problem, transposeA: false, transposeB: true, spare: spare, accumulate: false,
        operands: .float32, result: .float32)
    }
    run(0)
    #expect(context.cachedKernels == 1)
    run(0)
    #expect(context.cachedKernels == 1)
    run(1)
    #expect(context.cachedKernels == 2)
    // Past the table's first size, kernels are still found again.
    for spare in 2..<200 { run(spare) }
    #expect(context.cachedKernels == 200)
    for spare in 0..<200 { run(spare) }
    #expect(context.cachedKernels == 200)
  }

  @Test func unknownBackendIsNamed() {
    #expect { try MatrixBackends.choose(named: "onednm", for: .f32) } throws: {
      "\($0)".contains("onednm")
    }
  }

  @Test func precisionIsRefusedWhereABackendHasNone() {
    guard OpenBLASBackend() != nil else { return }
    #expect(throws: (any Error).self) { try MatrixBackends.choose(named: "openblas", for: .bf16) }
  }
}
