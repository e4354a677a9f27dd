import CKernels
import Foundation
import Support

/// Graft's own products of bf16 matrices on Intel's AMX tiles, of which oneDNN 2.6 uses about half. What a bf16 run
/// multiplies in f32, it leaves to a library.
public struct TileBackend: MatrixBackend {
  public let name = "amx"
  public let signature: String
  public let precisions: Set<Precision> = [.bf16]
  private let library: any MatrixBackend

  /// Nil where the processor or the system has no tiles.
  /// - Parameter library: for f32.
  public init?(beside library: (any MatrixBackend)?) {
    guard let library, graft_tiles_available() else { return nil }
    self.library = library
    signature = "AMX tiles, \(library.signature)"
  }

  public func makeContext() throws(GraftError) -> any MatrixContext {
    guard let context = graft_tile_context_create() else {
      throw GraftError(.internalError, "no memory for matrix products")
    }
    return FewRowsContext(TileContext(context, library: try library.makeContext()))
  }
}

final class TileContext: MatrixContext {
  private let context: OpaquePointer
  private let library: any MatrixContext

  init(_ context: OpaquePointer, library: any MatrixContext) {
    self.context = context
    self.library = library
  }

  deinit { graft_tile_context_destroy(context) }

  var cachedKernels: Int { library.cachedKernels }

  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool
  ) {
    guard operands == .bfloat16 else {
      library.multiply(
        m, n, k, a, b, into: c, resultStride: resultStride, operands: operands, result: result,
        accumulate: accumulate)
      return
    }
    precondition(!accumulate || result == .float32, "only an f32 result accumulates")
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
      // An empty sum.
      guard !accumulate else { return }
      for row in 0..<m { memset(c + row * resultStride * result.size, 0, n * result.size) }
      return
    }
    let done = graft_tile_multiply(
      context, Int64(m), Int64(n), Int64(k), a.pointer, Int64(a.rowStride), Int64(a.columnStride), b.pointer,
      Int64(b.rowStride), Int64(b.columnStride), c, Int64(resultStride), result.rawValue, accumulate)
    precondition(done, "no memory for the product \(m)×\(n)×\(k)")
  }
}
