/// Classes of characters.
extension ExpressionTranslator {
  /// General categories by their longer names, spaces, dashes and case left out.
  private static let categoryNames: [String: [String]] = [
    "letter": ["L"], "uppercaseletter": ["Lu"], "lowercaseletter": ["Ll"], "titlecaseletter": ["Lt"],
    "modifierletter": ["Lm"], "otherletter": ["Lo"], "lc": ["Lu", "Ll", "Lt"], "casedletter": ["Lu", "Ll", "Lt"],
    "mark": ["M"], "combiningmark": ["M"], "nonspacingmark": ["Mn"], "spacingmark": ["Mc"], "enclosingmark": ["Me"],
    "number": ["N"], "decimalnumber": ["Nd"], "digit": ["Nd"], "letternumber": ["Nl"], "othernumber": ["No"],
    "punctuation": ["P"], "punct": ["P"], "connectorpunctuation": ["Pc"], "dashpunctuation": ["Pd"],
    "openpunctuation": ["Ps"], "closepunctuation": ["Pe"], "initialpunctuation": ["Pi"], "finalpunctuation": ["Pf"],
    "otherpunctuation": ["Po"], "symbol": ["S"], "mathsymbol": ["Sm"], "currencysymbol": ["Sc"],
    "modifiersymbol": ["Sk"], "othersymbol": ["So"], "separator": ["Z"], "spaceseparator": ["Zs"],
    "lineseparator": ["Zl"], "paragraphseparator": ["Zp"], "control": ["Cc"], "format": ["Cf"], "privateuse": ["Co"],
    "unassigned": ["Cn"], "cn": ["Cn"],
  ]
  private static let categoryCodes: Set<String> = [
    "l", "lu", "ll", "lt", "lm", "lo", "m", "mn", "mc", "me", "n", "nd", "nl", "no", "p", "pc", "pd", "ps", "pe",
    "pi", "pf", "po", "s", "sm", "sc", "sk", "so", "z", "zs", "zl", "zp", "cc", "cf", "co",
  ]

  /// What `\p{…}` names, spaces, dashes and case left out; nil if Graft has no such property.
  private static func property(_ name: String) -> ScalarSet? {
    let name = name.lowercased().filter { !" _-".contains($0) }
    if name == "any" { return .all }
    if let codes = categoryNames[name] { return .categories(codes) }
    if categoryCodes.contains(name) { return .categories([name.prefix(1).uppercased() + name.dropFirst()]) }
    if let code = CharacterRuns.scriptCodes[name] { return .script(code) }
    switch name {
    case "space", "whitespace": return .whitespace
    case "word": return .bracketedWords
    default: return nil
    }
  }

  /// `s`, `W`, `p{L}` … after a backslash; nil for what is no class.
  mutating func characterClass(
    afterBackslash start: Int, inBrackets: Bool = false
  ) throws(ExpressionError) -> ScalarSet? {
    guard let letter = next else { return nil }
    let isInverted = "SDWHP".unicodeScalars.contains(letter)
    let set: ScalarSet
    switch letter {
    case "s", "S": set = .whitespace
    case "d", "D": set = .categories(["Nd"])
    case "w", "W": set = inBrackets ? .bracketedWords : .words
    case "h", "H": set = ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
    case "p", "P":
      position += 1
      set = try namedProperty(from: start)
      return isInverted ? set.inverted : set
    default: return nil
    }
    position += 1
    return isInverted ? set.inverted : set
  }

