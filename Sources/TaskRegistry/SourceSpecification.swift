import Support

/// How rows are written in a file.
public enum RowFormat: String, Sendable, Hashable, Codable, CaseIterable {
  case tsv, csv, jsonl, json
}

/// Where a file is looked for.
struct DataFolder: Sendable, Hashable {
  /// As written in the task file.
  var name: String
  /// The folder of the task file, for names that begin with a dot.
  var base: String?

  func path(of file: String, under root: DataRoot) throws(GraftError) -> String {
    func joined(_ left: String, _ right: String) -> String {
      left.isEmpty || left == "." ? right : left.hasSuffix("/") ? left + right : "\(left)/\(right)"
    }
    if let base { return joined(joined(base, name), file) }
    return try root.file(joined(name, file))
  }
}

/// The settings by which rows are read. Everything is optional: a part takes what it lacks from the task's
/// `source`, and that from the task it extends.
struct SourceSettings: Sendable, Hashable {
  static let keys = [
    "folder", "format", "header", "quoted", "fields", "groups", "label", "labels", "keep", "drop",
    "unlabelled",
  ]

  var folder: DataFolder?
  var format: RowFormat?
  var header: Bool?
  var quoted: Bool?
  /// Field name to column name or number.
  var fields: [String: String]?
  var groups: [String: String]?
  var label: String?
  var labels: [String: String]?
  var keep: [String: [String]]?
  var drop: [String: [String]]?
  var unlabelled: Bool?

  init() {}

  init(_ record: [String: YAMLValue]) throws(GraftError) {
    if let value = record["folder"] {
      let name = try value.string()
      let isLocal = name == "." || name == ".." || name.hasPrefix("./") || name.hasPrefix("../")
      if name.hasPrefix("/") {
        throw value.error(
          "'\(name)' is an absolute path",
          hint: "give it relative to the data folder, or to this file, beginning with './'.")
      }
      folder = DataFolder(name: name, base: isLocal ? parentFolder(value.location.file) : nil)
    }
    if let value = record["format"] {
      let name = try value.string()
      guard let known = RowFormat(rawValue: name) else {
        var error = GraftError.unknownName(
          "format", name, known: RowFormat.allCases.map(\.rawValue), location: value.location)
        error.code = .badData
        throw error
      }
      format = known
    }
    header = try record["header"]?.boolean()
    quoted = try record["quoted"]?.boolean()
    fields = try record["fields"].map(Self.columns)
    groups = try record["groups"].map(Self.columns)
    label = try record["label"]?.string()
    labels = try record["labels"]?.stringMapping()
    keep = try record["keep"].map(Self.valueLists)
    drop = try record["drop"].map(Self.valueLists)
    unlabelled = try record["unlabelled"]?.boolean()
  }

  private static func columns(_ value: YAMLValue) throws(GraftError) -> [String: String] {
    for entry in try value.entries() where !TextTemplate.isFieldName(entry.key) {
      throw GraftError(
        .badData, "'\(entry.key)' cannot name a field",
        hint: "a field name begins with a lower-case letter and has letters, digits, '-' and '_'.",
        location: entry.location)
    }
    return try value.stringMapping()
  }

  private static func valueLists(_ value: YAMLValue) throws(GraftError) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for entry in try value.entries() {
      result[entry.key] = entry.value.isSequence ? try entry.value.strings() : [try entry.value.string()]
    }
    return result
  }

  /// These settings where they are set, those of `base` elsewhere.
  func over(_ base: SourceSettings?) -> SourceSettings {
    guard let base else { return self }
    var result = self
    result.folder = folder ?? base.folder
    result.format = format ?? base.format
    result.header = header ?? base.header
    result.quoted = quoted ?? base.quoted
    result.fields = fields ?? base.fields
    result.groups = groups ?? base.groups
    result.label = label ?? base.label
    result.labels = labels ?? base.labels
    result.keep = keep ?? base.keep
    result.drop = drop ?? base.drop
    result.unlabelled = unlabelled ?? base.unlabelled
    return result
  }

  var labelField: String { label ?? "label" }
  var isQuoted: Bool { quoted ?? (format == .csv) }
}

/// The folder a path is in; empty for the current one.
func parentFolder(_ path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
