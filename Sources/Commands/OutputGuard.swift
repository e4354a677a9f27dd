import Foundation
import Support

/// Refuses outputs that would take the place of something of the user's, before any work is done.
enum OutputGuard {
  /// - Parameters:
  ///   - output: a file that is to be written; nil and `-` are none.
  ///   - inputs: files that the command reads, under any name.
  /// - Throws: `.usage` if the output is one of them, by whatever path or link.
  static func check(_ output: String?, reading inputs: [String]) throws(GraftError) {
    guard let output, output != "-", let identity = fileIdentity(output) else { return }
    for input in inputs where input != "-" && fileIdentity(input) == identity {
      throw GraftError(
        .usage, "the output '\(output)' is the input '\(input)', which it would replace",
        hint: "name another file for the output.")
    }
  }

  /// - Parameter corpus: files and folders of text that the command reads.
  /// - Throws: `.usage` if the output is one of the texts.
  static func check(_ output: String, ofCorpus corpus: [String]) throws(GraftError) {
    try check(output, reading: corpus)
    guard fileIdentity(output) != nil else { return }
    for folder in corpus where isFolder(folder) && Paths.isWithin(output, folder) {
      throw GraftError(
        .usage, "the output '\(output)' is a file in the corpus '\(folder)', which it would replace",
        hint: "name a file in another folder for the output.")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// - Parameter marker: a name that only a folder of the command's own has in it.
  /// - Throws: `.usage` for a folder that holds anything but what an earlier run of the command wrote.
  static func check(folder: String, marker: String, command: String) throws(GraftError) {
    let names: [String]
    do {
      guard FileManager.default.fileExists(atPath: folder) else { return }
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw GraftError(.inputOutput, "cannot list the folder '\(folder)'", cause: error)
    }
    guard names.isEmpty || names.contains(marker) else {
      throw GraftError(
        .usage, "the folder '\(folder)' is not empty and not of an earlier \(command)",
        hint: "name a new folder for the output; nothing in this one was touched.")
    }
  }

  /// - Parameter marker: what a file of the command's own has in its first four KiB.
  /// - Throws: `.usage` for an existing file without it.
  static func check(file: String, marker: String, command: String) throws(GraftError) {
    guard fileIdentity(file) != nil, let handle = FileHandle(forReadingAtPath: file) else { return }
    defer { try? handle.close() }
    let start = (try? handle.read(upToCount: 4096)) ?? Data()
    guard start.isEmpty || start.range(of: Data(marker.utf8)) != nil else {
      throw GraftError(
        .usage, "'\(file)' exists and was not written by \(command)",
        hint: "name another file for the output, or remove this one.")
    }
  }

  /// Nil for what is no regular file, which is written into and not replaced.
  private static func fileIdentity(_ path: String) -> FileIdentity? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Paths.identity(path)
  }
}
