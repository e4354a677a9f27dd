import Compute
import Dispatch

/// Where the time of a tape goes, by operation. Between two marks the thread worked on one operation; a mark
/// says which. What an operation does around its kernels counts, too, so the shares add up to the whole.
public final class OperationProfile {
  /// What one operation took, added up over all its calls since the last reset.
  public struct Entry: Sendable, Hashable {
    /// On the clock, from mark to mark.
    public var seconds = 0.0
    /// Of these, in products of the matrix library.
    public var productSeconds = 0.0
    /// Floating-point operations of matrix products, those of attention kernels included.
    public var operations = 0.0
    /// Tensors read and written, and operands and results of products, each counted once.
    public var bytes = 0.0

    /// An operation that took nothing yet.
    public init() {}

    /// Adds what the operation took elsewhere, as on another thread.
    public static func += (left: inout Entry, right: Entry) {
      left.seconds += right.seconds
      left.productSeconds += right.productSeconds
      left.operations += right.operations
      left.bytes += right.bytes
    }
  }

  /// By operation; backward passes have entries of their own, `attention, backward`.
  public private(set) var entries: [String: Entry] = [:]
  private let matrices: CountingMatrixContext
  private var lastMark = DispatchTime.now().uptimeNanoseconds
  private var lastProducts: (nanoseconds: UInt64, operations: Double, bytes: Int) = (0, 0, 0)

  /// - Parameter matrices: the context that the tape multiplies with, whose counts say what products took.
  public init(_ matrices: CountingMatrixContext) { self.matrices = matrices }

  /// Forgets everything and begins anew from now.
  public func reset() {
    entries = [:]
    skip()
  }

  /// What happened since the last mark belongs to nothing that is profiled.
  public func skip() {
    lastMark = DispatchTime.now().uptimeNanoseconds
    lastProducts = (matrices.nanoseconds, matrices.operations, matrices.bytes)
  }

  /// What happened since the last mark was `name`.
  /// - Parameters:
  ///   - bytes: of tensors, beside those of products.
  ///   - operations: of products that do not go through the matrix library.
  public func mark(_ name: String, bytes: Int = 0, operations: Double = 0) {
    let now = DispatchTime.now().uptimeNanoseconds
    var entry = Entry()
    entry.seconds = Double(now - lastMark) / 1e9
    entry.productSeconds = Double(matrices.nanoseconds - lastProducts.nanoseconds) / 1e9
    entry.operations = matrices.operations - lastProducts.operations + operations
    entry.bytes = Double(matrices.bytes - lastProducts.bytes + bytes)
    entries[name, default: Entry()] += entry
    skip()
  }
}
