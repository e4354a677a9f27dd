import CKernels
import Compute
import Foundation

extension Tape {
  /// The columns of `tensors`, all of the same rows and type, side by side: [N, C₁ + C₂ + …]. Of one it is a copy
  /// with a gradient of its own.
  /// - Parameter shared: several operations read the result, so its gradient is kept in f32.
  public func joined(_ tensors: [Tensor], shared: Bool = false) -> Tensor {
    guard let first = tensors.first else { preconditionFailure("nothing to join") }
    precondition(
      tensors.allSatisfy { $0.rows == first.rows && $0.type == first.type },
      "joined: \(tensors.map { "[\($0.rows), \($0.columns)] \($0.type)" })")
    let out = tensor(
      first.rows, tensors.reduce(0) { $0 + $1.columns }, first.type, gradient: shared ? .float32 : first.type)
    var column = 0
    for part in tensors {
      let bytes = part.columns * part.type.size
      for row in 0..<out.rows {
        memcpy(out.data + (row * out.columns + column) * part.type.size, part.data + row * bytes, bytes)
      }
      column += part.columns
    }
    record("columns", touching: tensors + [out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient else { return }
      var column = 0
      for part in tensors {
        self.addColumns(d + column * out.gradientType.size, of: out, to: part)
        column += part.columns
      }
    }
    return out
  }

  /// Gives `part` the gradient that its columns have within that of `out`, from `d` on.
  private func addColumns(_ d: UnsafeMutableRawPointer, of out: Tensor, to part: Tensor) {
    let (target, accumulate) = gradientTarget(part)
    let (from, columns) = (out.gradientType, Int64(part.columns))
    for row in 0..<out.rows {
      let own = d + row * out.columns * from.size
      let place = target + row * part.columns * part.gradientType.size
      if accumulate {
        graft_add_elements(from.rawValue, place.assumingMemoryBound(to: Float.self), own, columns)
      } else {
        graft_convert(from.rawValue, own, part.gradientType.rawValue, place, columns)
      }
    }
  }
}
