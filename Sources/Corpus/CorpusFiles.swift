import Foundation
import Support

/// From what a person typed to the files meant.
public enum CorpusFiles {
  /// Files for themselves, directories for the files in them (and in theirs), patterns with `*`, `?` or `[`
  /// for what they match; hidden files and README files of a directory are left out. What one argument
  /// stands for is sorted by name.
  /// - Throws: `.missingInput` if an argument stands for no file.
  public static func expand(_ arguments: [String]) throws(GraftError) -> [String] {
    var result: [String] = []
    for argument in arguments {
      let found = try expand(argument)
      guard !found.isEmpty else {
        throw GraftError(.missingInput, "'\(argument)' has no files in it")
      }
      result += found
    }
    return result
  }

  private static func expand(_ argument: String) throws(GraftError) -> [String] {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: argument, isDirectory: &isDirectory) {
      return isDirectory.boolValue ? files(under: argument) : [argument]
    }
    guard argument.contains(where: { "*?[".contains($0) }) else {
      throw GraftError(
        .missingInput, "no such file or directory: '\(argument)'",
        hint: "a corpus is a file, a directory of files, or a quoted pattern such as 'texts/*.txt.gz'.")
    }
    var matches = glob_t()
    defer { globfree(&matches) }
    guard glob(argument, 0, nil, &matches) == 0 else {
      throw GraftError(.missingInput, "no file matches '\(argument)'")
    }
    var result: [String] = []
    for index in 0..<Int(matches.gl_pathc) {
      guard let path = matches.gl_pathv[index].map({ String(cString: $0) }) else { continue }
      if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
        result += files(under: path)
      } else {
        result.append(path)
      }
    }
    return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func files(under directory: String) -> [String] {
    guard let walker = FileManager.default.enumerator(atPath: directory) else { return [] }
    var result: [String] = []
    for case let relative as String in walker {
      let parts = relative.split(separator: "/")
      guard let name = parts.last, !parts.contains(where: { $0.hasPrefix(".") }) else { continue }
      if name.uppercased().hasPrefix("README") { continue }
      let path = Paths.join(directory, relative)
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
        result.append(path)
      }
    }
    return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
