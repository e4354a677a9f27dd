import Foundation

/// Memory for arrays of a model's size: zeroed, aligned to 64 bytes, and in large pages where the system gives
/// them. A step walks through all parameters, gradients and moments several times; with pages of 4 KiB much of
/// that time goes into finding where the pages are.
public enum LargeMemory {
  private static let largePage = 1 << 21

  /// Free with `deallocate`.
  public static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let isLarge = byteCount >= largePage
    var address: UnsafeMutableRawPointer?
    let status = posix_memalign(&address, isLarge ? largePage : 64, max(64, byteCount))
    guard status == 0, let address else { preconditionFailure("no memory for \(byteCount) bytes") }
    if isLarge { madvise(address, byteCount, MADV_HUGEPAGE) }
    memset(address, 0, byteCount)
    return address
  }

  /// Room for `count` elements, all bits 0; free with `deallocate`.
  public static func allocate<Element: BitwiseCopyable>(
    _ type: Element.Type, count: Int
  ) -> UnsafeMutableBufferPointer<Element> {
    let address = allocate(byteCount: count * MemoryLayout<Element>.stride)
    return UnsafeMutableBufferPointer(start: address.bindMemory(to: type, capacity: count), count: count)
  }

  /// Frees what `allocate(byteCount:)` gave; nil is nothing to free.
  public static func deallocate(_ address: UnsafeMutableRawPointer?) { free(address) }

  /// Frees what `allocate(_:count:)` gave; nil is nothing to free.
  public static func deallocate<Element>(_ array: UnsafeMutableBufferPointer<Element>?) {
    free(UnsafeMutableRawPointer(array?.baseAddress))
  }
}
