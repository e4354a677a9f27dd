import Foundation
import Support

/// From what a person typed to the files meant.
public enum CorpusFiles {
  /// Files for themselves, directories for the files in them (and in theirs), patterns with `*`, `?` or `[`
  /// for what they match, `-` for standard input. Of a directory hidden files, READMEs (`README`, `readme.md`, but not
  /// `readme_novel.txt`), files that hold no text by their first bytes, links to nothing and linked directories are left
  /// out, which is posted with their names. What one argument stands for is sorted by name.
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
    if argument == DocumentReader.standardInput { return ["/dev/stdin"] }
    if FileManager.default.fileExists(atPath: argument, isDirectory: &isDirectory) {
      return isDirectory.boolValue ? try files(under: argument) : [argument]
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
        result += try files(under: path)
      } else {
        result.append(path)
      }
    }
    return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// - Throws: `.inputOutput` for a folder or file that cannot be read.
  private static func files(under directory: String) throws(GraftError) -> [String] {
    var problem: GraftError?
    // A link that is named is followed; those within are not, lest they lead in a circle.
    let start = URL(filePath: Paths.resolved(directory) ?? directory, directoryHint: .isDirectory)
    let walker = FileManager.default.enumerator(
      at: start, includingPropertiesForKeys: nil,
      errorHandler: { url, error in
        problem = problem ?? GraftError(.inputOutput, "cannot list the folder '\(url.path)'", cause: error)
        return false
      })
    var result: [String] = []
    var left: [(kind: String, name: String)] = []
    while let url = walker?.nextObject() as? URL {
      let relative = url.pathComponents.dropFirst(start.pathComponents.count).joined(separator: "/")
      let path = Paths.join(directory, relative)
      var status = stat()
      let isThere = stat(path, &status) == 0
      let isFolder = isThere && status.st_mode & S_IFMT == S_IFDIR
      let name = Paths.name(of: relative)
      if name.hasPrefix(".") {
        if isFolder { walker?.skipDescendants() }
        left.append(("hidden", relative))
      } else if !isThere {
        left.append(("a link to nothing", relative))
      } else if isFolder {
        var own = stat()
        if lstat(path, &own) == 0, own.st_mode & S_IFMT == S_IFLNK {
          left.append(("a linked folder", relative))
        } else if isRun(path) {
          walker?.skipDescendants()
          left.append(("a run of graft", relative))
        }
      } else if isReadme(name) {
        left.append(("a README", relative))
      } else if status.st_mode & S_IFMT != S_IFREG {
        left.append(("no file", relative))
      } else if try MappedFile(path).isBinary {
        left.append(("no text", relative))
      } else {
        result.append(path)
      }
    }
    if let problem { throw problem }
    post(left, directory, read: result.count)
    return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// `README`, `readme.md`, `Readme.en.txt`.
  private static func isReadme(_ name: String) -> Bool {
    let name = name.lowercased()
    return name == "readme" || name.hasPrefix("readme.")
  }

  /// Whether a folder is a run's, which has a `lock` with the number of a process in it from its first moment on. What
  /// training wrote is no text; to read it would change the corpus under a run that is resumed.
  private static func isRun(_ folder: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: Paths.join(folder, "lock")) else { return false }
    defer { try? handle.close() }
    guard let text = try? handle.read(upToCount: 32), text.last == UInt8(ascii: "\n"), text.count < 32 else {
      return false
    }
    return text.count > 1 && text.dropLast().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func post(_ left: [(kind: String, name: String)], _ directory: String, read: Int) {
    guard !left.isEmpty else { return }
    let named = left.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.prefix(5)
      .map { "\($0.name) (\($0.kind))" }
    let rest = left.count > named.count ? " and \(left.count - named.count) more" : ""
    Notices.post(
      "'\(directory)': \(read) file\(read == 1 ? "" : "s") read, \(left.count) left out: "
        + named.joined(separator: ", ") + rest)
  }
}