  private mutating func namedProperty(from start: Int) throws(ExpressionError) -> ScalarSet {
    guard take("{") else { throw unknown(from: start) }
    let isInverted = take("^")
    var name = ""
    while let scalar = next, scalar != "}" {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take("}"), let set = Self.property(name) else { throw unknown(from: start) }
    return isInverted ? set.inverted : set
  }

  /// The character that stands after a backslash which makes it nothing else.
  mutating func escaped(from start: Int) throws(ExpressionError) -> Unicode.Scalar {
    guard let letter = next else { throw failure("a backslash at the end") }
    position += 1
    switch letter {
    case "t": return "\t"
    case "n": return "\n"
    case "r": return "\r"
    case "f": return "\u{C}"
    case "v": return "\u{B}"
    case "a": return "\u{7}"
    case "e": return "\u{1B}"
    case "x":
      if take("{") {
        let scalar = hexadecimal(upTo: 8)
        guard let scalar, take("}") else { throw unknown(from: start) }
        return scalar
      }
      // A byte by number is a character in ASCII only.
      guard let scalar = hexadecimal(upTo: 2), scalar.isASCII else { throw unknown(from: start) }
      return scalar
    case "u":
      let first = position
      guard let scalar = hexadecimal(upTo: 4), position == first + 4 else { throw unknown(from: start) }
      return scalar
    case "0"..."9", "A"..."Z", "a"..."z": throw unknown(from: start)
    default: return letter
    }
  }

  private mutating func hexadecimal(upTo count: Int) -> Unicode.Scalar? {
    var digits = ""
    while digits.count < count, let digit = next, digit.properties.isASCIIHexDigit {
      digits.unicodeScalars.append(digit)
      position += 1
    }
    return UInt32(digits, radix: 16).flatMap { Unicode.Scalar($0) }
  }

  // MARK: Brackets

  /// A class in brackets, after the first of them.
  mutating func bracketed(_ options: Options) throws(ExpressionError) -> ScalarSet {
    try brackets(options, depth: 0)
  }

  private mutating func brackets(_ options: Options, depth: Int) throws(ExpressionError) -> ScalarSet {
    guard depth < 20 else { throw failure("classes that nest too deeply") }
    let isInverted = take("^")
    var set = ScalarSet()
    var earlier: ScalarSet?
    var isStart = true
    while true {
      guard next != nil else { throw failure("an unmatched '['") }
      if !isStart, take("]") { break }
      if take("&&") {
        earlier = earlier?.intersection(set) ?? set
        set = ScalarSet()
        isStart = false
        continue
      }
      set = set.union(try member(isStart: isStart, options, depth: depth))
      isStart = false
    }
    if let earlier { set = earlier.intersection(set) }
    if options.ignoresCase {
      let cased = set.intersection(.categories(["L", "M"])).subtracting(ScalarSet([0...0x7F]))
      guard cased.isEmpty else {
        throw failure("a class of more than ASCII where the case is ignored, which Graft does not read")
      }
      set = set.withOtherCases
    }
    return isInverted ? set.inverted : set
  }

  private mutating func member(
    isStart: Bool, _ options: Options, depth: Int
  ) throws(ExpressionError) -> ScalarSet {
    let start = position
    if take("[") {
      if next == ":" { return try posixBracket(from: start) }
      return try brackets(options, depth: depth + 1)
    }
    let isDash = next == "-"
    guard let (first, single) = try one(from: start) else { throw failure("an unmatched '['") }
    guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else { return first }
    // What a dash means beside a class, a dash or `&&` differs by engine.
    guard let low = single, !isDash, scalars[position + 1] != "[", scalars[position + 1] != "-" else {
      throw unknown(from: start)
    }
    position += 1
    guard let (_, last) = try one(from: position), let high = last, low <= high else { throw unknown(from: start) }
    return ScalarSet([low.value...high.value]).intersection(.all)
  }

  /// A character, or a class after a backslash.
  private mutating func one(from start: Int) throws(ExpressionError) -> (ScalarSet, Unicode.Scalar?)? {
    guard let first = next else { return nil }
    position += 1
    var scalar = first
    if first == "\\" {
      if let set = try characterClass(afterBackslash: start, inBrackets: true) { return (set, nil) }
      guard next != "b" else { throw unknown(from: start) }
      scalar = try escaped(from: start)
    } else if first == "&", next == "&" {
      throw unknown(from: start)
    }
    return (ScalarSet([scalar.value...scalar.value]), scalar)
  }

  /// `[:space:]`, after its bracket.
  private mutating func posixBracket(from start: Int) throws(ExpressionError) -> ScalarSet {
    _ = take(":")
    let isInverted = take("^")
    let sets: [(String, ScalarSet)] = [
      ("space", .whitespace), ("digit", .categories(["Nd"])), ("word", .bracketedWords),
      ("punct", .categories(["P", "S"])), ("xdigit", ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])),
      ("cntrl", .categories(["Cc"])),
    ]
    for (name, set) in sets where take("\(name):]") { return isInverted ? set.inverted : set }
    position += 1
    throw unknown(from: start)
  }
}
