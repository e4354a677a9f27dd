import Support

/// What files know a definition by: SHA-256 of its canonical form, with the number of that form before it.
public struct DefinitionHash: Sendable, Hashable {
  /// Raised when the same definition comes to have another canonical form.
  static let form = 2

  /// As files have it: `2:9f86d0…`.
  public let text: String
  /// What runs and results of before forms had numbers call it.
  public let former: String

  /// - Parameters:
  ///   - canonical: what bears on texts, labels and scores.
  ///   - former: what was hashed of it before forms had numbers.
  init(of canonical: String, former: String) {
    text = "\(Self.form):\(ContentHash.of(canonical))"
    self.former = ContentHash.of(former)
  }

  /// The hash of a definition that is changed in what the lines say.
  func changed(_ lines: String...) -> DefinitionHash {
    let change = lines.map { "\n\($0)" }.joined()
    return DefinitionHash(of: text + change, former: former + change)
  }

  /// Whether a hash that stands in a file, now or of before, is of this definition.
  public func isSame(as hash: String) -> Bool { hash == text || hash == former }

  /// Whether two hashes that stand in files can be compared: they are of the same form.
  public static func areComparable(_ first: String, _ second: String) -> Bool {
    first.split(separator: ":").dropLast() == second.split(separator: ":").dropLast()
  }
}
