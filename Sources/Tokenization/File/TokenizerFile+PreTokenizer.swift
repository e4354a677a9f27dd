import Support

/// How text is cut into words.
extension TokenizerFile {
  /// A pre-tokeniser that is no sequence.
  struct Stage {
    var value: JSONValue
    var name: String
    var type: String
    var typeOffset: Int

    func fields(_ keys: [String] = []) throws(JSONSyntaxError) -> JSONFields {
      try JSONFields(value, name, known: ["type"] + keys)
    }
  }

  /// The pre-tokenisers in their order, those within sequences among them; nil if the file has none.
  func stages() throws(JSONSyntaxError) -> [Stage]? {
    guard top.isPresent("pre_tokenizer") else { return nil }
    var result: [Stage] = []
    try Self.appendStages(top.value("pre_tokenizer"), "'pre_tokenizer'", to: &result)
    return result
  }

  private static func appendStages(
    _ value: JSONValue, _ name: String, to stages: inout [Stage]
  ) throws(JSONSyntaxError) {
    let type = try JSONFields(value, name, known: nil).string("type")
    guard type.value == "Sequence" else {
      return stages.append(Stage(value: value, name: name, type: type.value, typeOffset: type.offset))
    }
    let fields = try JSONFields(value, name, known: ["type", "pretokenizers"])
    for step in try fields.array("pretokenizers").value {
      try appendStages(step, "a member of 'pretokenizers'", to: &stages)
    }
  }

  /// How the file cuts text for a model whose words are text.
  func cutting() throws(JSONSyntaxError) -> TokenizationPipeline.Cutting {
    guard let stages = try stages() else { return .whole }
    return .words(try cutter(stages, writesAlphabet: true))
  }

  /// - Parameter writesAlphabet: whether `ByteLevel` makes text of bytes. If not, it must be the last stage.
  func cutter(_ stages: [Stage], writesAlphabet: Bool) throws(JSONSyntaxError) -> any WordCutter {
    var steps: [any WordCutter] = []
    for (index, stage) in stages.enumerated() {
      let isFirst = index == 0 && (normalizer?.keepsBeginning ?? true)
      steps.append(try Self.cutter(stage, isFirst: isFirst, writesAlphabet: writesAlphabet))
    }
    return steps.count == 1 ? steps[0] : CutterSequence(steps: steps)
  }

  private static func cutter(
    _ stage: Stage, isFirst: Bool, writesAlphabet: Bool
  ) throws(JSONSyntaxError) -> any WordCutter {
    switch stage.type {
    case "BertPreTokenizer":
      _ = try stage.fields()
      return BertCutter()
    case "ByteLevel":
      let (pattern, addsPrefixSpace) = try byteLevel(stage)
      return ByteLevelCutter(addsPrefixSpace: addsPrefixSpace, pattern: pattern, writesAlphabet: writesAlphabet)
    case "CharDelimiterSplit":
      let delimiter = try stage.fields(["delimiter"]).string("delimiter")
      guard delimiter.value.unicodeScalars.count == 1 else {
        throw JSONSyntaxError("'delimiter' is not one character", at: delimiter.offset)
      }
      return PatternCutter(pattern: .text(.text(Array(delimiter.value.utf8))), behavior: .removed)
    case "Digits":
      let isolates = try stage.fields(["individual_digits"]).boolean("individual_digits", default: false)
      return PatternCutter(pattern: .characters(.digits), behavior: isolates ? .isolated : .contiguous)
    case "FixedLength":
      let fields = try stage.fields(["length"])
      let length = fields.isPresent("length") ? Int(try fields.identifier("length").value) : 5
      guard length > 0 else { throw JSONSyntaxError("'length' is 0", at: stage.value.offset) }
      return LengthCutter(length: length)
    case "Metaspace":
      let (replacement, prepending, splits) = try metaspace(stage.value, stage.name)
      guard prepending != .first || isFirst else {
        throw JSONSyntaxError(
          "'prepend_scheme' is 'first' after a normalizer or pre-tokenizer that may drop the beginning of a text",
          at: stage.value.offset)
      }
      return MetaspaceCutter(replacement: replacement, prepending: prepending, splits: splits)
    case "Punctuation":
      let fields = try stage.fields(["behavior"])
      return PatternCutter(
        pattern: .characters(.punctuation),
        behavior: fields.isPresent("behavior") ? try behavior(fields) : .isolated)
    case "Split": return try split(stage)
    case "UnicodeScripts":
      _ = try stage.fields()
      return ScriptCutter()
    case "Whitespace":
      _ = try stage.fields()
      return WordRunCutter()
    case "WhitespaceSplit":
      _ = try stage.fields()
      return WhitespaceCutter()
    default:
      throw JSONSyntaxError(
        "\(stage.name) has type '\(stage.type)', which is none that Graft reads: BertPreTokenizer, ByteLevel, "
          + "CharDelimiterSplit, Digits, FixedLength, Metaspace, Punctuation, Sequence, Split, UnicodeScripts, "
          + "Whitespace or WhitespaceSplit", at: stage.typeOffset)
    }
  }

