import Support

/// How text is cut into words and put together again, in models that are not byte-level; and what is added to a text.
extension TokenizerFile {
  // MARK: Pre-tokenisers

  /// How the file cuts text for WordPiece and unigram models.
  func cutting() throws(JSONSyntaxError) -> TokenizationPipeline.Cutting {
    guard top.isPresent("pre_tokenizer") else { return .whole }
    return .words(
      try Self.cutter(
        top.value("pre_tokenizer"), "'pre_tokenizer'", isFirst: normalizer?.keepsBeginning ?? true))
  }

  private static func cutter(
    _ value: JSONValue, _ name: String, isFirst: Bool
  ) throws(JSONSyntaxError) -> any WordCutter {
    let type = try JSONFields(value, name, known: nil).string("type")
    func fields(_ keys: [String] = []) throws(JSONSyntaxError) -> JSONFields {
      try JSONFields(value, name, known: ["type"] + keys)
    }
    switch type.value {
    case "BertPreTokenizer":
      _ = try fields()
      return BertCutter()
    case "WhitespaceSplit":
      _ = try fields()
      return WhitespaceCutter()
    case "Split":
      let expression = try Self.isolatedExpression(value)
      guard expression.value == CharacterCutter.expression else {
        throw JSONSyntaxError(
          "'Regex' of Split is '\(expression.value)'; with this model Graft knows \(CharacterCutter.expression) only",
          at: expression.offset)
      }
      return CharacterCutter()
    case "Metaspace":
      let (replacement, prepending, splits) = try metaspace(value, name)
      guard prepending != .first || isFirst else {
        throw JSONSyntaxError(
          "'prepend_scheme' is 'first' after a normalizer or pre-tokenizer that may drop the beginning of a text",
          at: value.offset)
      }
      return MetaspaceCutter(replacement: replacement, prepending: prepending, splits: splits)
    case "Sequence":
      var steps: [any WordCutter] = []
      for step in try fields(["pretokenizers"]).array("pretokenizers").value {
        steps.append(try cutter(step, "a member of 'pretokenizers'", isFirst: isFirst && steps.isEmpty))
      }
      return CutterSequence(steps: steps)
    default:
      throw JSONSyntaxError(
        "\(name) has type '\(type.value)', which is none that Graft reads with this model: BertPreTokenizer, "
          + "Metaspace, Sequence, Split or WhitespaceSplit", at: type.offset)
    }
  }

  private static func metaspace(
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

  // MARK: Decoders

  /// How the file puts the pieces of WordPiece and unigram models together.
  func decoder() throws(JSONSyntaxError) -> any TokenDecoder {
    guard top.isPresent("decoder") else { return SpacedDecoder() }
    let type = try top.type("decoder")
    switch type.value {
    case "WordPiece":
      let fields = try top.object("decoder", known: ["type", "prefix", "cleanup"])
      return WordPieceDecoder(
        prefix: Array(try fields.string("prefix").value.utf8),
        cleansUp: try fields.boolean("cleanup", default: true))
    case "Metaspace":
      let (replacement, prepending, _) = try Self.metaspace(top.value("decoder"), "'decoder'")
      return MetaspaceDecoder(replacement: replacement, dropsFirst: prepending != .never)
    case "Fuse":
      _ = try top.object("decoder", known: ["type"])
      return FusingDecoder()
    case "Sequence": return try Self.sequenceDecoder(top.value("decoder"))
    default:
      throw JSONSyntaxError(
        "'decoder' has type '\(type.value)', not WordPiece, Metaspace, Fuse or Sequence", at: type.offset)
    }
  }

  // MARK: Post-processors

  /// Checks that a post-processor is one of those that only add special tokens (which Graft leaves to its callers) and
  /// trim offsets (which it does not have).
  static func checkPostProcessor(_ top: JSONFields) throws(JSONSyntaxError) {
    guard top.isPresent("post_processor") else { return }
    try checkPostProcessor(top.value("post_processor"), "'post_processor'")
  }

  private static func checkPostProcessor(_ value: JSONValue, _ name: String) throws(JSONSyntaxError) {
    let type = try JSONFields(value, name, known: nil).string("type")
    switch type.value {
    case "ByteLevel":
      _ = try JSONFields(value, name, known: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
    case "BertProcessing", "RobertaProcessing":
      let fields = try JSONFields(
        value, name, known: ["type", "sep", "cls", "trim_offsets", "add_prefix_space"])
      _ = try fields.array("sep")
      _ = try fields.array("cls")
    case "TemplateProcessing":
      let fields = try JSONFields(value, name, known: ["type", "single", "pair", "special_tokens"])
      _ = try fields.array("single")
    case "Sequence":
      for step in try JSONFields(value, name, known: ["type", "processors"]).array("processors").value {
        try checkPostProcessor(step, "a member of 'processors'")
      }
    default:
      throw JSONSyntaxError(
        "\(name) has type '\(type.value)', which is none that Graft reads: BertProcessing, ByteLevel, "
          + "RobertaProcessing, Sequence or TemplateProcessing", at: type.offset)
    }
  }
}
