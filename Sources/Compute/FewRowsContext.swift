import CKernels

/// Multiplies few rows by a transposed matrix, as decoding does, by itself, and passes other products on: a library
/// would first rearrange the matrix, which takes longer than such a product. Threads that help take columns of it.
final class FewRowsContext: MatrixContext {
  private let context: any MatrixContext
  let helpers: ProductHelpers?

  init(_ context: any MatrixContext) {
    self.context = context
    helpers = ProductHelpers()
  }

  var cachedKernels: Int { context.cachedKernels }

  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool
  ) {
    // With more rows the arithmetic counts, for which there are better ways, in bf16 far better ones.
    guard m <= (operands == .float32 ? 64 : 4), !accumulate, a.columnStride == 1, b.rowStride == 1 else {
      context.multiply(
        m, n, k, a, b, into: c, resultStride: resultStride, operands: operands, result: result,
        accumulate: accumulate)
      return
    }
    graft_multiply_few_rows(
      operands.rawValue, result.rawValue, Int64(m), Int64(n), Int64(k), a.pointer, Int64(a.rowStride),
      b.pointer, Int64(b.columnStride), c, Int64(resultStride), helpers?.handle)
  }
}
