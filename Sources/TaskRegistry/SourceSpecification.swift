import Support

/// How rows are written in a file.
public enum RowFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// Tables with tabs or commas, an object per line, one document of JSON, rows of Parquet, elements of XML.
  case tsv, csv, jsonl, json, parquet, xml
  /// A row per line, in one column.
  case text
  /// A row per group of lines between empty lines; its lines are its columns.
  case blocks
  /// A row per file of a folder, in one column.
  case documents

  /// By the end of a table's name, that of gzip aside; nil for another.
  init?(endingOf path: String) {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    switch name.split(separator: ".").last?.lowercased() {
    case "tsv": self = .tsv
    case "csv": self = .csv
    case "jsonl", "ndjson": self = .jsonl
    case "json": self = .json
    case "parquet": self = .parquet
    default: return nil
    }
  }
}

/// Where a file is looked for.
struct DataFolder: Sendable, Hashable {
  /// As written in the task file.
  var name: String
  /// The folder of the task file, for names that begin with a dot.
  var base: String?

  /// - Parameter origin: where the data can be had, for the error if the file is absent.
  func path(of file: String, under root: DataRoot, origin: String?) throws(GraftError) -> String {
    if let base { return joined(joined(base, name), file) }
    return try root.file(joined(name, file), origin: origin)
  }

  /// The name of a folder or file in a definition.
  /// - Throws: `.badData` for one that leads out of the folder it is looked for in.
  static func name(_ value: YAMLValue) throws(GraftError) -> String {
    let name = try value.string()
    guard !name.split(separator: "/").contains("..") else {
      throw value.error(
        "'\(name)' leads out of the folder it is looked for in",
        hint: "name what lies below the data folder, or beside the definition with a 'folder' that begins with './'.")
    }
    return name
  }

  /// Where the file is relative to the data folder; nil for files that stand beside the definition.
  func relativePath(of file: String) -> String? { base == nil ? joined(name, file) : nil }

  private func joined(_ left: String, _ right: String) -> String {
    if right == "." { return left }
    if right.hasPrefix("./") { return joined(left, String(right.dropFirst(2))) }
    return left.isEmpty || left == "." ? right : left.hasSuffix("/") ? left + right : "\(left)/\(right)"
  }
}

/// The settings by which rows are read. Everything is optional: a part takes what it lacks from the task's
/// `source`, and that from the task it extends.
struct SourceSettings: Sendable, Hashable {
  static let keys = [
    "folder", "format", "encoding", "records", "header", "quoted", "ragged", "fields", "patterns",
    "constants",
    "groups",
    "set", "label", "labels", "keep", "drop", "unlabelled",
  ]

  var folder: DataFolder?
  var format: RowFormat?
  var encoding: TextEncoding?
  /// What a row is: the name of an XML element, or the path through nested JSON objects to the innermost list.
  var records: String?
  var header: Bool?
  var quoted: Bool?
  /// Whether rows may have more or fewer columns than the header, or the first row. No part of a definition's hash, as
  /// it decides nothing about a row that is read.
  var ragged: Bool?
  /// Field name to column name or number.
  var fields: [String: String]?
  /// Column to the form its text has, from which further fields are taken.
  var patterns: [String: TextTemplate]?
  /// Fields that are the same in every row.
  var constants: [String: String]?
  /// Group to column, or to a template over the row's fields.
  var groups: [String: String]?
  /// Groups whose column names several values.
  var groupLists: [String: GroupList]?
  var set: SetSpecification?
  var label: String?
  var labels: [ByteString: String]?
  var keep: [String: [String]]?
  var drop: [String: [String]]?
  var unlabelled: Bool?

  init() {}

