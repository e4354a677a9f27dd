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
  /// Name and settings in one line, for the hash of the definition.
  var description: String

  init(_ value: YAMLValue) throws(GraftError) {
    description = value.description
    var settings: YAMLValue?
    if value.isMapping {
      let entries = try value.entries()
      guard entries.count == 1, let entry = entries.first else {
        throw value.error("a preprocessor is a name, or one name with its settings")
      }
      name = entry.key
      settings = entry.value.isNull ? nil : entry.value
    } else {
      name = try value.string()
    }
    do throws(GraftError) {
      preprocessor = try Preprocessors.table(name, location: value.location).init(settings: settings)
    } catch {
      // The name comes from a file, not from the command line.
      var located = error
      located.code = .badData
      throw located
    }
  }
}

/// The preprocessors by the names that task files use.
public enum Preprocessors {
  public static let table = Registry<any Preprocessor.Type>(
    kind: "preprocessor", listCommand: "graft list preprocessors",
    [
      ("collapse-spaces", "runs of white space become one space", CollapseSpaces.self),
      ("join-punctuation", "undoes tokenisation of punctuation and contractions", JoinPunctuation.self),
      ("lowercase", "lower case", Lowercase.self),
      ("round-to-fifth", "a number as the nearest multiple of 0.2 with one decimal", RoundToFifth.self),
      ("trim", "white space at both ends goes", Trim.self),
    ])
}
