import CKernels
import Foundation
import Support

/// Graft's own products of bf16 matrices on Intel's AMX tiles. oneDNN 2.6 reaches about half of what they can do.
public struct TileBackend: MatrixBackend {
  public let name = "amx"
  public let signature = "AMX tiles"
  public let precisions: Set<Precision> = [.bf16]

  /// Nil where the processor or the system has no tiles.
  public init?() {
    guard graft_tiles_available() else { return nil }
  }

  public func makeContext() throws(GraftError) -> any MatrixContext {
    guard let context = graft_tile_context_create() else {
      throw GraftError(.internalError, "no memory for matrix products")
    }
    return TileContext(context)
  }
}

final class TileContext: MatrixContext {
  private let context: OpaquePointer

  init(_ context: OpaquePointer) { self.context = context }
  deinit { graft_tile_context_destroy(context) }

  var cachedKernels: Int { 0 }

  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool
  ) {
    precondition(operands == .bfloat16, "tiles multiply bf16 only")
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
