import Support

/// The recipe of a command within a grid: keys, which are the command's flags, with their values and places. What is
/// put on top takes the place of what is below.
public struct GridRecipe: Sendable {
  /// A key with its value.
  public struct Setting: Sendable {
    /// The flag without its dashes.
    public var key: String
    /// What it is set to; `null` to take out what is below.
    public var value: YAMLValue
    /// Of the key.
    public var location: SourceLocation
  }

  /// In the order of the file, each key once.
  public private(set) var settings: [Setting] = []

  init(_ settings: [Setting] = []) { self.settings = settings }

  /// - Parameter value: a mapping, or the name of a file that holds one.
  /// - Throws: `.badData` with the place for anything else; `.missingInput` without the file.
  init(_ value: YAMLValue) throws(GraftError) {
    let source = value.isMapping ? value : try YAMLValue.file(value.string())
    settings = try source.entries().map { Setting(key: $0.key, value: $0.value, location: $0.location) }
  }

  /// The recipe with changes on top.
  /// - Parameter alternatives: keys of which one stands for the others, as `steps` and `flops` do.
  func changed(by changes: GridRecipe, alternatives: [[String]]) -> GridRecipe {
    let given = Set(changes.settings.filter { !$0.value.isNull }.map(\.key))
    let displaced = Self.displaced(by: given, alternatives).union(changes.settings.map(\.key))
    return GridRecipe(settings.filter { !displaced.contains($0.key) } + changes.settings)
  }

  /// The keys that those given take the place of, themselves included.
  public static func displaced(by given: Set<String>, _ alternatives: [[String]]) -> Set<String> {
    alternatives.filter { !given.isDisjoint(with: $0) }.reduce(given) { $0.union($1) }
  }

  /// What a key is set to; nil if it is not.
  subscript(_ key: String) -> YAMLValue? { settings.last { $0.key == key }?.value }

  func without(_ keys: [String]) -> GridRecipe { GridRecipe(settings.filter { !keys.contains($0.key) }) }

  /// The settings in a line, for tables: `optimizer muon, learning-rate 0.02`.
  var summary: String {
    settings.map { setting in
      let texts = (try? setting.value.strings()) ?? (try? setting.value.string()).map { [$0] }
      return "\(setting.key) \(texts?.joined(separator: " ") ?? "null")"
    }.joined(separator: ", ")
  }
}
