import CKernels
import Compute
import Foundation

extension Tape {
  /// The mean of each run of rows of x [N, C] in the operand type: [runs.count, C]. Sums are in f32.
  /// - Precondition: no run is empty, and no row is in two, also not in those of another call for the same `x`.
  public func mean(_ x: Tensor, over runs: [Range<Int>]) -> Tensor {
    precondition(x.type == operand, "mean: input is \(x.type)")
    precondition(runs.allSatisfy { !$0.isEmpty && $0.upperBound <= x.rows }, "mean: runs \(runs) of \(x.rows) rows")
    let (operand, columns) = (operand, x.columns)
    let y = tensor(runs.count, columns, operand)
    var sum = [Float](repeating: 0, count: columns)
    for (index, run) in runs.enumerated() {
      for column in sum.indices { sum[column] = 0 }
      for row in run {
        graft_add_elements(operand.rawValue, &sum, x.data + row * columns * operand.size, Int64(columns))
      }
      for column in sum.indices { sum[column] /= Float(run.count) }
      Self.store(sum, as: operand, at: y.data + index * columns * operand.size)
    }
    record("mean", touching: [y]) { [unowned self] in
      guard y.hasGradient, let d = y.gradient else { return }
      let (pointer, accumulate) = self.gradientTarget(x)
      if !accumulate { memset(pointer, 0, x.count * x.gradientType.size) }
      var share = [Float](repeating: 0, count: columns)
      for (index, run) in runs.enumerated() {
        for column in share.indices { share[column] = 0 }
        graft_add_elements(operand.rawValue, &share, d + index * columns * operand.size, Int64(columns))
        for column in share.indices { share[column] /= Float(run.count) }
        for row in run {
          let place = pointer + row * columns * x.gradientType.size
          if x.gradientType == .float32 {
            graft_add(place.assumingMemoryBound(to: Float.self), share, Int64(columns))
          } else {
            Self.store(share, as: x.gradientType, at: place)
          }
        }
      }
    }
    return y
  }

  private static func store(_ values: [Float], as type: ElementType, at place: UnsafeMutableRawPointer) {
    if type == .float32 {
      values.withUnsafeBytes { place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: $0.count) }
    } else {
      graft_convert(ElementType.float32.rawValue, values, type.rawValue, place, Int64(values.count))
    }
  }
}
