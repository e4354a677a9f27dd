import Dispatch
import Synchronization

/// Calls `worker` on several threads, each with a function that hands out the numbers from 0 to `count` - 1: every number
/// once, to whichever thread asks next, then nil.
public func deal(_ count: Int, to threads: Int, _ worker: @Sendable (_ next: () -> Int?) -> Void) {
  let position = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
    worker {
      let number = position.wrappingAdd(1, ordering: .relaxed).oldValue
      return number < count ? number : nil
    }
  }
}
