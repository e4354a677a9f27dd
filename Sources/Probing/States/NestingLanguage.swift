import Randomness

/// Texts of nested brackets, of which it is known how deep one is in at every byte. A walk goes to one drawn depth
/// after the other, so that all depths are about equally frequent, and closes everything at the end.
public struct NestingLanguage: Sendable, Hashable {
  /// What stands between brackets.
  public enum Style: String, Sendable, Hashable, CaseIterable, Codable {
    /// Three kinds of brackets, and letters that mean nothing: `a([b]{c}d)`.
    case brackets
    /// Statements of a small language without white space: `if(x<3){y=f(z+1);}`.
    case code
  }

  /// What stands between brackets.
  public var style: Style
  /// The greatest depth that is gone to.
  public var deepest: Int
  /// Bytes after which nothing new is opened.
  public var length: Int

  /// - Precondition: `deepest` and `length` are at least 1.
  public init(_ style: Style, deepest: Int, length: Int) {
    precondition(deepest >= 1 && length >= 1, "texts of depth \(deepest) and length \(length)")
    (self.style, self.deepest, self.length) = (style, deepest, length)
  }

  /// Text number `index` of those that `key` stands for.
  public func text(_ index: Int, key: RandomKey) -> String {
    var walk = Walk(style: style, generator: key.folded("nesting").folded(index).generator())
    while walk.bytes.count < length {
      let goal = walk.generator.below(deepest + 1)
      repeat {
        if walk.generator.below(3) == 0 { walk.fill() }
        if walk.depth < goal { walk.open() }
        if walk.depth > goal { walk.close() }
      } while walk.depth != goal && walk.bytes.count < length
      walk.fill()
    }
    while walk.depth > 0 { walk.close() }
    return String(decoding: walk.bytes, as: UTF8.self)
  }

  /// How many brackets are open behind every byte of a text.
  ///
  /// Worked example: `a(b)` gives 0 1 1 0.
  public static func depths(_ text: String) -> [Int] {
    var depth = 0
    return text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      return depth
    }
  }
}

/// A text under way.
private struct Walk {
  let style: NestingLanguage.Style
  var generator: KeyedGenerator
  var bytes: [UInt8] = []
  /// The closing bracket of everything that is open.
  private var closers: [UInt8] = []

  init(style: NestingLanguage.Style, generator: KeyedGenerator) { (self.style, self.generator) = (style, generator) }

  var depth: Int { closers.count }

  private mutating func one(of text: StaticString) -> UInt8 {
    text.withUTF8Buffer { $0[generator.below($0.count)] }
  }

  private mutating func say(_ text: String) { bytes += text.utf8 }

  /// Whether statements may stand here.
  private var isInBlock: Bool { closers.last.map { $0 == UInt8(ascii: "}") } ?? true }

  /// Opens a bracket, in code with what stands before it.
  mutating func open() {
    guard style == .code else {
      let kind = generator.below(3)
      bytes.append([UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{")][kind])
      closers.append([UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}")][kind])
      return
    }
    guard isInBlock, generator.below(2) == 0 else {
      if isInBlock {
        bytes.append(one(of: "abcxyz"))
        say("=")
      }
      bytes.append(one(of: "fgh"))
      let isCall = generator.below(2) == 0
      say(isCall ? "(" : "[")
      closers.append(UInt8(ascii: isCall ? ")" : "]"))
      return
    }
    say(generator.below(2) == 0 ? "if(" : "while(")
    bytes.append(one(of: "abcxyz"))
    say("<")
    bytes.append(one(of: "0123456789"))
    say("){")
    closers.append(UInt8(ascii: "}"))
  }

  mutating func close() {
    guard let last = closers.popLast() else { return }
    // An expression ends in an operand, and its statement where a block goes on.
    if style == .code, last != UInt8(ascii: "}") { bytes.append(one(of: "abcxyz0123456789")) }
    bytes.append(last)
    if style == .code, last != UInt8(ascii: "}") { say(isInBlock ? ";" : "+") }
  }

  /// What opens and closes nothing.
  mutating func fill() {
    guard style == .code else {
      bytes.append(one(of: "abcdefgh"))
      return
    }
    bytes.append(one(of: "abcxyz"))
    guard isInBlock else { return say("+") }
    say("=")
    bytes.append(one(of: "0123456789"))
    say(";")
  }
}
