import Foundation

/// A buffered writer over a file descriptor; errors name the path a person asked for.
public struct FileWriter: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []

  init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Appends bytes, which are written at the latest when the file is finished.
  /// - Throws: `.inputOutput`.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(GraftError) {
    if bytes.count >= 1 << 16 {
      try flush()
      try writeAll(bytes)
    } else {
      buffer.append(contentsOf: bytes)
      if buffer.count >= 1 << 16 { try flush() }
    }
  }

  /// Appends bytes.
  /// - Throws: `.inputOutput`.
  public mutating func append(_ bytes: [UInt8]) throws(GraftError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Appends a text in UTF-8.
  /// - Throws: `.inputOutput`.
  public mutating func append(_ text: String) throws(GraftError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Writes other bytes over the first ones of the file.
  /// - Throws: `.inputOutput`, also for what has no beginning to go back to, such as a FIFO.
  mutating func replaceBeginning(with bytes: [UInt8]) throws(GraftError) {
    try flush()
    guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw .systemCall("write the beginning of", path: path)
    }
  }

  mutating func flush() throws(GraftError) {
    var failure: GraftError?
    buffer.withUnsafeBytes { bytes in
      do throws(GraftError) { try writeAll(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(GraftError) {
    var offset = 0
    while offset < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
      if count < 0 {
        if errno == EINTR { continue }
        throw .systemCall("write", path: path)
      }
      offset += count
    }
  }
}
