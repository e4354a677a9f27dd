/// What a process tells its caller when it ends; the table stands in Docs/CLI.md.
public enum ExitCode: Int32, Sendable, CaseIterable {
  case success = 0
  case requirementNotMet = 3
  case usage = 64
  case badData = 65
  case missingInput = 66
  case internalError = 70
  case inputOutput = 74
  case interrupted = 130
  case terminated = 143
}

/// A place in a file a person can open: `file:line:column`, both counted from 1.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  public var file: String
  public var line: Int?
  public var column: Int?

  public init(file: String, line: Int? = nil, column: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String {
    [file, line.map(String.init), line == nil ? nil : column.map(String.init)]
      .compactMap { $0 }.joined(separator: ":")
  }
}

extension SourceLocation {
  /// Runs `body` and gives its error this place, unless it has one. A wrong name that stands in a file is bad data, not
  /// wrong usage; a file that is named there and missing stays a missing file.
  public func locating<Result>(_ body: () throws(GraftError) -> Result) throws(GraftError) -> Result {
    do throws(GraftError) {
      return try body()
    } catch {
      var located = error
      if located.code == .usage { located.code = .badData }
      located.location = located.location ?? self
      throw located
    }
  }
}

/// The only error type that crosses a module boundary: what happened, where, and what to do about it.
public struct GraftError: Error, Sendable, CustomStringConvertible {
  public var code: ExitCode
  public var message: String
  public var hint: String?
  public var location: SourceLocation?
  /// The text of the underlying error, if there was one.
  public var cause: String?

  public init(
    _ code: ExitCode, _ message: String, hint: String? = nil, location: SourceLocation? = nil,
    cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.hint = hint
    self.location = location
    self.cause = cause.map { Self.reason($0) }
  }

  /// The text a terminal shows, without the leading `error: `; parts of unreasonable length lack their middle.
  public var description: String {
    var text = Self.shown(message)
    if let location { text += " (\(Self.shown(location.description)))" }
    if let cause { text += "\n  cause: \(Self.shown(cause))" }
    if let hint { text += "\n  hint: \(Self.shown(hint))" }
    return text
  }

  /// The error for a name that is none of `known`, with the closest one as a hint.
  /// - Parameter code: `.usage` for a name from the command line, `.badData` for one from a file.
  public static func unknownName(
    _ kind: String, _ name: String, known: some Sequence<String>, list: String? = nil,
    location: SourceLocation? = nil, code: ExitCode = .usage
  ) -> GraftError {
    // A file that is no table may have one name of megabytes, or a million names.
    let all = known.sortedByBytes
    let names = all.prefix(100).map { shown($0, limit: longestName) }
    let name = shown(name, limit: longestName)
    let rest = all.count > names.count ? " and \(all.count - names.count) more" : ""
    var hints: [String] = []
    let short = all.lazy.filter { $0.utf8.count <= longestName }.prefix(10_000)
    if let close = closestName(to: name, in: short) { hints.append("did you mean '\(close)'?") }
    if let list {
      hints.append("`\(list)` shows all.")
    } else {
      hints.append("known: \(names.joined(separator: ", "))\(rest).")
    }
    return GraftError(
      code, "unknown \(kind) '\(name)'", hint: hints.joined(separator: " "), location: location)
  }
}
