import ArgumentParser
import Foundation
import Support
import Tokenization

/// A command that writes files. What it declares is checked before it runs.
protocol WritingCommand: ParsableCommand {
  func files() throws(GraftError) -> CommandFiles
}

/// What the options of a command name: what is written, and what is read and must not be lost by it.
struct CommandFiles {
  var outputs: [CommandOutput]
  /// Files and folders, under any name.
  var inputs: [String]
  /// Files and folders of text; every file of such a folder is read.
  var corpus: [String]

  /// - Parameters:
  ///   - outputs: nil for an option that was not given.
  ///   - inputs: likewise.
  init(_ outputs: CommandOutput?..., reading inputs: [String?] = [], corpus: [String] = []) {
    self.outputs = outputs.compactMap(\.self)
    self.inputs = inputs.compactMap(\.self)
    self.corpus = corpus
  }
}

/// A file or folder that a command writes, and by what an earlier one of its own is known.
struct CommandOutput {
  enum Kind {
    /// Replaced if it is the command's own, or empty.
    case file(isOwn: (_ path: String) throws(GraftError) -> Bool)
    /// Filled if it holds nothing but what is the command's own.
    case folder(isOwn: (_ names: Set<String>) -> Bool)
    /// Nothing may stand there.
    case new
  }

  var path: String
  var kind: Kind

  /// No result of a command is longer; more is not read to find out what it is.
  private static let longest = 1 << 28

  /// JSON, known by its kind, or by keys that it has all of where it does not say that; a list by those of its first
  /// object.
  /// - Parameter keys: several sets for a command that writes several kinds.
  static func json(_ path: String?, _ kinds: FileKind..., keys: Set<String>...) -> CommandOutput? {
    guard let path, path != "-" else { return nil }
    return CommandOutput(
      path: path,
      kind: .file { (path) throws(GraftError) in
        let file = try MappedFile(path)
        guard file.bytes.count <= longest, let found = try? JSONFile.value(FileHead.self, in: file.data()) else {
          return false
        }
        guard found.kindName == nil else { return found.kind.map(kinds.contains) ?? false }
        return found.keys.isEmpty || keys.contains { found.keys.isSuperset(of: $0) }
      })
  }

  /// A tokenizer.json, or a folder for one.
  static func tokenizer(_ path: String) -> CommandOutput? {
    json(path.isEmpty ? path : Tokenizer.resolve(path), keys: ["added_tokens", "model"])
  }

  /// Text, known by what stands in its first four KiB.
  static func text(_ path: String, marker: String) -> CommandOutput {
    CommandOutput(
      path: path,
      kind: .file { (path) throws(GraftError) in
        try MappedFile(path).withBytes { String(decoding: $0.prefix(4096), as: UTF8.self).contains(marker) }
      })
  }

  /// A folder, known by the names in it.
  static func folder(_ path: String?, isOwn: @escaping (_ names: Set<String>) -> Bool) -> CommandOutput? {
    path.map { CommandOutput(path: $0, kind: .folder(isOwn: isOwn)) }
  }

  static func new(_ path: String) -> CommandOutput { CommandOutput(path: path, kind: .new) }
}
