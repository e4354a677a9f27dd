import Foundation
import Support

extension MappedFile {
  /// The whole file in memory of its own. `bytes` alone does not keep the mapping alive.
  static func contents(of path: String) throws(GraftError) -> Data {
    let file = try MappedFile(path)
    return withExtendedLifetime(file) { Data(file.bytes) }
  }
}
