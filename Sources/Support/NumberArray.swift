import Foundation

/// A matrix of f32 as NumPy reads it (`numpy.load`): the format NPY, version 1.0, in row-major order.
public struct NumberArray: Sendable {
  /// What every such file begins with.
  public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private let columns: Int
  private var values: [Float] = []

  /// A matrix without rows.
  public init(columns: Int) { self.columns = columns }

  /// - Precondition: the row has as many values as the matrix columns.
  public mutating func append(_ row: [Float]) {
    precondition(row.count == columns, "a row of \(row.count) values in a matrix of \(columns) columns")
    values += row
  }

  /// Writes the file atomically.
  /// - Throws: `.inputOutput`.
  public func write(to path: String) throws(GraftError) {
    let rows = columns > 0 ? values.count / columns : 0
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    // Magic, version, two bytes of length, and the header with its line end come to a multiple of 64.
    let used = Self.magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - used % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    var bytes = Data(Self.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8))
    // All machines that Graft runs on are little-endian, as the header says.
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    try AtomicFile.write(bytes, to: path)
  }
}
