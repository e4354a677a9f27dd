import CKernels
import Compute
import Foundation

/// T5's relative position buckets (Raffel et al. 2020, code of Mesh TensorFlow).
public struct RelativePositionBuckets: Sendable, Hashable {
  /// How many buckets there are, for both directions together.
  public let count: Int
  /// From this distance on all are in one bucket.
  public let maximumDistance: Int
  /// Whether keys after the query have buckets of their own, as in encoders; else they share that of distance 0.
  public let bidirectional: Bool

  /// T5's numbers by default.
  public init(count: Int = 32, maximumDistance: Int = 128, bidirectional: Bool) {
    self.count = count
    self.maximumDistance = maximumDistance
    self.bidirectional = bidirectional
  }

  /// The bucket of `distance` = key − query. Bidirectional: 0→0, −8→8, 8→24, 64→30; causal: −16→16, −64→26.
  public func bucket(_ distance: Int) -> Int {
    let size = bidirectional ? count / 2 : count
    let base = bidirectional && distance > 0 ? size : 0
    let magnitude = bidirectional ? abs(distance) : max(0, -distance)
    let exact = size / 2
    guard magnitude >= exact else { return base + magnitude }
    // Float as in the reference: the borders of the logarithmic buckets depend on it.
    let ratio = log(Float(magnitude) / Float(exact)) / log(Float(maximumDistance) / Float(exact))
    return base + min(size - 1, exact + Int(ratio * Float(size - exact)))
  }
}

extension Tape {
  /// The bias of every head at every distance: [H, 2 · length − 1] f32, the middle column being distance 0.
  /// One tensor serves all layers of a stack. `table` is [buckets, H].
  public func relativeBias(_ table: Parameter, _ buckets: RelativePositionBuckets, length: Int) -> Tensor {
    let heads = table.columns
    let width = 2 * length - 1
    let out = tensor(heads, width, .float32)
    let bias = out.data.assumingMemoryBound(to: Float.self)
    let weights = values(table)
    let bucketOf = (0..<width).map { buckets.bucket($0 - (length - 1)) }
    for head in 0..<heads {
      for j in 0..<width { bias[head * width + j] = weights[bucketOf[j] * heads + head] }
    }
    record("relative bias", touching: [out]) { [unowned self] in
      guard out.hasGradient, let d = out.gradient?.assumingMemoryBound(to: Float.self),
        let gradient = self.gradient(table)
      else { return }
      for head in 0..<heads {
        for j in 0..<width { gradient[bucketOf[j] * heads + head] += d[head * width + j] }
      }
    }
    return out
  }
}
