import Compute

/// Products of any operands by three loops, so that kernels on bf16 are tried on processors without products for it.
final class NaiveMatrices: MatrixContext {
  let cachedKernels = 0

  private func value(_ pointer: UnsafeRawPointer, _ type: ElementType, _ index: Int) -> Float {
    switch type {
    case .float32: pointer.load(fromByteOffset: index * 4, as: Float.self)
    case .bfloat16: Float(bitPattern: UInt32(pointer.load(fromByteOffset: index * 2, as: UInt16.self)) << 16)
    }
  }

  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool
  ) {
    for row in 0..<m {
      for column in 0..<n {
        var sum: Float = 0
        for i in 0..<k {
          sum +=
            value(a.pointer, operands, row * a.rowStride + i * a.columnStride)
            * value(b.pointer, operands, i * b.rowStride + column * b.columnStride)
        }
        let index = row * resultStride + column
        switch result {
        case .float32:
          let place = c.assumingMemoryBound(to: Float.self) + index
          place.pointee = accumulate ? place.pointee + sum : sum
        case .bfloat16:
          c.storeBytes(of: bfloat16(sum), toByteOffset: index * 2, as: UInt16.self)
        }
      }
    }
  }
}
