import CKernels

/// Threads that have nothing to do and take pieces of the products of one context's thread, each for microseconds. What
/// is computed does not depend on them.
public final class ProductHelpers: @unchecked Sendable {
  // All state is behind atomics of C.
  let handle: OpaquePointer

  /// Nil without memory.
  init?() {
    guard let handle = graft_helpers_create() else { return nil }
    self.handle = handle
  }

  deinit { graft_helpers_free(handle) }

  /// Lets threads in until `close`. To be called before the first can ask.
  public func open() { graft_helpers_open(handle) }

  /// Sends those that help away: the thread whose products they are has ended its work.
  public func close() { graft_helpers_close(handle) }

  /// Helps, on the thread that calls this, until the products' own thread closes; not at all if it has.
  public func help() { graft_help(handle) }
}
