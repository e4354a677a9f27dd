import Foundation
import Support

/// The folder the data sets are under: `--data DIR`, else `$GRAFT_DATA`.
public struct DataRoot: Sendable, Hashable {
  public static let environmentVariable = "GRAFT_DATA"

  /// nil if neither the option nor the variable names a folder. That is an error only once a file is needed
  /// from it, for tasks may bring their files along.
  public let path: String?

  public init(
    option: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    let named = option ?? environment[Self.environmentVariable]
    path = named.flatMap { $0.isEmpty ? nil : $0 }
  }

  public init(_ path: String) { self.path = path }

  /// The path of a data file.
  ///
  /// - Throws: `.missingInput` that says where to put it.
  func file(_ relative: String) throws(GraftError) -> String {
    guard let path else {
      throw GraftError(
        .missingInput, "no data folder is given, and '\(relative)' is needed from it",
        hint: "name the folder with --data DIR or in the environment variable \(Self.environmentVariable).")
    }
    let file = (path as NSString).appendingPathComponent(relative)
    guard FileManager.default.fileExists(atPath: file) else {
      throw GraftError(
        .missingInput, "no data file '\(relative)' under '\(path)'",
        hint:
          "put it at '\(file)', or name another folder with --data DIR or \(Self.environmentVariable); "
          + "the task's provenance says where it comes from.")
    }
    return file
  }
}
