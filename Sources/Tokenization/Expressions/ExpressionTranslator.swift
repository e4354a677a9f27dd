/// Reads a regular expression in the syntax of Oniguruma, as Hugging Face tokenizers uses it, and writes it in ICU's
/// (K. Kosako, "Oniguruma Regular Expressions", doc/RE of the library; "ICU User Guide: Regular Expressions").
///
/// The two agree in alternatives, groups, quantifiers, look-around and how they backtrack. They differ in
/// - classes (`\s`, `\w`, `\p{…}`): written as the code points of Graft's tables;
/// - `^` and `$`, which in Oniguruma stand at every line feed, and `\Z`;
/// - `{n,m}+`, which in Oniguruma is a repeated repetition, not a possessive one, and `{n}?`, which may be missing;
/// - `(?i:…)`: only characters of ASCII are taken with their other case, and pairs that are one character elsewhere
///   (`ss` is `ß`) are refused;
/// - `(?m:…)`, where `.` in Oniguruma is any character.
///
/// Worked example: `\p{N}{1,3}+|.` becomes `(?:[…]{1,3})+|[\x{0}-\x{9}\x{B}-\x{10ffff}]`.
struct ExpressionTranslator {
  /// What options of a group say.
  struct Options: Hashable {
    var ignoresCase = false
    var dotIsAny = false
  }

  /// Deeper nesting and larger repetitions are not read.
  private static let limit = 1000
  /// Pairs of letters that case folding takes for one other character.
  private static let foldedPairs: Set<String> = ["ff", "fi", "fl", "ss", "st"]

  let expression: String
  let scalars: [Unicode.Scalar]
  var position = 0
  private var depth = 0
  /// The letter that stands before, in small, if it ignores the case.
  private var foldedBefore: Unicode.Scalar?

  private init(_ expression: String) {
    self.expression = expression
    scalars = Array(expression.unicodeScalars)
  }

  /// - Throws: `ExpressionError` for what is no expression or cannot be the same in ICU.
  static func translate(_ expression: String) throws(ExpressionError) -> String {
    var translator = ExpressionTranslator(expression)
    let result = try translator.alternatives(Options()).text
    guard translator.position == translator.scalars.count else { throw translator.failure("an unmatched ')'") }
    return result.isEmpty ? "(?:)" : result
  }

  // MARK: Reading

  var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  func failure(_ what: String) -> ExpressionError {
    ExpressionError(message: "'\(expression)', which has \(what)")
  }

  func unknown(from start: Int) -> ExpressionError {
    let text = String(String.UnicodeScalarView(scalars[start..<min(scalars.count, max(start + 1, position))]))
    return failure("'\(text)', which Graft does not read")
  }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  // MARK: Structure

  /// A part of an expression as ICU takes it.
  private struct Part {
    var text: String
    /// Whether a quantifier may follow.
    var canRepeat = true
    /// Whether it may match nothing.
    var isNullable = false
  }

