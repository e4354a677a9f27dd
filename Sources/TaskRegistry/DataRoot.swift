import Foundation
import Support

/// The folder the data sets are under: `--data DIR`, else `$GRAFT_DATA`.
public struct DataRoot: Sendable, Hashable {
  /// The variable that names the folder.
  public static let environmentVariable = "GRAFT_DATA"

  /// nil if neither the option nor the variable names a folder. That is an error only once a file is needed
  /// from it, for tasks may bring their files along.
  public let path: String?

  /// The folder that the option names, else the variable; an empty name is none.
  public init(
    option: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    let named = option ?? environment[Self.environmentVariable]
    path = named.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A folder, whether it is there or not.
  public init(_ path: String) { self.path = path }

  /// Where under this folder the file, folder or pattern of a corpus lies that is not where its name says, taken from
  /// `folder`; nil if it is there, or here neither.
  public func place(ofCorpus name: String, besides folder: String = "") -> String? {
    guard let path, !name.isEmpty, !name.hasPrefix("/"), name != "-" else { return nil }
    func exists(_ path: String) -> Bool {
      if FileManager.default.fileExists(atPath: path) { return true }
      guard path.contains(where: { "*?[".contains($0) }) else { return false }
      var matches = glob_t()
      defer { globfree(&matches) }
      return glob(path, 0, nil, &matches) == 0
    }
    guard !exists(folder.isEmpty ? name : "\(folder)/\(name)") else { return nil }
    let here = "\(path)/\(name)"
    return exists(here) ? here : nil
  }

  /// The path of a data file, which may be compressed whether its name says so or not: in place of `a.tsv.gz` an
  /// `a.tsv` is taken, and the other way round.
  ///
  /// - Parameter origin: where the data can be had, if that is known.
  /// - Throws: `.missingInput` that says where to get it and where to put it.
  public func file(_ relative: String, origin: String? = nil) throws(GraftError) -> String {
    let source = origin.map { " It comes from: \($0)." } ?? ""
    guard let path else {
      throw GraftError(
        .missingInput, "no data folder is given, and '\(relative)' is needed from it",
        hint: "name the folder with `data:` DIR or in the environment variable \(Self.environmentVariable)."
          + source)
    }
    let file = Paths.join(path, relative)
    let other = file.hasSuffix(".gz") ? String(file.dropLast(3)) : file + ".gz"
    if let found = [file, other].first(where: { FileManager.default.fileExists(atPath: $0) }) {
      return found
    }
    throw GraftError(
      .missingInput, "no data file '\(relative)' under '\(path)'",
      hint: "put it at '\(file)', or name another folder with `data:` DIR or \(Self.environmentVariable)."
        + source)
  }
}
