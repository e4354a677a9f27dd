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

  /// Room for `count` elements, all bits 0, that the system backs as it is touched: what is never written takes no
  /// memory. Give back with `release`.
  public static func reserve<Element: BitwiseCopyable>(
    _ type: Element.Type, count: Int
  ) -> UnsafeMutableBufferPointer<Element> {
    let bytes = reservedBytes(type, count)
    // A large page more, so that the array can begin at one.
    guard let mapping = mmap(nil, bytes + largePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED
    else { preconditionFailure("no memory for \(bytes) bytes") }
    let front = (largePage - Int(bitPattern: mapping) % largePage) % largePage
    let address = mapping + front
    if front > 0 { munmap(mapping, front) }
    if front < largePage { munmap(address + bytes, largePage - front) }
    if bytes >= largePage { madvise(address, bytes, MADV_HUGEPAGE) }
    return UnsafeMutableBufferPointer(start: address.bindMemory(to: type, capacity: count), count: count)
  }

  /// Gives back what `reserve` gave; nil is nothing to give back.
  public static func release<Element: BitwiseCopyable>(_ array: UnsafeMutableBufferPointer<Element>?) {
    guard let array, let address = array.baseAddress else { return }
    munmap(address, reservedBytes(Element.self, array.count))
  }

  /// Gives the memory of the whole pages of some elements back to the system; they are 0 afterwards, but for those at
  /// the edges. The array is a part of what `reserve` gave.
  public static func forget<Element: BitwiseCopyable>(
    _ range: Range<Int>, of array: UnsafeMutableBufferPointer<Element>
  ) {
    let page = 1 << 12
    let stride = MemoryLayout<Element>.stride
    guard let base = UnsafeMutableRawPointer(array.baseAddress) else { return }
    let first = base + range.lowerBound * stride
    let front = -Int(bitPattern: first) & (page - 1)
    let count = (range.count * stride - front) & ~(page - 1)
    if count > 0 { madvise(first + front, count, MADV_DONTNEED) }
  }

  private static func reservedBytes<Element>(_ type: Element.Type, _ count: Int) -> Int {
    let page = 1 << 12
    return max(page, (count * MemoryLayout<Element>.stride + page - 1) & ~(page - 1))
  }

  /// Frees what `allocate(byteCount:)` gave; nil is nothing to free.
  public static func deallocate(_ address: UnsafeMutableRawPointer?) { free(address) }

  /// Frees what `allocate(_:count:)` gave; nil is nothing to free.
  public static func deallocate<Element>(_ array: UnsafeMutableBufferPointer<Element>?) {
    free(UnsafeMutableRawPointer(array?.baseAddress))
  }
}
