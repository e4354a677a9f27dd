import Support

/// What makes one of a task's choices of a text that a model wrote, where the text is not itself one of them.
public protocol Postprocessor: Sendable {
  /// - Parameter settings: what stands after the name in the task file, if anything.
  /// - Throws: `.badData` for settings it does not know.
  init(settings: YAMLValue?) throws(GraftError)

  /// Fields it compares the text with.
  var neededFields: [String] { get }

  /// The index among the task's choices; nil if the text is no answer at all.
  func choice(_ text: String, fields: [String: String]) -> Int?
}

/// A postprocessor as a task file names it.
struct PostprocessorStep: Sendable {
  var name: String
  var postprocessor: any Postprocessor
  /// Name and settings in one line, for the former hash of the definition.
  var description: String

  init(_ value: YAMLValue) throws(GraftError) {
    let (name, settings) = try value.namedSettings("postprocessor")
    self.name = name
    description = value.description
    postprocessor = try value.location.locating { () throws(GraftError) in
      try Postprocessors.registry(name, location: value.location).init(settings: settings)
    }
  }
}

/// The postprocessors by the names that task files use.
public enum Postprocessors {
  /// What task files can name; a further postprocessor is one line here.
  public static let registry = Registry<any Postprocessor.Type>(
    kind: "postprocessor", listCommand: "graft list postprocessors",
    [
      (
        "same-referent", "the second choice if the text names what a field names, else the first",
        SameReferent.self
      )
    ])
}

/// Whether two phrases name the same thing, as T5 scores WSC: they do if, without capitals and determiners, the words
/// of one are all among the words of the other, and both or neither are possessive.
///
/// Worked example: with the field `The city councilmen`, `councilmen` is the second choice and `the demonstrators` the
/// first.
struct SameReferent: Postprocessor {
  let field: String

  private static let determiners: Set<ByteString> = [
    "a", "an", "few", "her", "his", "each", "every", "many", "much", "my", "our", "some", "that", "the",
    "their",
    "these", "this", "those", "which", "whose", "your",
  ]

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings, let value = try settings.record("same-referent", keys: ["field"])["field"] else {
      throw GraftError(
        .badData, "same-referent needs to know its field", hint: "write same-referent: {field: referent}.")
    }
    field = try value.string()
  }

  var neededFields: [String] { [field] }

  func choice(_ text: String, fields: [String: String]) -> Int? {
    let answer = Self.words(text)
    let referent = Self.words(fields[field] ?? "")
    guard !answer.isEmpty else { return 0 }
    let arePossessive = [answer, referent].map { $0.contains { $0.text.utf8.contains(UInt8(ascii: "'")) } }
    guard arePossessive[0] == arePossessive[1] else { return 0 }
    return answer.isSubset(of: referent) || referent.isSubset(of: answer) ? 1 : 0
  }

  private static func words(_ text: String) -> Set<ByteString> {
    Set(text.lowercased().split(whereSeparator: \.isWhitespace).map { ByteString($0) }).subtracting(
      determiners)
  }
}
