import Foundation

extension MappedFile {
  /// Calls `body` with the bytes and keeps the mapping until it returns. A pointer taken from `bytes` alone
  /// does not keep the file: the optimizer may release it, and thereby unmap, after the last mention of the
  /// object.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }

  /// A copy of the content.
  public func data() -> Data { withBytes { Data($0) } }
}
