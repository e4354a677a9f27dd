/// What a process tells its caller when it ends; the table stands in Docs/CLI.md.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// All went well.
  case success = 0
  /// A condition that was set for a score or a speed is not met, or a self-test failed.
  case requirementNotMet = 3
  /// What was asked for makes no sense: an unknown name, a value out of bounds, options that exclude each other.
  case usage = 64
  /// A file does not hold what it should.
  case badData = 65
  /// A file or folder that is to be read is not there.
  case missingInput = 66
  /// What should not happen: a loss or a score that is not finite, no matrix library.
  case internalError = 70
  /// The system refuses to read or write.
  case inputOutput = 74
  /// Ctrl-C (SIGINT); training has saved before. 128 and the signal's number.
  case interrupted = 130
  /// SIGTERM; training has saved before. 128 and the signal's number.
  case terminated = 143
}

/// A place in a file a person can open: `file:line:column`, both counted from 1.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// The path as a person gave it.
  public var file: String
  /// From 1; nil for the file as a whole.
  public var line: Int?
  /// From 1; not shown without a line.
  public var column: Int?

  /// A place in a file, or the file as a whole.
  public init(file: String, line: Int? = nil, column: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, as far as they are known.
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
  /// What the process ends with if nobody catches the error.
  public var code: ExitCode
  /// What happened, without full stop.
  public var message: String
  /// What to do about it, in a sentence; nil where there is nothing to be said.
  public var hint: String?
  /// The place in a file that it happened at.
  public var location: SourceLocation?
  /// The text of the underlying error, if there was one.
  public var cause: String?

  /// - Parameter cause: the error below this one, of which `reason` keeps the text.
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
