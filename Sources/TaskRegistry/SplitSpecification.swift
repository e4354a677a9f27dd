import Support

/// One file, or one set of line-aligned files, of a split.
struct PartSpecification: Sendable, Hashable {
  static let ownKeys = ["file", "lines", "rows"]

  enum Files: Sendable, Hashable {
    case rows(String)
    /// Field name to file.
    case aligned([String: String])

    var names: [String] {
      switch self {
      case .rows(let file): [file]
      case .aligned(let files): files.values.sorted()
      }
    }
  }

  var files: Files
  var settings: SourceSettings
  /// Inclusive, from 1, as the file has them and before any filter.
  var rows: ClosedRange<Int>?
  var location: SourceLocation

  init(_ value: YAMLValue) throws(GraftError) {
    location = value.location
    if !value.isMapping {
      files = .rows(try DataFolder.name(value))
      settings = SourceSettings()
      return
    }
    let record = try value.record("a part of a split", keys: Self.ownKeys + SourceSettings.keys)
    settings = try SourceSettings(record)
    switch (record["file"], record["lines"]) {
    case (let file?, nil): files = .rows(try DataFolder.name(file))
    case (nil, let lines?):
      var named: [String: String] = [:]
      for entry in try lines.entries() { named[entry.key] = try DataFolder.name(entry.value) }
      files = .aligned(named)
    default:
      throw value.error(
        "a part of a split has either 'file' or 'lines'", hint: "see Docs/ADDING-A-TASK.md.")
    }
    if let value = record["rows"] { rows = try Self.range(value) }
  }

  private static func range(_ value: YAMLValue) throws(GraftError) -> ClosedRange<Int> {
    let text = try value.string()
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    if ends.count == 2, let first = ends[0].isEmpty ? 1 : Int(ends[0]),
      let last = ends[1].isEmpty ? Int.max : Int(ends[1]), first >= 1, first <= last, text != "-"
    {
      return first...last
    }
    throw value.error("'\(text)' is not a range of rows", hint: "write 1-9815, 9816- or -500.")
  }

  /// For hashing and equality of definitions the place in the YAML file does not matter.
  static func == (left: PartSpecification, right: PartSpecification) -> Bool {
    left.files == right.files && left.settings == right.settings && left.rows == right.rows
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(files)
    hasher.combine(settings)
    hasher.combine(rows)
  }
}

/// What a split is made of.
enum SplitSpecification: Sendable, Hashable {
  struct Exclusion: Sendable, Hashable {
    var splits: [String]
    var fields: [String]?
  }

  case parts([PartSpecification], exclude: Exclusion?)
  case heldOut(of: String, share: Double, fields: [String]?)

  init(_ value: YAMLValue) throws(GraftError) {
    if value.isSequence {
      self = .parts(try Self.parts(value), exclude: nil)
      return
    }
    guard value.isMapping else {
      self = .parts([try PartSpecification(value)], exclude: nil)
      return
    }
    let keys = try value.entries().map(\.key)
    if keys.contains("heldOutOf") {
      let record = try value.record("a held-out split", keys: ["heldOutOf", "share", "by"])
      guard let origin = record["heldOutOf"], let shareValue = record["share"] else {
        throw value.error("a held-out split needs 'share', such as 0.05")
      }
      let share = try shareValue.number()
      guard share > 0, share < 1 else { throw shareValue.error("'share' must be between 0 and 1") }
      self = .heldOut(of: try origin.string(), share: share, fields: try record["by"]?.strings())
    } else if keys.contains("parts") {
      let record = try value.record("a split", keys: ["parts", "exclude"])
      guard let parts = record["parts"] else { throw value.error("a split needs 'parts'") }
      self = .parts(try Self.parts(parts), exclude: try record["exclude"].map(Self.exclusion))
    } else {
      self = .parts([try PartSpecification(value)], exclude: nil)
    }
  }

  private static func parts(_ value: YAMLValue) throws(GraftError) -> [PartSpecification] {
    var parts: [PartSpecification] = []
    for element in try value.list() { parts.append(try PartSpecification(element)) }
    guard !parts.isEmpty else { throw value.error("a split needs at least one part") }
    return parts
  }

  private static func exclusion(_ value: YAMLValue) throws(GraftError) -> Exclusion {
    let record = try value.record("'exclude'", keys: ["splits", "by"])
    guard let splits = record["splits"] else { throw value.error("'exclude' needs 'splits'") }
    return Exclusion(splits: try splits.strings(), fields: try record["by"]?.strings())
  }
}
