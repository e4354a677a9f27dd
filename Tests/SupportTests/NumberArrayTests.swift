import Foundation
import Support
import TestSupport
import Testing

@Suite struct NumberArrayTests {
  /// What numpy 2.4 reads as [[1, 2], [3, 4], [5, 6]], header, values and all.
  @Test func rowsAreCountedInTheHeader() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/matrix.npy"
    try NumberArray.write(columns: 2, to: path) { (writer) throws(GraftError) in
      for row in 0..<3 { try NumberArray.append([Float(2 * row + 1), Float(2 * row + 2)], to: &writer) }
      return 3
    }
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(bytes.count == 128 + 6 * 4 && bytes.starts(with: NumberArray.magic + [1, 0, 118, 0]))
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(
      header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }  ") && header.hasSuffix(" \n"))
    let values = bytes[128...].withUnsafeBytes { Array($0.assumingMemoryBound(to: Float.self)) }
    #expect(values == [1, 2, 3, 4, 5, 6])
  }

  @Test func anErrorLeavesNoFile() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/matrix.npy"
    #expect(throws: GraftError.self) {
      try NumberArray.write(columns: 1, to: path) { (writer) throws(GraftError) in
        try NumberArray.append([1], to: &writer)
        throw GraftError(.usage, "stop")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
