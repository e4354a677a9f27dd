import Support

/// What bears on texts, labels and scores of a definition, as a text that is the same however its files are written:
/// order of keys, comments, quotation marks and `extends` make no difference. Every key is in it but those that are
/// named here, so that a new one is without anybody's doing.
struct CanonicalDefinition: Sendable {
  /// Keys that say nothing of texts, labels or scores. What `extends` takes over is in the definition as its own; a
  /// rendering has a hash of its own; and results say which task a suite was put through.
  static let silentKeys: Set<String> = [
    "extends", "tags", "provenance", "golden", "counts", "seeds", "renderings", "through",
  ]
  /// Keys of `source` and of parts that decide nothing about a row that is read.
  static let silentSourceKeys: Set<String> = ["ragged"]

  private var keys: [String: String] = [:]
  private var source: [String: String] = [:]
  private var splits: [String: String] = [:]

  /// Of one file.
  init(_ record: [String: YAMLValue]) throws(GraftError) {
    for (key, value) in record where !Self.silentKeys.contains(key) {
      switch key {
      case "source": source = try Self.source(value)
      case "splits":
        for entry in try value.entries() { splits[entry.key] = try Self.split(entry.value) }
      default: keys[key] = try Self.text(value)
      }
    }
  }

  /// This file's keys over those of its base, as of `DefinitionFile`.
  func over(_ base: CanonicalDefinition) -> CanonicalDefinition {
    var result = self
    result.keys.merge(base.keys) { own, _ in own }
    // The first of other metrics is another.
    if keys["metrics"] != nil { result.keys["primaryMetric"] = keys["primaryMetric"] }
    result.source.merge(base.source) { own, _ in own }
    result.splits.merge(base.splits) { own, _ in own }
    return result
  }

  /// - Parameters:
  ///   - names: the splits that there are.
  ///   - heldOut: those of them that are held out of others, in the order in which they take their shares.
  func text(splits names: [String], heldOut: [String]) -> String {
    var keys = keys
    keys["source"] = Self.record(source)
    keys["splits"] = Self.record(splits.filter { names.contains($0.key) })
    keys["held out in turn"] = Self.list(heldOut.map(\.jsonLiteral))
    return Self.record(keys)
  }

  private static func source(_ value: YAMLValue) throws(GraftError) -> [String: String] {
    var result: [String: String] = [:]
    for entry in try value.entries() where !silentSourceKeys.contains(entry.key) {
      result[entry.key] = try text(entry.value)
    }
    return result
  }

  /// One part and a list of one are the same, as are a file's name and a part with nothing else.
  private static func split(_ value: YAMLValue) throws(GraftError) -> String {
    var record: [String: YAMLValue] = [:]
    if value.isMapping {
      for entry in try value.entries() { record[entry.key] = entry.value }
    }
    if record["heldOutOf"] != nil || value.isNull { return try text(value) }
    let parts = record["parts"] ?? value
    var texts: [String] = []
    for part in try parts.isSequence ? parts.list() : [parts] {
      texts.append(Self.record(part.isMapping ? try source(part) : ["file": try text(part)]))
    }
    return Self.record(["parts": list(texts), "exclude": try record["exclude"].map(text) ?? "null"])
  }

  private static func text(_ value: YAMLValue) throws(GraftError) -> String {
    if value.isNull { return "null" }
    if value.isSequence {
      var texts: [String] = []
      for element in try value.list() { texts.append(try text(element)) }
      return list(texts)
    }
    guard value.isMapping else { return try value.string().jsonLiteral }
    var members: [(key: String, text: String)] = []
    for entry in try value.entries() { members.append((entry.key, try text(entry.value))) }
    return record(members)
  }

  private static func list(_ texts: [String]) -> String { "[\(texts.joined(separator: ","))]" }

  private static func record(_ members: [String: String]) -> String {
    record(members.map { (key: $0.key, text: $0.value) })
  }

  private static func record(_ members: [(key: String, text: String)]) -> String {
    let sorted = members.sorted { ByteString($0.key) < ByteString($1.key) }
    return "{\(sorted.map { "\($0.key.jsonLiteral):\($0.text)" }.joined(separator: ","))}"
  }
}
