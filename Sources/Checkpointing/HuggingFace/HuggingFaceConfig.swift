import Autograd
import Support

/// A `config.json` of transformers, read key by key. What a key's absence means is the reader's to say: the file often
/// leaves out what has its default value.
public struct HuggingFaceConfig: Sendable {
  public let path: String
  private let bytes: [UInt8]
  private let members: [(key: String, value: JSONValue)]

  /// - Throws: `.missingInput` if there is no such file, `.badData` if it is not a JSON object.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    let file = try MappedFile(path)
    bytes = [UInt8](file.data())
    members = try file.withBytes { (buffer) throws(GraftError) in
      if let kind = ForeignFile(buffer) { throw kind.error(path: path, wanted: "a config.json") }
      do throws(JSONSyntaxError) {
        let root = try JSONValue(parsing: buffer)
        guard case .object(let members) = root.kind else {
          throw JSONSyntaxError("the configuration is \(root.kind.name), not an object", at: root.offset)
        }
        return members
      } catch {
        throw error.graftError(in: buffer, file: path)
      }
    }
  }

  /// A file of the same folder, to be read likewise; nil if there is none.
  public func neighbor(_ name: String) throws(GraftError) -> HuggingFaceConfig? {
    let file = Paths.join(Paths.parent(of: path), name)
    return FileContents.exists(file) ? try HuggingFaceConfig(file) : nil
  }

  private init(_ members: [(key: String, value: JSONValue)], within config: HuggingFaceConfig) {
    (path, bytes) = (config.path, config.bytes)
    self.members = members
  }

  /// The object that a key holds, to be read like the whole; nil if it is not there.
  /// - Throws: `.badData` if the key holds something else.
  public func object(_ key: String) throws(GraftError) -> HuggingFaceConfig? {
    guard let value = value(key) else { return nil }
    guard case .object(let members) = value.kind else { throw mismatch(key, value, "an object") }
    return HuggingFaceConfig(members, within: self)
  }

  /// Whether the key is there and not null.
  public func has(_ key: String) -> Bool { value(key) != nil }

  /// Whether the key is there and null, where that says something else than its absence.
  public func isNull(_ key: String) -> Bool {
    guard case .null = members.first(where: { $0.key == key })?.value.kind else { return false }
    return true
  }

  /// Whether the key is not there, null, false, or an empty list or object.
  public func isEmpty(_ key: String) -> Bool {
    switch value(key)?.kind {
    case nil: true
    case .boolean(let flag): !flag
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    default: false
    }
  }

  private func value(_ key: String) -> JSONValue? {
    guard let value = members.first(where: { $0.key == key })?.value else { return nil }
    if case .null = value.kind { return nil }
    return value
  }

  /// The error of a value that Graft cannot do anything with, at its place.
  public func unsupported(_ key: String, hint: String) -> GraftError {
    var shown = "null"
    var offset = 0
    if let value = value(key) {
      offset = value.offset
      shown =
        switch value.kind {
        case .null: "null"
        case .boolean(let flag): "\(flag)"
        case .number(let number): Int(exactly: number).map(String.init) ?? "\(number)"
        case .string(let text): "'\(text)'"
        case .array, .object: value.kind.name
        }
    }
    return failure("'\(key)' is \(shown), which Graft does not support", offset: offset, hint: hint)
  }

  private func failure(_ message: String, offset: Int, hint: String? = nil) -> GraftError {
    let place = bytes.withUnsafeBytes { SourceLocation(offset: offset, in: $0, file: path) }
    return GraftError(.badData, message, hint: hint, location: place)
  }

  private func mismatch(_ key: String, _ value: JSONValue, _ wanted: String) -> GraftError {
    failure("'\(key)' is \(value.kind.name), not \(wanted)", offset: value.offset)
  }

  /// - Throws: `.badData` if the key is missing or holds something else; likewise the others.
  public func integer(_ key: String, default absent: Int? = nil) throws(GraftError) -> Int {
    guard let value = value(key) else {
      guard let absent else {
        throw GraftError(
          .badData, "'\(path)' has no '\(key)'", hint: "it is not a whole config.json of this model_type.")
      }
      return absent
    }
    guard case .number(let number) = value.kind, let integer = Int(exactly: number) else {
      throw mismatch(key, value, "a whole number")
    }
    return integer
  }

  /// A size of the model. It is checked as it is read, because names and products are made of it at once.
  /// - Parameter bounds: from 0 or 1 to a limit of `SizeLimit`.
  /// - Throws: `.badData` also for a size that is out of bounds.
  public func size(
    _ key: String, in bounds: ClosedRange<Int>, default absent: Int? = nil
  ) throws(GraftError) -> Int {
    let size = try integer(key, default: absent)
    guard bounds.contains(size) else {
      throw failure(
        "'\(key)' is \(size), expected \(bounds.lowerBound) to \(bounds.upperBound)",
        offset: value(key)?.offset ?? 0, hint: "config.json is damaged, or not of this model.")
    }
    return size
  }

  public func number(_ key: String, default absent: Double) throws(GraftError) -> Double {
    guard let value = value(key) else { return absent }
    guard case .number(let number) = value.kind, number.isFinite else {
      throw mismatch(key, value, "a number")
    }
    return number
  }

  public func boolean(_ key: String, default absent: Bool) throws(GraftError) -> Bool {
    guard let value = value(key) else { return absent }
    guard case .boolean(let flag) = value.kind else { throw mismatch(key, value, "true or false") }
    return flag
  }

  public func string(_ key: String, default absent: String) throws(GraftError) -> String {
    guard let value = value(key) else { return absent }
    guard case .string(let text) = value.kind else { throw mismatch(key, value, "a string") }
    return text
  }

  /// The first of a list of strings, such as that of the class that was saved; nil if there is none.
  public func firstString(_ key: String) -> String? {
    guard case .array(let elements) = value(key)?.kind, case .string(let text) = elements.first?.kind else {
      return nil
    }
    return text
  }

  /// A list of strings; nil if there is none.
  public func strings(_ key: String) throws(GraftError) -> [String]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value.kind else { throw mismatch(key, value, "a list") }
    var result: [String] = []
    for element in elements {
      guard case .string(let text) = element.kind else { throw mismatch(key, element, "a string") }
      result.append(text)
    }
    return result
  }

  /// A list of lists of whole numbers; nil if there is none.
  public func integerLists(_ key: String) throws(GraftError) -> [[Int]]? {
    guard let value = value(key) else { return nil }
    guard case .array(let lists) = value.kind else { throw mismatch(key, value, "a list") }
    var result: [[Int]] = []
    for list in lists {
      guard case .array(let elements) = list.kind else { throw mismatch(key, list, "a list") }
      var numbers: [Int] = []
      for element in elements {
        guard case .number(let number) = element.kind, let integer = Int(exactly: number) else {
          throw mismatch(key, element, "a whole number")
        }
        numbers.append(integer)
      }
      result.append(numbers)
    }
    return result
  }

  /// The members of an object, in the file's order; numbers as they would be written. Empty if there is no such key.
  public func texts(_ key: String) throws(GraftError) -> [(key: String, value: String)] {
    guard let value = value(key) else { return [] }
    guard case .object(let members) = value.kind else { throw mismatch(key, value, "an object") }
    var result: [(key: String, value: String)] = []
    for (name, member) in members {
      switch member.kind {
      case .string(let text): result.append((name, text))
      case .number(let number): result.append((name, Int(exactly: number).map(String.init) ?? "\(number)"))
      default: throw mismatch("\(key).\(name)", member, "a string")
      }
    }
    return result
  }

  // MARK: What only has one value that Graft computes with

  /// - Parameter wanted: also what the key's absence means.
  public func require(_ key: String, _ wanted: Bool) throws(GraftError) {
    guard try boolean(key, default: wanted) != wanted else { return }
    throw unsupported(key, hint: "only \(wanted) is.")
  }

  public func require(_ key: String, _ wanted: Int) throws(GraftError) {
    guard try integer(key, default: wanted) != wanted else { return }
    throw unsupported(key, hint: "only \(wanted) is.")
  }

  public func require(_ key: String, _ wanted: String) throws(GraftError) {
    guard try string(key, default: wanted) != wanted else { return }
    throw unsupported(key, hint: "only '\(wanted)' is.")
  }

  /// - Throws: `.badData` if the width cannot be dealt to the heads.
  public func requireEvenHeads(_ key: String, heads: Int, width: Int) throws(GraftError) {
    guard heads > 0, width % heads == 0 else {
      throw unsupported(key, hint: "it must divide the width, which is \(width).")
    }
  }

  /// The activation that transformers calls by this name.
  public func activation(_ key: String, default absent: String) throws(GraftError) -> Activation {
    guard let found = Activation(huggingFaceName: try string(key, default: absent)) else {
      throw unsupported(key, hint: "gelu, gelu_new, relu, relu2, sigmoid, silu and tanh are.")
    }
    return found
  }
}

extension Activation {
  /// - Parameter name: in transformers, where the tanh form is `gelu_new` and `gelu` is exact; nil for one Graft lacks.
  public init?(huggingFaceName name: String) {
    switch name {
    case "relu": self = .relu
    case "relu2": self = .squaredReLU
    case "sigmoid": self = .sigmoid
    case "tanh": self = .tanh
    case "silu", "swish": self = .silu
    case "gelu_new", "gelu_fast", "gelu_pytorch_tanh": self = .gelu
    case "gelu", "gelu_python": self = .exactGELU
    default: return nil
    }
  }

  public var huggingFaceName: String {
    switch self {
    case .relu: "relu"
    case .squaredReLU: "relu2"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .silu: "silu"
    case .gelu: "gelu_new"
    case .exactGELU: "gelu"
    }
  }
}
