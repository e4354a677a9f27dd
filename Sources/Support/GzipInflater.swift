import CZlib

/// Decompresses gzip (RFC 1952) held in memory piece by piece; several members end to end are one text.
public final class GzipInflater {
  private var stream = z_stream()
  private let path: String
  private var input: UnsafeRawBufferPointer
  private var isInsideMember = false

  /// True if the bytes begin as gzip does.
  public static func isGzip(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B
  }

  /// - Parameter path: the file's name, for errors. `input` must outlive the inflater.
  public init(_ input: UnsafeRawBufferPointer, path: String) throws(GraftError) {
    self.input = input
    self.path = path
    // 15 bits of window, plus 16: gzip rather than zlib headers.
    let status = inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw GraftError(.internalError, "zlib cannot start (\(status))") }
  }

  /// Compressed bytes that are still to be read.
  public var unread: Int { input.count }

  deinit { inflateEnd(&stream) }

  /// Appends up to `limit` bytes of text. False at the end.
  /// - Throws: `.badData` if the file is cut short or damaged.
  public func read(into text: inout [UInt8], limit: Int) throws(GraftError) -> Bool {
    var failure: GraftError?
    // The bytes are not cleared first: unoptimised, that would take longer than all else.
    let piece = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      do throws(GraftError) {
        count = try fill(buffer)
      } catch { failure = error }
    }
    if let failure { throw failure }
    text += piece
    return !piece.isEmpty
  }

  private func fill(_ output: UnsafeMutableBufferPointer<UInt8>) throws(GraftError) -> Int {
    var produced = 0
    while produced < output.count {
      if !isInsideMember {
        if input.isEmpty { break }
        guard Self.isGzip(input) || input.count < 2 else {
          // Some writers pad the last block of a tape or disk with zeros.
          if input.allSatisfy({ $0 == 0 }) {
            input = UnsafeRawBufferPointer(start: nil, count: 0)
            break
          }
          throw GraftError(.badData, "'\(path)' has something that is not gzip after its compressed text")
        }
        inflateReset(&stream)
        isInsideMember = true
      }
      guard !input.isEmpty else { throw truncated }
      let available = min(input.count, 1 << 30)
      stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(available)
      stream.next_out = output.baseAddress.map { $0 + produced }
      let room = min(output.count - produced, 1 << 30)
      stream.avail_out = UInt32(room)
      let status = inflate(&stream, Z_NO_FLUSH)
      input = UnsafeRawBufferPointer(rebasing: input[(available - Int(stream.avail_in))...])
      produced += room - Int(stream.avail_out)
      switch status {
      case Z_OK: break
      case Z_STREAM_END: isInsideMember = false
      case Z_BUF_ERROR where input.isEmpty: throw truncated
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "status \(status)"
        throw GraftError(
          .badData, "'\(path)' is damaged gzip: \(reason)", hint: "fetch or compress the file again.")
      }
    }
    return produced
  }

  private var truncated: GraftError {
    GraftError(
      .badData, "'\(path)' is truncated: its compressed text stops before its end",
      hint: "fetch or compress the file again.")
  }
}
