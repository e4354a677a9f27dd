import Foundation
import TaskRegistry

/// The data sets, if they are here: under $GRAFT_DATA, or in shared/data beside the package.
public enum RealData {
  public static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  public static let root: DataRoot? = {
    if let path = DataRoot().path { return DataRoot(path) }
    let beside = package.deletingLastPathComponent().appendingPathComponent("shared/data").path
    return FileManager.default.fileExists(atPath: beside) ? DataRoot(beside) : nil
  }()

  public static let reason = "needs the data sets: set GRAFT_DATA"

  /// Graft's own definitions, read once.
  public static func catalog() throws -> TaskCatalog { try shared.get() }

  private static let shared = Result {
    try TaskCatalog(directories: [package.appendingPathComponent("Tasks").path])
  }
}
