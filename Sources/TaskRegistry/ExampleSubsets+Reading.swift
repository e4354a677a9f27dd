import Support

extension ExampleSubsets {
  private static let keys = ["definitionHash", "format", "kind", "made", "split", "subsets", "task"]

  /// Reads a file strictly: every key must be there, but for `kind` in older files, and none beside them, and every identifier must be of the file's
  /// task and split and stand in a subset once.
  ///
  /// - Throws: `.missingInput` without the file, `.badData` with line and column for what is wrong.
  public static func read(_ path: String) throws(GraftError) -> ExampleSubsets {
    let bytes = try FileContents.read(path)
    var result: ExampleSubsets?
    var failure: GraftError?
    bytes.withUnsafeBytes { bytes in
      do throws(GraftError) { result = try SubsetsReader(bytes: bytes, path: path).subsets() } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard let result else { throw GraftError(.internalError, "no subsets were read from '\(path)'") }
    return result
  }

  /// Turns JSON into subsets, with the place of each error.
  private struct SubsetsReader {
    let bytes: UnsafeRawBufferPointer
    let path: String

    func subsets() throws(GraftError) -> ExampleSubsets {
      let root: JSONValue
      do throws(JSONSyntaxError) {
        root = try JSONValue(parsing: bytes)
      } catch {
        throw error.graftError(in: bytes, file: path)
      }
      let members = try members(root, "a subsets file")
      for (key, value) in members where !keys.contains(key) {
        throw .unknownName(
          "key of a subsets file", key, known: keys, location: place(value), code: .badData)
      }
      func member(_ key: String) throws(GraftError) -> JSONValue {
        guard let value = members.first(where: { $0.key == key })?.value else {
          throw error("a subsets file needs '\(key)'", root)
        }
        return value
      }
      let format = try member("format")
      guard try string(format, "format") == currentFormat else {
        throw error("'format' is not '\(currentFormat)'", format)
      }
      if let kind = members.first(where: { $0.key == "kind" })?.value,
        try string(kind, "kind") != ExampleSubsets.kind.rawValue
      {
        throw error("'kind' is not '\(ExampleSubsets.kind.rawValue)'", kind)
      }
      let task = try string(member("task"), "task")
      let split = try string(member("split"), "split")
      var subsets: [String: [String]] = [:]
      for (name, value) in try self.members(member("subsets"), "'subsets'") {
        subsets[name] = try identifiers(value, name, prefix: "\(task)/\(split)/")
      }
      return ExampleSubsets(
        task: task, split: split, definitionHash: try string(member("definitionHash"), "definitionHash"),
        made: try string(member("made"), "made"), subsets: subsets)
    }

    private func identifiers(
      _ value: JSONValue, _ subset: String, prefix: String
    ) throws(GraftError) -> [String] {
      guard case .array(let elements) = value.kind else {
        throw error("subset '\(subset)' is \(value.kind.name), not an array of identifiers", value)
      }
      var identifiers: [String] = []
      var seen = Set<String>()
      for element in elements {
        let identifier = try string(element, "subset '\(subset)'")
        guard identifier.hasPrefix(prefix), Int(identifier.dropFirst(prefix.count)) != nil else {
          throw error(
            "'\(identifier)' in subset '\(subset)' is no example of this task and split", element,
            hint: "identifiers are '\(prefix)' and the number of the row.")
        }
        guard seen.insert(identifier).inserted else {
          throw error("'\(identifier)' stands twice in subset '\(subset)'", element)
        }
        identifiers.append(identifier)
      }
      return identifiers
    }

    private func members(
      _ value: JSONValue, _ what: String
    ) throws(GraftError) -> [(key: String, value: JSONValue)] {
      guard case .object(let members) = value.kind else {
        throw error("\(what) is \(value.kind.name), not an object", value)
      }
      return members
    }

    private func string(_ value: JSONValue, _ what: String) throws(GraftError) -> String {
      guard case .string(let text) = value.kind else {
        throw error("expected a string in \(what), got \(value.kind.name)", value)
      }
      return text
    }

    private func place(_ value: JSONValue) -> SourceLocation {
      SourceLocation(offset: value.offset, in: bytes, file: path)
    }

    private func error(_ message: String, _ value: JSONValue, hint: String? = nil) -> GraftError {
      GraftError(.badData, message, hint: hint, location: place(value))
    }
  }
}
