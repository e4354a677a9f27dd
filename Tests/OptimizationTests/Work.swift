import Compute
import Support

@testable import Optimization

/// What a thread that carries out a unit may use, in f32.
func makeWork() -> ShardWork {
  do {
    let backend = try MatrixBackends.choose(named: nil, for: .f32)
    return ShardWork(matrices: try backend.makeContext(), precision: .f32, scratch: try Arena())
  } catch {
    preconditionFailure("no matrix products on this machine: \(error)")
  }
}
