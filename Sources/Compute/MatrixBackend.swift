import CKernels
import CMatrixLibraries
import Support

/// One operand of a product: the strides of its two logical dimensions, in elements. One of them is 1, and
/// transposition is nothing but a choice of strides.
public struct MatrixOperand {
  /// The element in row 0 and column 0.
  public var pointer: UnsafeRawPointer
  /// From a row to the next, in elements.
  public var rowStride: Int
  /// From a column to the next, in elements.
  public var columnStride: Int

  /// A row-major matrix with rows `stride` apart.
  @inlinable
  public static func rows(_ pointer: UnsafeRawPointer, stride: Int) -> MatrixOperand {
    MatrixOperand(pointer: pointer, rowStride: stride, columnStride: 1)
  }

  /// The transpose of a row-major matrix with rows `stride` apart.
  @inlinable
  public static func transposed(_ pointer: UnsafeRawPointer, stride: Int) -> MatrixOperand {
    MatrixOperand(pointer: pointer, rowStride: 1, columnStride: stride)
  }

  @usableFromInline
  init(pointer: UnsafeRawPointer, rowStride: Int, columnStride: Int) {
    self.pointer = pointer
    self.rowStride = rowStride
    self.columnStride = columnStride
  }
}

/// A library of matrix products. Backends are values that can be passed between threads; the contexts they
/// make belong to the thread that made them.
public protocol MatrixBackend: Sendable {
  /// What `--backend` calls it.
  var name: String { get }
  /// Library, version and kernels: part of a run's signature.
  var signature: String { get }
  /// What it can multiply on this processor.
  var precisions: Set<Precision> { get }
  /// A context for the thread that calls this, and no other.
  /// - Throws: `.internalError` where the library has no memory for one.
  func makeContext() throws(GraftError) -> any MatrixContext
}

/// Products on the thread that made the context, which others may help.
public protocol MatrixContext: AnyObject {
  /// C[m, n] = A[m, k] B[k, n], or C += A B. `operands` is the element type of A and B; C has `result`, with
  /// rows `resultStride` elements apart. Accumulation needs an f32 result.
  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool)
  /// Prepared kernels held in a cache, 0 where there is none.
  var cachedKernels: Int { get }
  /// How other threads help with products that are cut by columns; nil where none are.
  var helpers: ProductHelpers? { get }
}

extension MatrixContext {
  public var helpers: ProductHelpers? { nil }

  fileprivate func product(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, resultStride: Int,
    operands: ElementType, result: ElementType, accumulate: Bool
  ) -> graft_product {
    graft_product(
      m: Int64(m), n: Int64(n), k: Int64(k), a_row: Int64(a.rowStride), a_column: Int64(a.columnStride),
      b_row: Int64(b.rowStride), b_column: Int64(b.columnStride), c_row: Int64(resultStride),
      operand: operands.rawValue, result: result.rawValue, accumulate: accumulate ? 1 : 0, padding: 0)
  }
}

/// oneDNN: f32, and bf16 operands with f32 accumulation where the processor has bf16 products.
public struct OneDNNBackend: MatrixBackend {
  public let name = "onednn"
  public let signature: String
  public let precisions: Set<Precision>

  /// Nil where the library is absent.
  public init?() {
    guard let libraries = graft_matrix_libraries_load(), libraries.pointee.onednn else { return nil }
    let version = withUnsafeBytes(of: libraries.pointee.onednn_version) { text(of: $0) }
    // On a processor with AMX the two ways do not give the same bits.
    signature = "oneDNN \(version)" + (graft_tiles_left_out() ? " without AMX" : "")
    precisions = libraries.pointee.onednn_bf16 ? [.f32, .bf16] : [.f32]
  }

  public func makeContext() throws(GraftError) -> any MatrixContext {
    guard let context = graft_onednn_context_create() else {
      throw GraftError(.internalError, "oneDNN could not make a stream")
    }
    return FewRowsContext(OneDNNContext(context))
  }
}

