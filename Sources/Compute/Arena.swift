import Foundation
import Support

/// A bump allocator for activations: 64-byte-aligned, reset each step, never returned to the system, so that
/// no step after the first allocates. The address range is reserved once and backed by memory as it is touched.
public final class Arena {
  private let base: UnsafeMutableRawPointer
  private let capacity: Int
  private var offset = 0
  /// The most bytes ever in use at once.
  public private(set) var peakBytes = 0

  /// - Parameter capacity: bytes of address space, not of memory.
  /// - Throws: `.internalError` if the address space cannot be reserved (a `ulimit -v`, for instance).
  public init(capacity: Int = 1 << 36) throws(GraftError) {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let address = mmap(nil, capacity, PROT_READ | PROT_WRITE, flags, -1, 0), address != MAP_FAILED
    else {
      throw GraftError(
        .internalError, "cannot reserve \(capacity >> 30) GiB of address space for activations",
        hint: "raise the limit on virtual memory (`ulimit -v unlimited`).")
    }
    madvise(address, capacity, MADV_HUGEPAGE)
    base = address
    self.capacity = capacity
  }

  deinit { munmap(base, capacity) }

  /// Uninitialised memory that lives until `reset` or a `release` to an earlier mark.
  @inline(__always)
  public func allocate(bytes: Int) -> UnsafeMutableRawPointer {
    let start = offset
    offset = (offset + bytes + 63) & ~63
    precondition(offset <= capacity, "the arena of \(capacity) bytes is full")
    if offset > peakBytes { peakBytes = offset }
    return base + start
  }

  /// Uninitialised memory for `count` elements of a type; see `allocate(bytes:)`.
  public func allocate(_ type: ElementType, count: Int) -> UnsafeMutableRawPointer {
    allocate(bytes: count * type.size)
  }

  /// Uninitialised memory for `count` numbers of f32; see `allocate(bytes:)`.
  public func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    allocate(bytes: count * 4).bindMemory(to: Float.self, capacity: count)
  }

  /// Memory for `count` elements of a type, all 0; see `allocate(bytes:)`.
  public func zeros(_ type: ElementType, count: Int) -> UnsafeMutableRawPointer {
    let pointer = allocate(type, count: count)
    memset(pointer, 0, count * type.size)
    return pointer
  }

  /// A point to which `release` can return, giving back everything allocated since: the bytes handed out since the last
  /// reset, alignment included.
  public var mark: Int { offset }

  /// Gives back everything that was allocated after a mark.
  public func release(to mark: Int) {
    precondition(mark <= offset, "an arena is released in the reverse order of its marks")
    offset = mark
  }

  /// Lets `peakBytes` begin anew with what is in use.
  public func forgetPeak() { peakBytes = offset }

  /// Gives back everything.
  public func reset() { offset = 0 }
}