  private mutating func alternatives(_ options: Options) throws(ExpressionError) -> Part {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw failure("groups that nest too deeply") }
    var result = try sequence(options)
    while take("|") {
      let other = try sequence(options)
      result.text += "|" + other.text
      result.isNullable = result.isNullable || other.isNullable
    }
    return result
  }

  private mutating func sequence(_ options: Options) throws(ExpressionError) -> Part {
    var result = Part(text: "", isNullable: true)
    foldedBefore = nil
    while let first = next, first != "|", first != ")" {
      let start = position
      if let set = optionsForTheRest(options) {
        // They hold up to the end of the group, across alternatives.
        let rest = try alternatives(set)
        result.text += "(?:" + rest.text + ")"
        result.isNullable = result.isNullable && rest.isNullable
        continue
      }
      let part = try quantified(try atom(options), from: start)
      result.text += part.text
      result.isNullable = result.isNullable && part.isNullable
    }
    foldedBefore = nil
    return result
  }

  /// `(?i)`, which holds for what follows.
  private mutating func optionsForTheRest(_ options: Options) -> Options? {
    let start = position
    guard take("(?"), let changed = optionLetters(options), take(")") else {
      position = start
      return nil
    }
    return changed
  }

  private mutating func optionLetters(_ options: Options) -> Options? {
    var result = options
    var isOn = true
    while let letter = next {
      switch letter {
      case "i": result.ignoresCase = isOn
      case "m": result.dotIsAny = isOn
      case "-": isOn = false
      default: return result
      }
      position += 1
    }
    return nil
  }

  // MARK: Quantifiers

  private mutating func quantified(_ atom: Part, from start: Int) throws(ExpressionError) -> Part {
    var result = atom
    var isFirst = true
    while let quantifier = try quantifier() {
      guard result.canRepeat else { throw unknown(from: start) }
      // ICU would go on for ever.
      if quantifier.isLazy, result.isNullable { throw failure("a lazy repetition of what may be empty") }
      foldedBefore = nil
      if !isFirst { result.text = "(?:\(result.text))" }
      result.text += quantifier.text
      if quantifier.isPossessive { result.text = "(?>\(result.text))" }
      if !quantifier.again.isEmpty { result.text = "(?:\(result.text))" + quantifier.again }
      result.isNullable = result.isNullable || quantifier.mayBeMissing
      isFirst = false
    }
    return result
  }

  private struct Quantifier {
    var text: String
    /// Whether what it took is not given back. (ICU's own sign for it does not end where nothing is repeated.)
    var isPossessive = false
    /// What Oniguruma takes for one more quantifier.
    var again = ""
    var isLazy = false
    var mayBeMissing: Bool
  }

  private mutating func quantifier() throws(ExpressionError) -> Quantifier? {
    for sign in ["*", "+", "?"] as [Unicode.Scalar] where take(sign) {
      var result = Quantifier(text: "\(sign)", mayBeMissing: sign != "+")
      if take("?") {
        result.text += "?"
        result.isLazy = sign != "?"
      } else if take("+") {
        result.isPossessive = true
      }
      return result
    }
    let start = position
    guard take("{"), let bounds = bounds() else {
      position = start
      return nil
    }
    guard bounds.low <= Self.limit, bounds.high ?? 0 <= Self.limit, bounds.low <= bounds.high ?? .max else {
      throw unknown(from: start)
    }
    let isExact = bounds.high == bounds.low
    let text = isExact ? "{\(bounds.low)}" : "{\(bounds.low),\(bounds.high.map { "\($0)" } ?? "")}"
    var result = Quantifier(text: text, mayBeMissing: bounds.low == 0)
    if take("?") {
      if isExact { result.again = "?" } else { result.text += "?" }
      result.isLazy = !isExact
      result.mayBeMissing = result.mayBeMissing || isExact
    } else if take("+") {
      result.again = "+"
    }
    return result
  }

  /// `2}`, `2,}`, `2,3}` or `,3}`; nil for what is no interval but stands for itself.
  private mutating func bounds() -> (low: Int, high: Int?)? {
    let low = number()
    if take("}") { return low.map { ($0, $0) } }
    guard take(",") else { return nil }
    let high = number()
    guard take("}"), low != nil || high != nil else { return nil }
    return (low ?? 0, high)
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let digit = next, ("0"..."9").contains(digit), digits.count < 7 {
      digits.unicodeScalars.append(digit)
      position += 1
    }
    return Int(digits)
  }

  // MARK: Atoms

  private mutating func atom(_ options: Options) throws(ExpressionError) -> Part {
    let start = position
    guard let first = next else { throw failure("nothing where something must stand") }
    position += 1
    if first != "\\" { if let fixed = try signs(first, options) { return fixed } }
    if first == "\\", let place = try placeAfterBackslash(start) {
      return Part(text: place, canRepeat: false, isNullable: true)
    }
    if first == "\\", let set = try characterClass(afterBackslash: start) {
      foldedBefore = nil
      return Part(text: set.expression)
    }
    let scalar = first == "\\" ? try escaped(from: start) : first
    return Part(text: try literal(scalar, options, from: start))
  }

  /// What the signs that do not stand for themselves mean; nil if `first` is none.
  private mutating func signs(_ first: Unicode.Scalar, _ options: Options) throws(ExpressionError) -> Part? {
    let start = position - 1
    let before = foldedBefore
    foldedBefore = nil
    switch first {
    case "(": return try group(options)
    case "[": return Part(text: try bracketed(options).expression)
    case ".":
      let all = ScalarSet.all
      return Part(text: (options.dotIsAny ? all : all.subtracting(ScalarSet([10...10]))).expression)
    case "^": return Part(text: "(?:\\A|(?<=\\x{a})(?!\\z))", canRepeat: false, isNullable: true)
    case "$": return Part(text: "(?=\\x{a}|\\z)", canRepeat: false, isNullable: true)
    case "*", "+", "?": throw unknown(from: start)
    default:
      foldedBefore = before
      return nil
    }
  }

  private mutating func placeAfterBackslash(_ start: Int) throws(ExpressionError) -> String? {
    guard let letter = next, "AzZbB".unicodeScalars.contains(letter) else { return nil }
    position += 1
    let word = ScalarSet.words.expression
    switch letter {
    case "Z": return "(?=\\x{a}?\\z)"
    case "b": return "(?:(?<=\(word))(?!\(word))|(?<!\(word))(?=\(word)))"
    case "B": return "(?:(?<=\(word))(?=\(word))|(?<!\(word))(?!\(word)))"
    default: return "\\\(letter)"
    }
  }

  private mutating func group(_ options: Options) throws(ExpressionError) -> Part {
    let start = position - 1
    var inner = options
    var (opening, looks) = ("(?:", false)
    if take("?") {
      if take(":") {
      } else if let sign = ["=", "!", "<=", "<!", ">"].first(where: { take($0) }) {
        (opening, looks) = ("(?\(sign)", sign != ">")
      } else if let changed = optionLetters(options), take(":") {
        inner = changed
      } else {
        throw unknown(from: start)
      }
    }
    let content = try alternatives(inner)
    guard take(")") else { throw failure("an unmatched '('") }
    return Part(
      text: opening + content.text + ")", canRepeat: !looks, isNullable: looks || content.isNullable)
  }

  private mutating func literal(
    _ scalar: Unicode.Scalar, _ options: Options, from start: Int
  ) throws(ExpressionError) -> String {
    guard options.ignoresCase else {
      foldedBefore = nil
      return ScalarSet.escape(scalar.value)
    }
    if !scalar.isASCII, !ScalarSet.categories(["L", "M"]).inverted.contains(scalar.value) {
      throw failure("'\(scalar)' where the case is ignored, which Graft reads of ASCII only")
    }
    let small = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
    if let before = foldedBefore, Self.foldedPairs.contains("\(before)\(small)") {
      throw failure("'\(before)\(small)' where the case is ignored, which is one character elsewhere")
    }
    foldedBefore = small
    return ScalarSet([scalar.value...scalar.value]).withOtherCases.expression
  }
}

extension ScalarSet {
  static func escape(_ scalar: UInt32) -> String { "\\x{\(String(scalar, radix: 16))}" }

  /// With the other case of every letter of ASCII, `ſ` and the sign of Kelvin among them.
  var withOtherCases: ScalarSet {
    var added: [ClosedRange<UInt32>] = []
    for letter in UInt32(0x61)...0x7A where contains(letter) || contains(letter - 0x20) {
      added += [letter...letter, letter - 0x20...letter - 0x20]
    }
    let small = ScalarSet(added)
    if small.contains(0x6B) { added.append(0x212A...0x212A) }
    if small.contains(0x73) { added.append(0x17F...0x17F) }
    return union(ScalarSet(added))
  }

  /// As a class of ICU's.
  var expression: String {
    if isEmpty { return "(?!)" }
    if ranges.count == 1, ranges[0].count == 1 { return Self.escape(ranges[0].lowerBound) }
    var text = "["
    for range in ranges {
      text += Self.escape(range.lowerBound)
      if range.count > 1 { text += "-" + Self.escape(range.upperBound) }
    }
    return text + "]"
  }
}
