import Foundation

/// How the pages of a Parquet file are compressed. The libraries are those that the system has; they are loaded when a
/// file needs them.
enum ParquetCodec: Int {
  case none, snappy, gzip
  case brotli = 4
  case zstandard = 6
  case lz4 = 7

  /// The name of the library and of the Debian package that has it.
  private var library: (file: String, package: String)? {
    switch self {
    case .none, .gzip: nil
    case .snappy: ("libsnappy.so.1", "libsnappy1v5")
    case .brotli: ("libbrotlidec.so.1", "libbrotli1")
    case .zstandard: ("libzstd.so.1", "libzstd1")
    case .lz4: ("liblz4.so.1", "liblz4-1")
    }
  }

  /// - Parameter size: of the text, as the page's header has it.
  /// - Throws: `.badData` for damage; `.missingInput` if the system lacks the library.
  func text(of bytes: UnsafeRawBufferPointer, size: Int, path: String) throws(GraftError) -> [UInt8] {
    switch self {
    case .none: return [UInt8](bytes)
    case .gzip:
      var text: [UInt8] = []
      let inflater = try GzipInflater(bytes, path: path)
      while text.count < size, try inflater.read(into: &text, limit: size - text.count) {}
      guard text.count == size else { throw .damagedParquet("a page is shorter than it says", path: path) }
      return text
    case .snappy, .brotli, .zstandard, .lz4:
      var written = 0
      // At least a byte, so that there is an address.
      let text = try Self.bytes(size) { (place) throws(GraftError) in
        written = try unpack(bytes, into: place, size: size, path: path) ?? -1
      }
      guard written == size else { throw .damagedParquet("a compressed page does not unpack", path: path) }
      return text
    }
  }

  private static func bytes(
    _ size: Int, _ body: (UnsafeMutablePointer<UInt8>) throws(GraftError) -> Void
  ) throws(GraftError) -> [UInt8] {
    var failure: GraftError?
    let bytes = [UInt8](unsafeUninitializedCapacity: max(1, size)) { buffer, count in
      guard let place = buffer.baseAddress else { return }
      place.initialize(repeating: 0, count: max(1, size))
      do throws(GraftError) { try body(place) } catch { failure = error }
      count = size
    }
    if let failure { throw failure }
    return bytes
  }

  /// How many bytes came out; nil for damage.
  private func unpack(
    _ bytes: UnsafeRawBufferPointer, into place: UnsafeMutablePointer<UInt8>, size: Int, path: String
  ) throws(GraftError) -> Int? {
    typealias Count = UnsafeMutablePointer<Int>
    typealias Snappy = @convention(c) (UnsafeRawPointer?, Int, UnsafeMutableRawPointer, Count) -> Int32
    typealias Brotli = @convention(c) (Int, UnsafeRawPointer?, Count, UnsafeMutableRawPointer) -> Int32
    typealias Zstandard = @convention(c) (UnsafeMutableRawPointer, Int, UnsafeRawPointer?, Int) -> Int
    typealias LZ4 = @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer, Int32, Int32) -> Int32
    var written = size
    switch self {
    case .snappy:
      let call = unsafeBitCast(try function("snappy_uncompress", path), to: Snappy.self)
      return call(bytes.baseAddress, bytes.count, place, &written) == 0 ? written : nil
    case .brotli:
      let call = unsafeBitCast(try function("BrotliDecoderDecompress", path), to: Brotli.self)
      return call(bytes.count, bytes.baseAddress, &written, place) == 1 ? written : nil
    case .zstandard:
      // An error is a number near the greatest, hence not the size.
      return unsafeBitCast(try function("ZSTD_decompress", path), to: Zstandard.self)(
        place, size, bytes.baseAddress, bytes.count)
    case .lz4:
      guard let count = Int32(exactly: bytes.count), let size = Int32(exactly: size) else { return nil }
      return Int(
        unsafeBitCast(try function("LZ4_decompress_safe", path), to: LZ4.self)(bytes.baseAddress, place, count, size))
    case .none, .gzip: return nil
    }
  }

  private func function(_ name: String, _ path: String) throws(GraftError) -> UnsafeMutableRawPointer {
    guard let (file, package) = library else { throw GraftError(.internalError, "\(self) has no library") }
    // Loading it again gives the same one.
    guard let handle = dlopen(file, RTLD_NOW), let symbol = dlsym(handle, name) else {
      throw GraftError(
        .missingInput, "the Parquet file is compressed with \(self), and this system has no \(file)",
        hint: "`sudo apt-get install \(package)` brings it.", location: SourceLocation(file: path))
    }
    return symbol
  }
}
