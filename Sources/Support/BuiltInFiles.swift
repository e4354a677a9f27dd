import CResources
import Foundation

/// The files of the repository that are part of the executable: those of `Tasks/` and `Checkpoints/`. Whatever reads
/// through `FileContents` or `MappedFile` reads them too, by a path such as `builtin:Tasks/glue/mnli.yaml`.
///
/// `Sources/CResources/files.list` names them; `make resources` writes it anew.
public enum BuiltInFiles {
  private static let prefix = "builtin:"
  /// The variable of the environment that names a folder whose files are read instead.
  public static let homeVariable = "GRAFT_HOME"

  /// A folder of the repository: in the one that `$GRAFT_HOME` names if it is there, else within the executable.
  public static func folder(_ relative: String) -> String {
    let own = ProcessInfo.processInfo.environment[homeVariable].map { "\($0)/\(relative)" }
    guard let own, FileManager.default.fileExists(atPath: own) else { return path(relative) }
    return own
  }

  /// The path of a file or folder of the repository within the executable.
  public static func path(_ relative: String) -> String { prefix + relative }

  /// Whether a path is of a file or folder within the executable.
  public static func isOne(_ path: String) -> Bool { path.hasPrefix(prefix) }

  /// A path of such a file without `..`, which nothing else resolves for it; any other path as it is.
  public static func resolved(_ path: String) -> String {
    guard isOne(path) else { return path }
    var parts: [Substring] = []
    for part in path.split(separator: "/") {
      if part == "..", !parts.isEmpty { parts.removeLast() } else if part != "." { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }

  /// The paths of the files below a folder, in the order of their bytes; the one path if it is that of a
  /// file.
  public static func paths(under path: String) -> [String] {
    all.filter { $0.path.isExactly(path) || $0.path.hasPrefix(path + "/") }.map(\.path)
  }

  /// The names of the files and folders in a folder, in order; of a folder on disk, too, then those it shows.
  public static func names(in folder: String) -> [String] {
    guard isOne(folder) else {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.filter { !$0.hasPrefix(".") }.sorted()
    }
    let below = paths(under: folder).compactMap { $0.dropFirst(folder.count + 1).split(separator: "/").first }
    return Set(below.map(String.init)).sorted()
  }

  /// A file's bytes, which are there as long as the process is.
  /// - Throws: `.missingInput` if there is no such file.
  static func bytes(_ path: String) throws(GraftError) -> UnsafeRawBufferPointer {
    guard let found = all.first(where: { $0.path.isExactly(path) }) else {
      throw GraftError(
        .missingInput, "this graft has no file '\(path)'", hint: "`graft list` says what it has.")
    }
    return UnsafeRawBufferPointer(start: found.file.start, count: found.file.end - found.file.start)
  }

  private static var all: [(path: String, file: graft_file)] {
    (0..<graft_file_count()).map(graft_file_at).map { (prefix + String(cString: $0.path), $0) }
  }
}
