import ModelKit
import Support

/// Which parts of a model stay as they are: `embeddings,0-5`.
public struct FrozenParts: Sendable, Hashable, CustomStringConvertible {
  /// A part by how it is written.
  private enum Part: Sendable, Hashable {
    /// What tokens and positions enter with, and what is done to it before the first block.
    case embeddings
    /// Blocks of every stack, from 0.
    case blocks(ClosedRange<Int>)
    /// What a name begins with: `encoder`.
    case named(String)
  }

  private static let embeddings = "embeddings"
  private let parts: [Part]
  public let description: String

  /// - Throws: `.usage` for text of another form.
  public init(parsing text: String) throws(GraftError) {
    func failure(_ part: Substring) -> GraftError {
      GraftError(
        .usage, "cannot read '\(part)' in `freeze:` '\(text)'",
        hint: "write it as embeddings,0-5: embeddings, blocks by number from 0, and parts by name, such as encoder.")
    }
    parts = try text.split(separator: ",", omittingEmptySubsequences: false).map { (part) throws(GraftError) in
      guard let first = part.first else { throw failure(part) }
      if part == Self.embeddings { return .embeddings }
      guard first.isNumber else { return .named(String(part)) }
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high else {
        throw failure(part)
      }
      return .blocks(low...high)
    }
    description = text
  }

  private static func contains(_ part: Part, _ entry: ParameterEntry) -> Bool {
    switch part {
    case .embeddings:
      entry.depth == nil && !entry.isOfHead
        && (entry.role == .embedding || entry.role == .position || entry.name.hasPrefix("embedding"))
    case .blocks(let range): entry.depth.map(range.contains) ?? false
    case .named(let name): entry.name == name || entry.name.hasPrefix("\(name).")
    }
  }

  /// Whether a parameter stays as it is.
  func contains(_ entry: ParameterEntry) -> Bool { parts.contains { Self.contains($0, entry) } }

  /// - Throws: `.usage` for a part that the model does not have.
  func require(in entries: [ParameterEntry]) throws(GraftError) {
    let blocks = (entries.compactMap(\.depth).max() ?? -1) + 1
    for part in parts {
      if case .blocks(let range) = part, range.upperBound >= blocks {
        throw GraftError(
          .usage, "`freeze:` names block \(range.upperBound), the model has \(blocks)",
          hint: blocks > 0 ? "they are counted from 0 to \(blocks - 1)." : "give parts by name.")
      }
      guard entries.contains(where: { Self.contains(part, $0) }) else {
        throw GraftError(
          .usage, "`freeze:` '\(description)' names a part that the model does not have",
          hint: "`graft inspect checkpoint` lists the names.")
      }
    }
  }
}

extension FrozenParts: Codable {
  /// As it is written.
  public init(from decoder: any Decoder) throws {
    try self.init(parsing: decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
