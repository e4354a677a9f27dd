import Support

/// A named change to the fields of a row, applied before templates are filled.
public protocol Preprocessor: Sendable {
  /// - Parameter settings: what stands after the name in the task file, if anything.
  /// - Throws: `.badData` for settings it does not know.
  init(settings: YAMLValue?) throws(GraftError)

  /// Fields that rows have only after it.
  var addedFields: [String] { get }

  /// - Parameter label: the name of the label field, which is left alone unless named.
  /// - Throws: `.badData` if a value is not of the kind it works on.
  func apply(to fields: inout [String: String], label: String) throws(GraftError)
}

/// A preprocessor that changes each field by itself.
protocol FieldwisePreprocessor: Preprocessor {
  /// nil for all but the label.
  var fields: [String]? { get }
  init(fields: [String]?)
  func changed(_ text: String) -> String
}

extension FieldwisePreprocessor {
  var addedFields: [String] { [] }

  init(settings: YAMLValue?) throws(GraftError) {
    guard let settings else {
      self.init(fields: nil)
      return
    }
    let record = try settings.record("this preprocessor", keys: ["fields"])
    self.init(fields: try record["fields"]?.strings())
  }

  func apply(to row: inout [String: String], label: String) throws(GraftError) {
    for name in fields ?? row.keys.filter({ $0 != label }) {
      guard let text = row[name] else {
        throw .unknownName("field", name, known: row.keys)
      }
      row[name] = changed(text)
    }
  }
}

/// A preprocessor as a task file names it.
struct PreprocessorStep: Sendable {
  var name: String
  var preprocessor: any Preprocessor
  /// Name and settings in one line, for the former hash of the definition.
  var description: String

  init(_ value: YAMLValue) throws(GraftError) {
    let (name, settings) = try value.namedSettings("preprocessor")
    self.name = name
    description = value.description
    // The name comes from a file, not from the command line.
    preprocessor = try value.location.locating { () throws(GraftError) in
      try Preprocessors.registry(name, location: value.location).init(settings: settings)
    }
  }
}

extension YAMLValue {
  /// The name of a plugin, and its settings if there are some.
  func namedSettings(_ kind: String) throws(GraftError) -> (name: String, settings: YAMLValue?) {
    guard isMapping else { return (try string(), nil) }
    let entries = try entries()
    guard entries.count == 1, let entry = entries.first else {
      throw error("a \(kind) is a name, or one name with its settings")
    }
    return (entry.key, entry.value.isNull ? nil : entry.value)
  }

  /// The text at a key of a plugin's settings.
  static func required(
    _ key: String, of record: [String: YAMLValue], _ plugin: String, location: SourceLocation
  ) throws(GraftError) -> YAMLValue {
    guard let value = record[key] else {
      throw GraftError(.badData, "\(plugin) needs '\(key)'", location: location)
    }
    return value
  }
}

/// The preprocessors by the names that task files use.
public enum Preprocessors {
  /// What task files can name; a further preprocessor is one line here.
  public static let registry = Registry<any Preprocessor.Type>(
    kind: "preprocessor", listCommand: "graft list preprocessors",
    [
      ("collapse-spaces", "runs of white space become one space", CollapseSpaces.self),
      ("cut-spans", "pieces of a text by where they begin and end", CutSpans.self),
      ("fill", "a field made of others by a template", FillField.self),
      ("find-referent", "what a hypothesis puts in place of a pronoun of its premise", FindReferent.self),
      ("find-words", "which words of a list stand in a text", FindWords.self),
      ("join-punctuation", "undoes tokenisation of punctuation and contractions", JoinPunctuation.self),
      ("lowercase", "lower case", Lowercase.self),
      ("lowercase-first", "the first letter in lower case", LowercaseFirst.self),
      ("lowercase-start", "the first word, if it is in upper case for its place only", LowercaseStart.self),
      ("map-values", "a field's values by others", MapValues.self),
      ("mark-word", "stars around one word of a text", MarkWord.self),
      ("replace", "what fits a regular expression by something else", ReplaceText.self),
      ("round-to-fifth", "a number as the nearest multiple of 0.2 with one decimal", RoundToFifth.self),
      ("trim", "white space at both ends goes", Trim.self),
    ])
}
