import Foundation
import Synchronization

/// Calls `worker` on several threads, each with a function that hands out the numbers from 0 to `count` - 1: every
/// number once, to whichever thread asks next, then nil. Returns when all are done.
public func deal(_ count: Int, to threads: Int, _ worker: @Sendable (_ next: () -> Int?) -> Void) {
  let position = Position()
  withoutActuallyEscaping(worker) { worker in
    let work = Work {
      worker {
        let number = position.value.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
      }
    }
    // Threads that are joined, so that nothing refers to `worker` when this returns. One that cannot be made is missed
    // by nobody: the numbers go to the others.
    let others = (1..<max(1, min(threads, count))).compactMap { _ in work.start() }
    work.body()
    for thread in others { pthread_join(thread, nil) }
  }
}

private final class Position: Sendable {
  let value = Atomic(0)
}

private final class Work: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func start() -> pthread_t? {
    let retained = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { pointer in
        if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
      }, retained.toOpaque())
    guard status == 0 else {
      retained.release()
      return nil
    }
    return thread
  }
}
