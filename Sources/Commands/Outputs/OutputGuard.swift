import ArgumentParser
import Foundation
import Support

/// Refuses outputs that would take the place of something of the user's, before any work is done.
enum OutputGuard {
  /// - Throws: `.usage` for an output that is an input, by whatever path or link, or that somebody else wrote;
  ///   `.inputOutput` for one that cannot be written there.
  static func check(_ command: any WritingCommand) throws(GraftError) {
    let files = try command.files()
    let name = GraftCommand.name(of: type(of: command))
    for output in files.outputs {
      guard !output.path.isEmpty else {
        throw GraftError(.usage, "the name of an output is empty", hint: "give it a name.")
      }
      if case .new = output.kind { try DurableFolder.requireFree(output.path) }
      try check(output.path, reading: files)
      switch output.kind {
      case .file(let isOwn): try check(file: output.path, isOwn, command: name, files)
      case .folder(let isOwn): try check(folder: output.path, isOwn, command: name)
      case .new: break
      }
    }
  }

  private static func check(_ output: String, reading files: CommandFiles) throws(GraftError) {
    guard let identity = identity(output) else { return }
    for input in files.inputs + files.corpus where input != "-" && Self.identity(input) == identity {
      throw GraftError(
        .usage, "the output '\(output)' is the input '\(input)', which it would replace",
        hint: "name another place for the output.")
    }
    for folder in files.corpus where Paths.isFolder(folder) && Paths.isWithin(output, folder) {
      throw GraftError(
        .usage, "the output '\(output)' is a file in the corpus '\(folder)', which it would replace",
        hint: "name a file in another folder for the output.")
    }
  }

  private static func check(
    file: String, _ isOwn: (String) throws(GraftError) -> Bool, command: String, _ files: CommandFiles
  ) throws(GraftError) {
    guard !Paths.isFolder(file) else { throw .folderForFile(file) }
    // The place of a folder that is written, too, is made.
    let above = Paths.parent(of: Paths.place(file))
    let isMade = files.outputs.contains { output in
      guard case .folder = output.kind else { return false }
      return Paths.parent(of: Paths.place(output.path)) == above
    }
    guard isMade || Paths.isFolder(above) else { throw .noFolder(for: file) }
    guard identity(file) != nil, try !MappedFile(file).bytes.isEmpty, try !isOwn(file) else { return }
    throw GraftError(
      .usage, "'\(file)' exists and was not written by \(command)",
      hint: "name another file for the output, or remove this one.")
  }

  private static func check(
    folder: String, _ isOwn: (Set<String>) -> Bool, command: String
  ) throws(GraftError) {
    guard FileManager.default.fileExists(atPath: folder) else { return }
    guard Paths.isFolder(folder) else { throw .fileForFolder(folder) }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw GraftError(.inputOutput, "cannot list the folder '\(folder)'", cause: error)
    }
    guard names.isEmpty || isOwn(Set(names)) else {
      throw GraftError(
        .usage, "the folder '\(folder)' is not empty and not of an earlier \(command)",
        hint: "name a new folder for the output; nothing in this one was touched.")
    }
  }

  /// Nil for what is neither a regular file nor a folder, which is written into and not replaced.
  private static func identity(_ path: String) -> FileIdentity? {
    var status = stat()
    guard stat(path, &status) == 0, [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
    return Paths.identity(path)
  }
}