final class OneDNNContext: MatrixContext {
  private let context: OpaquePointer

  init(_ context: OpaquePointer) { self.context = context }
  deinit { graft_onednn_context_destroy(context) }

  var cachedKernels: Int { Int(graft_onednn_cached_primitives(context)) }

  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool
  ) {
    var shape = product(
      m, n, k, a, b, resultStride: resultStride, operands: operands, result: result, accumulate: accumulate)
    let status = graft_onednn_multiply(context, &shape, a.pointer, b.pointer, c)
    precondition(status == 0, "oneDNN refused the product \(m)×\(n)×\(k) of \(operands): status \(status)")
  }
}

/// OpenBLAS: f32 only.
public struct OpenBLASBackend: MatrixBackend {
  public let name = "openblas"
  public let signature: String
  public let precisions: Set<Precision> = [.f32]

  /// Nil where the library is absent.
  public init?() {
    guard let libraries = graft_matrix_libraries_load(), libraries.pointee.openblas else { return nil }
    let core = withUnsafeBytes(of: libraries.pointee.openblas_core) { text(of: $0) }
    signature = "OpenBLAS (\(core) kernels)"
  }

  public func makeContext() -> any MatrixContext { FewRowsContext(OpenBLASContext()) }
}

final class OpenBLASContext: MatrixContext {
  var cachedKernels: Int { 0 }

  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: MatrixOperand, _ b: MatrixOperand, into c: UnsafeMutableRawPointer,
    resultStride: Int, operands: ElementType, result: ElementType, accumulate: Bool
  ) {
    precondition(operands == .float32 && result == .float32, "OpenBLAS multiplies f32 only")
    var shape = product(
      m, n, k, a, b, resultStride: resultStride, operands: operands, result: result, accumulate: accumulate)
    graft_openblas_multiply(
      &shape, a.pointer.assumingMemoryBound(to: Float.self), b.pointer.assumingMemoryBound(to: Float.self),
      c.assumingMemoryBound(to: Float.self))
  }
}

private func text(of bytes: UnsafeRawBufferPointer) -> String {
  String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
}

/// The backends found on this machine, fastest first.
public enum MatrixBackends {
  /// Looked up once in a process; empty where no library is installed.
  public static let available: [any MatrixBackend] = {
    let candidates: [(any MatrixBackend)?] = [OneDNNBackend(), OpenBLASBackend()]
    let libraries = candidates.compactMap { $0 }
    return (TileBackend(beside: libraries.first).map { [$0] } ?? []) + libraries
  }()

  /// The backend called `name`, or the fastest one for `precision`.
  public static func choose(named name: String? = nil, for precision: Precision) throws(GraftError)
    -> any MatrixBackend
  {
    guard !available.isEmpty else {
      throw GraftError(
        .internalError, "no matrix library found",
        hint: "install one: `apt-get install libdnnl-dev` (or libopenblas-dev).")
    }
    if let name {
      guard let backend = available.first(where: { $0.name == name }) else {
        throw .unknownName("backend", name, known: available.map(\.name), list: "graft doctor")
      }
      guard backend.precisions.contains(precision) else {
        throw GraftError(
          .usage, "backend '\(name)' has no \(precision.rawValue) products on this processor",
          hint: "use `precision:` f32.")
      }
      return backend
    }
    guard let backend = available.first(where: { $0.precisions.contains(precision) }) else {
      throw GraftError(
        .usage, "no matrix library found here has \(precision.rawValue) products",
        hint: "use `precision:` f32, or install libdnnl-dev on a processor with AVX512_BF16.")
    }
    return backend
  }

  /// `bf16` where the processor and a library multiply it, else `f32`.
  public static var preferredPrecision: Precision {
    available.contains { $0.precisions.contains(.bf16) } ? .bf16 : .f32
  }
}