  init(_ record: [String: YAMLValue]) throws(GraftError) {
    if let value = record["folder"] {
      let name = try DataFolder.name(value)
      let isLocal = name == "." || name.hasPrefix("./")
      if name.hasPrefix("/") {
        throw value.error(
          "'\(name)' is an absolute path",
          hint: "give it relative to the data folder, or to this file, beginning with './'.")
      }
      folder = DataFolder(name: name, base: isLocal ? Paths.parent(of: value.location.file) : nil)
    }
    if let value = record["format"] {
      let name = try value.string()
      guard let known = RowFormat(rawValue: name) else {
        throw value.unknown("format", name, known: RowFormat.allCases.map(\.rawValue))
      }
      format = known
    }
    if let value = record["encoding"] {
      let name = try value.string()
      guard let known = TextEncoding(rawValue: name) else {
        throw value.unknown("encoding", name, known: TextEncoding.allCases.map(\.rawValue))
      }
      encoding = known
    }
    records = try record["records"]?.string()
    header = try record["header"]?.boolean()
    quoted = try record["quoted"]?.boolean()
    ragged = try record["ragged"]?.boolean()
    fields = try record["fields"].map(Self.columns)
    patterns = try record["patterns"].map(Self.patterns)
    if let value = record["constants"] {
      try Self.checkFieldNames(value)
      constants = try value.stringMapping()
    }
    if let value = record["groups"] {
      try Self.checkFieldNames(value)
      (groups, groupLists) = ([:], [:])
    }
    for entry in try record["groups"]?.entries() ?? [] {
      if entry.value.isMapping {
        let (list, column) = try GroupList.read(entry.value)
        groups?[entry.key] = column
        groupLists?[entry.key] = list
        continue
      }
      groups?[entry.key] = try entry.value.string()
      _ = try Self.groupTemplate(entry.value.string(), location: entry.value.location)
    }
    set = try record["set"].map { (value) throws(GraftError) in try SetSpecification(value) }
    label = try record["label"]?.string()
    labels = try record["labels"]?.textMapping()
    keep = try record["keep"].map(Self.valueLists)
    drop = try record["drop"].map(Self.valueLists)
    unlabelled = try record["unlabelled"]?.boolean()
  }

  private static func columns(_ value: YAMLValue) throws(GraftError) -> [String: String] {
    try checkFieldNames(value)
    return try value.stringMapping()
  }

  private static func patterns(_ value: YAMLValue) throws(GraftError) -> [String: TextTemplate] {
    var result: [String: TextTemplate] = [:]
    for entry in try value.entries() {
      let pattern = try TextTemplate(entry.value.string(), location: entry.value.location)
      guard pattern.isPattern else {
        throw entry.value.error(
          "'\(pattern.text)' does not say where its fields end",
          hint: "name each field once, with something literal between one and the next.")
      }
      result[entry.key] = pattern
    }
    return result
  }

  private static func checkFieldNames(_ value: YAMLValue) throws(GraftError) {
    for entry in try value.entries() where !TextTemplate.isFieldName(entry.key) {
      throw GraftError(
        .badData, "'\(entry.key)' cannot name a field",
        hint: "a field name begins with a lower-case letter and has letters, digits, '-' and '_'.",
        location: entry.location)
    }
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
    result.encoding = encoding ?? base.encoding
    result.records = records ?? base.records
    result.header = header ?? base.header
    result.quoted = quoted ?? base.quoted
    result.ragged = ragged ?? base.ragged
    result.fields = fields ?? base.fields
    result.patterns = patterns ?? base.patterns
    result.constants = constants ?? base.constants
    result.groups = groups ?? base.groups
    result.groupLists = groups == nil ? base.groupLists : groupLists
    result.set = set ?? base.set
    result.label = label ?? base.label
    result.labels = labels ?? base.labels
    result.keep = keep ?? base.keep
    result.drop = drop ?? base.drop
    result.unlabelled = unlabelled ?? base.unlabelled
    return result
  }

  /// A group's value as a template over the row's fields; nil if it names a column.
  static func groupTemplate(
    _ text: String, location: SourceLocation? = nil
  ) throws(GraftError) -> TextTemplate? {
    text.contains("{") ? try TextTemplate(text, location: location) : nil
  }

  /// Fields that groups and sets are made of.
  func groupingFields() throws(GraftError) -> [String] {
    var names = set?.by?.fields ?? []
    for text in (groups ?? [:]).values { names += try Self.groupTemplate(text)?.fields ?? [] }
    return names
  }

  var labelField: String { label ?? "label" }
  var isQuoted: Bool { quoted ?? (format == .csv) }

  /// Fields that do not come from a column of their own.
  var derivedFields: [String] {
    (patterns ?? [:]).values.flatMap(\.fields) + (constants.map { Array($0.keys) } ?? [])
  }
}