  /// How a `ByteLevel` cuts.
  static func byteLevel(_ stage: Stage) throws(JSONSyntaxError) -> (BytePattern, addsPrefixSpace: Bool) {
    let fields = try stage.fields(["add_prefix_space", "trim_offsets", "use_regex"])
    let pattern = try fields.boolean("use_regex", default: true) ? BytePattern.gpt2 : .none
    return (pattern, try fields.boolean("add_prefix_space", default: true))
  }

  // MARK: Split

  /// The scanner of a `Split` by one of the expressions that Graft has a scanner for, whose matches become words, as
  /// does what is between them.
  static func splitPattern(_ stage: Stage) throws(JSONSyntaxError) -> BytePattern? {
    guard stage.type == "Split" else { return nil }
    let fields = try splitFields(stage)
    let pattern = try fields.object("pattern", known: ["Regex", "String"])
    guard try behavior(fields) == .isolated, try !fields.boolean("invert", default: false), pattern.isPresent("Regex")
    else { return nil }
    return BytePattern(expression: try pattern.string("Regex").value)
  }

  private static func splitFields(_ stage: Stage) throws(JSONSyntaxError) -> JSONFields {
    try stage.fields(["pattern", "behavior", "invert"])
  }

  private static func split(_ stage: Stage) throws(JSONSyntaxError) -> any WordCutter {
    if let pattern = try splitPattern(stage) {
      return ByteLevelCutter(addsPrefixSpace: false, pattern: pattern, writesAlphabet: false)
    }
    let fields = try splitFields(stage)
    let behavior = try behavior(fields)
    let isInverted = try fields.boolean("invert", default: false)
    let pattern = try fields.object("pattern", known: ["Regex", "String"])
    if pattern.isPresent("Regex"), behavior == .isolated, !isInverted,
      try pattern.string("Regex").value == CharacterCutter.expression
    {
      return CharacterCutter()
    }
    return PatternCutter(
      pattern: .text(try textPattern(pattern)), behavior: behavior, isInverted: isInverted)
  }

  private static func behavior(_ fields: JSONFields) throws(JSONSyntaxError) -> SplitBehavior {
    let name = try fields.string("behavior")
    guard let behavior = SplitBehavior(rawValue: name.value) else {
      let known = SplitBehavior.allCases.map(\.rawValue).joined(separator: ", ")
      throw JSONSyntaxError("'behavior' is '\(name.value)', none of \(known)", at: name.offset)
    }
    return behavior
  }

  /// What `{"String": …}` or `{"Regex": …}` matches.
  static func textPattern(_ fields: JSONFields) throws(JSONSyntaxError) -> TextPattern {
    guard fields.isPresent("Regex") else {
      let text = try fields.string("String")
      guard !text.value.isEmpty else { throw JSONSyntaxError("'String' is empty", at: text.offset) }
      return .text(Array(text.value.utf8))
    }
    let expression = try fields.string("Regex")
    do throws(ExpressionError) {
      return .expression(try RegularExpression(expression.value))
    } catch {
      throw JSONSyntaxError("'Regex' is \(error.message)", at: expression.offset)
    }
  }

  // MARK: Metaspace

  static func metaspace(
    _ value: JSONValue, _ name: String
  ) throws(JSONSyntaxError) -> (replacement: [UInt8], MetaspaceCutter.Prepending, splits: Bool) {
    let fields = try JSONFields(
      value, name, known: ["type", "replacement", "str_rep", "add_prefix_space", "prepend_scheme", "split"])
    let replacement = try fields.string("replacement")
    guard replacement.value.unicodeScalars.count == 1, replacement.value != " " else {
      throw JSONSyntaxError("'replacement' is not one character other than a space", at: replacement.offset)
    }
    if fields.isPresent("str_rep"), try fields.string("str_rep").value != replacement.value {
      throw JSONSyntaxError("'str_rep' is not 'replacement'", at: replacement.offset)
    }
    let addsSpace = try fields.boolean("add_prefix_space", default: true)
    var prepending = addsSpace ? MetaspaceCutter.Prepending.always : .never
    if fields.isPresent("prepend_scheme") {
      let scheme = try fields.string("prepend_scheme")
      guard let named = MetaspaceCutter.Prepending(rawValue: scheme.value) else {
        throw JSONSyntaxError(
          "'prepend_scheme' is '\(scheme.value)', not always, first or never", at: scheme.offset)
      }
      guard addsSpace || named == .never else {
        throw JSONSyntaxError(
          "'prepend_scheme' is '\(scheme.value)' but 'add_prefix_space' is false", at: scheme.offset)
      }
      prepending = named
    }
    return (Array(replacement.value.utf8), prepending, try fields.boolean("split", default: true))
  }
}
