import Foundation

/// A matrix of f32 as NumPy reads it (`numpy.load`): the format NPY, version 1.0, in row-major order.
public enum NumberArray {
  /// What every such file begins with.
  public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Before the values; a multiple of 64 that has room for any number of rows.
  private static let headerLength = 128

  /// Streams a matrix into a file, which appears when it is whole.
  /// - Parameter body: appends one row after the other, each of `columns` values, and returns how many.
  /// - Throws: `.inputOutput`, also for what is no regular file, as how many rows there are stands before them; what
  ///   `body` throws.
  public static func write(
    columns: Int, to path: String, _ body: (inout FileWriter) throws(GraftError) -> Int
  ) throws(GraftError) {
    try AtomicFile.write(to: path) { (writer) throws(GraftError) in
      try writer.append(header(rows: 0, columns: columns))
      let rows = try body(&writer)
      try writer.replaceBeginning(with: header(rows: rows, columns: columns))
    }
  }

  /// Appends a row.
  /// - Throws: `.inputOutput`.
  public static func append(_ row: [Float], to writer: inout FileWriter) throws(GraftError) {
    // All machines that Graft runs on are little-endian, as the header says.
    var failure: GraftError?
    row.withUnsafeBytes { bytes in
      do throws(GraftError) { try writer.append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private static func header(rows: Int, columns: Int) -> [UInt8] {
    // Magic, version, two bytes of length, and a text with its line end.
    let text = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }".utf8)
    let length = headerLength - magic.count - 4
    let spaces = [UInt8](repeating: UInt8(ascii: " "), count: length - 1 - text.count)
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + text + spaces + [UInt8(ascii: "\n")]
  }
}
