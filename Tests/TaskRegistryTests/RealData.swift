import Foundation
import TaskRegistry

/// The data sets, if they are here: under $GRAFT_DATA, or in shared/data beside the package.
enum RealData {
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let root: DataRoot? = {
    if let path = DataRoot().path { return DataRoot(path) }
    let beside = package.deletingLastPathComponent().appendingPathComponent("shared/data").path
    return FileManager.default.fileExists(atPath: beside) ? DataRoot(beside) : nil
  }()

  static let reason = "needs the data sets: set GRAFT_DATA"

  static func catalog() throws -> TaskCatalog {
    try TaskCatalog(directories: [package.appendingPathComponent("Tasks").path])
  }
}

/// A folder that is removed with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("graft-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }
}
