import Dispatch
import Synchronization

/// Does one thing after another on a thread of its own, and takes no more than a number of them at a time.
public final class WorkQueue: Sendable {
  private let queue = DispatchQueue(label: "graft.serving")
  private let count = Atomic<Int>(0)
  private let depth: Int

  /// - Parameter depth: how much may wait or be under way.
  public init(depth: Int) { self.depth = depth }

  /// Whether `body` is taken; if so it runs once what was taken before has run.
  public func take(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard count.add(1, ordering: .relaxed).newValue <= depth else {
      count.subtract(1, ordering: .relaxed)
      return false
    }
    queue.async { [self] in
      body()
      count.subtract(1, ordering: .relaxed)
    }
    return true
  }

  /// Waits until all that was taken has run.
  public func drain() { queue.sync {} }
}
