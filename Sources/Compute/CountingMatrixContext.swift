import Dispatch

/// Passes products on to another context and counts what they take.
public final class CountingMatrixContext: MatrixContext {
  private let context: any MatrixContext
  /// Time on the clock within products.
  public private(set) var nanoseconds: UInt64 = 0
  /// Floating-point operations, a multiplication and an addition being two.
  public private(set) var operations = 0.0
  /// Operands and results, each once.
  public private(set) var bytes = 0

  /// - Parameter context: does the work; what it counts itself stays visible.
  public init(_ context: any MatrixContext) { self.context = context }

  public var cachedKernels: Int { context.cachedKernels }
  public var helpers: ProductHelpers? { context.helpers }

  public func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool
  ) {
    let start = DispatchTime.now().uptimeNanoseconds
    context.multiply(
      m, n, k, a, b, into: c, resultStride: resultStride, operands: operands, result: result,
      accumulate: accumulate)
    nanoseconds += DispatchTime.now().uptimeNanoseconds - start
    operations += 2 * Double(m) * Double(n) * Double(k)
    bytes += (m * k + k * n) * operands.size + m * n * result.size * (accumulate ? 2 : 1)
  }
}
