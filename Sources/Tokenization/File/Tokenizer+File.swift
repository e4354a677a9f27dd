import Foundation
import Support

extension Tokenizer {
  static let fileName = "tokenizer.json"

  /// The file meant by a path: itself, or `tokenizer.json` in it if it is a directory.
  public static func resolve(_ path: String) -> String {
    Paths.isFolder(path) ? Paths.join(path, fileName) : path
  }

  /// Reads a `tokenizer.json`, or the one in a directory. A directory without one may hold the older files of
  /// transformers, `vocab.txt` of BERT or `vocab.json` and `merges.txt` of GPT-2.
  /// - Throws: `.missingInput` if there is none, `.badData` naming the key and place of what is not as it
  /// must be.
  public convenience init(contentsOf path: String) throws(GraftError) {
    let file = Self.resolve(path)
    if Paths.isFolder(path), !FileManager.default.fileExists(atPath: file),
      let json = try LegacyTokenizerFiles(folder: path).json()
    {
      do throws(GraftError) {
        try self.init(jsonBytes: json, file: file, declared: LegacyTokenizerFiles(folder: path).declaredTokens())
      } catch {
        // There is no such file, and its lines are nobody's.
        var error = error
        error.location = SourceLocation(file: LegacyTokenizerFiles(folder: path).mainFile)
        error.hint =
          "it is read as a tokenizer.json that says the same; do the folder's files belong together?"
        throw error
      }
      return
    }
    do throws(GraftError) {
      let declared = LegacyTokenizerFiles(folder: Paths.parent(of: file)).declaredTokens()
      self.init(
        try MappedFile(file).withBytes { (bytes) throws(GraftError) in
          try TokenizerFile.parts(bytes, file: file, declared: declared)
        })
    } catch {
      var error = error
      if error.code == .missingInput { error.hint = "`graft tokenizer train` makes a tokenizer.json." }
      if ["vocab.txt", "merges.txt"].contains(where: { file.hasSuffix("/\($0)") || file == $0 }) {
        error = GraftError(
          .badData, "'\(file)' is one of the older files of a tokenizer, not a tokenizer.json",
          hint: "give the folder that it lies in.")
      }
      throw error
    }
  }

  /// Reads the text of a `tokenizer.json`; `file` is its name in errors.
  public convenience init(json bytes: UnsafeRawBufferPointer, file: String) throws(GraftError) {
    self.init(try TokenizerFile.parts(bytes, file: file))
  }

  convenience init(jsonBytes: [UInt8], file: String, declared: [String: String] = [:]) throws(GraftError) {
    let parts: Result<TokenizerParts, GraftError> = jsonBytes.withUnsafeBytes { bytes in
      Result { () throws(GraftError) in try TokenizerFile.parts(bytes, file: file, declared: declared) }
    }
    self.init(try parts.get())
  }
}
