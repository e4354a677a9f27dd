import Foundation
import Support

/// From what a person typed to the files meant.
public enum CorpusFiles {
  /// Bytes that are read to find other files with faults, at most.
  private static let mostToLookThrough = 1 << 30

  /// An error about what one file holds, with the names of those after it that cannot be read either: a person mends
  /// all of them at once.
  static func naming(
    _ error: GraftError, others: some Sequence<String>, _ options: CorpusOptions
  ) -> GraftError {
    guard error.code == .badData else { return error }
    var (bad, bytes) = ([String](), 0)
    for path in others where bytes < mostToLookThrough {
      do throws(GraftError) {
        let reader = try DocumentReader(path: path, options: options)
        defer { bytes += reader.bytesRead }
        try reader.forEachPiece { _ in }
      } catch {
        if error.code == .badData { bad.append(path) }
      }
    }
    guard !bad.isEmpty else { return error }
    var all = error
    all.message += "; these cannot be read either: \(list(bad))"
    return all
  }

  /// The first ten of some paths, and how many more there are.
  private static func list(_ paths: [String]) -> String {
    let names = paths.prefix(10).map { "'\(GraftError.shown($0, limit: GraftError.longestName))'" }
    return names.joined(separator: ", ") + (paths.count > names.count ? " and \(paths.count - names.count) more" : "")
  }

  /// Files for themselves, directories for the files in them (and in theirs), patterns with `*`, `?` or `[`
  /// for what they match, `-` for standard input. Of a directory hidden files, READMEs (`README`, `readme.md`, but not
  /// `readme_novel.txt`), files that hold no text by their first bytes, links to nothing and linked directories are
  /// left out, which is posted with their names. What one argument stands for is sorted by name.
  /// - Throws: `.missingInput` if arguments stand for no file, naming all of them.
  public static func expand(_ arguments: [String]) throws(GraftError) -> [String] {
    var result: [String] = []
    var missing: [(argument: String, error: GraftError)] = []
    for argument in arguments {
      do throws(GraftError) {
        let found = try expand(argument)
        guard !found.isEmpty else { throw GraftError(.missingInput, "'\(argument)' has no files in it") }
        result += found
      } catch {
        guard error.code == .missingInput else { throw error }
        missing.append((argument, error))
      }
    }
    guard missing.count > 1 else {
      if let (_, error) = missing.first { throw error }
      return result
    }
    throw GraftError(
      .missingInput,
      "\(missing.count) of \(arguments.count) inputs are not there: \(list(missing.map(\.argument)))",
      hint: missing.compactMap(\.error.hint).first)
  }

  private static func expand(_ argument: String) throws(GraftError) -> [String] {
    if argument == DocumentReader.standardInput { return ["/dev/stdin"] }
    if Paths.isFolder(argument) { return try files(under: argument) }
    if FileManager.default.fileExists(atPath: argument) { return [argument] }
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
      if Paths.isFolder(path) {
        result += try files(under: path)
      } else {
        result.append(path)
      }
    }
    return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// - Throws: `.inputOutput` for a folder or file that cannot be read.
  private static func files(under directory: String) throws(GraftError) -> [String] {
    var result: [String] = []
    var left: [(kind: String, name: String)] = []
    var folders = [""]
    while let folder = folders.popLast() {
      let place = folder.isEmpty ? directory : Paths.join(directory, folder)
      let names: [String]
      do { names = try FileManager.default.contentsOfDirectory(atPath: place) } catch {
        throw GraftError(.inputOutput, "cannot list the folder '\(place)'", cause: error)
      }
      for name in names {
        let relative = folder.isEmpty ? name : "\(folder)/\(name)"
        let path = Paths.join(directory, relative)
        var (status, own) = (stat(), stat())
        let isThere = stat(path, &status) == 0
        // A link to a folder that is named is followed; those within are not, lest they lead in a circle.
        let isLink = lstat(path, &own) == 0 && own.st_mode & S_IFMT == S_IFLNK
        // What training wrote is no text; to read it would change the corpus under a run that is resumed.
        let reason: String? =
          if name.hasPrefix(".") { "hidden" } else if !isThere { "a link to nothing" } else {
            switch status.st_mode & S_IFMT {
            case S_IFDIR: isLink ? "a linked folder" : RunLock.wasHeld(in: path) ? "a run of graft" : nil
            case S_IFREG: try reasonToLeave(path, name)
            default: "no file"
            }
          }
        if let reason {
          left.append((reason, relative))
        } else if status.st_mode & S_IFMT == S_IFDIR {
          folders.append(relative)
        } else {
          result.append(path)
        }
      }
    }
    post(left, directory, read: result.count)
    return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Why a regular file of a folder is no text to read; nil for a text.
  private static func reasonToLeave(_ path: String, _ name: String) throws(GraftError) -> String? {
    if isReadme(name) { return "a README" }
    let file = try MappedFile(path)
    // Their bytes can look like those of a text in UTF-16.
    if file.withBytes(TokenShard.isOne) { return "tokens of graft" }
    return file.isBinary ? "no text" : nil
  }

  /// `README`, `readme.md`, `Readme.en.txt`.
  private static func isReadme(_ name: String) -> Bool {
    let name = name.lowercased()
    return name == "readme" || name.hasPrefix("readme.")
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
