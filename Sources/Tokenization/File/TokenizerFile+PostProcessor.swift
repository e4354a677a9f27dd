import Records
import Support

/// What is added around texts.
extension TokenizerFile {
  /// What the file's post-processor adds. Those that only trim offsets (which Graft does not do) add nothing.
  /// - Throws: for a token that is not in the vocabulary, and where two add tokens one after the other.
  static func postProcessor(_ top: JSONFields) throws(JSONSyntaxError) -> PostProcessor {
    guard top.isPresent("post_processor") else { return PostProcessor() }
    return try postProcessor(top.value("post_processor"), "'post_processor'") ?? PostProcessor()
  }

  /// - Returns: nil for one that leaves the tokens and their types as they are.
  private static func postProcessor(
    _ value: JSONValue, _ name: String
  ) throws(JSONSyntaxError) -> PostProcessor? {
    let type = try JSONFields(value, name, known: nil).string("type")
    switch type.value {
    case "ByteLevel":
      _ = try JSONFields(value, name, known: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
      return nil
    case "BertProcessing":
      let fields = try JSONFields(value, name, known: ["type", "sep", "cls"])
      let (start, end) = (try token(fields, "cls"), try token(fields, "sep"))
      let single: [PostProcessor.Part] = [.token(start, type: 0), .first(type: 0), .token(end, type: 0)]
      return PostProcessor(single: single, pair: single + [.second(type: 1), .token(end, type: 1)])
    case "RobertaProcessing":
      let fields = try JSONFields(
        value, name, known: ["type", "sep", "cls", "trim_offsets", "add_prefix_space"])
      let (start, end) = (try token(fields, "cls"), try token(fields, "sep"))
      let single: [PostProcessor.Part] = [.token(start, type: 0), .first(type: 0), .token(end, type: 0)]
      return PostProcessor(
        single: single, pair: single + [.token(end, type: 0), .second(type: 0), .token(end, type: 0)])
    case "TemplateProcessing": return try template(value, name)
    case "Sequence":
      var result: PostProcessor?
      for step in try JSONFields(value, name, known: ["type", "processors"]).array("processors").value {
        guard let next = try postProcessor(step, "a member of 'processors'") else { continue }
        guard result == nil else {
          throw JSONSyntaxError("two of 'processors' add tokens, one around the other's", at: step.offset)
        }
        result = next
      }
      return result
    default:
      throw JSONSyntaxError(
        "\(name) has type '\(type.value)', which is none that Graft reads: BertProcessing, ByteLevel, "
          + "RobertaProcessing, Sequence or TemplateProcessing", at: type.offset)
    }
  }

  /// The id in `["[SEP]", 102]`.
  private static func token(_ fields: JSONFields, _ key: String) throws(JSONSyntaxError) -> TokenID {
    let pair = try fields.array(key)
    guard pair.value.count == 2, case .string = pair.value[0].kind else {
      throw JSONSyntaxError("'\(key)' is not a pair of a name and an id", at: pair.offset)
    }
    return try JSONFields.identifier(pair.value[1], "the id of '\(key)'")
  }

  // MARK: Templates

  private static func template(_ value: JSONValue, _ name: String) throws(JSONSyntaxError) -> PostProcessor {
    let fields = try JSONFields(value, name, known: ["type", "single", "pair", "special_tokens"])
    var tokens: [String: [TokenID]] = [:]
    if fields.isPresent("special_tokens") {
      for (key, value) in try fields.members("special_tokens").value {
        let entry = try JSONFields(value, "'\(key)' of 'special_tokens'", known: ["id", "ids", "tokens"])
        var ids: [TokenID] = []
        for id in try entry.array("ids").value { ids.append(try JSONFields.identifier(id, "an id of '\(key)'")) }
        tokens[key] = ids
      }
    }
    func parts(_ key: String) throws(JSONSyntaxError) -> [PostProcessor.Part] {
      var parts: [PostProcessor.Part] = []
      for piece in try fields.array(key).value { parts += try Self.parts(piece, key, tokens) }
      return parts
    }
    var result = PostProcessor(single: try parts("single"))
    if fields.isPresent("pair") { result.pair = try parts("pair") }
    guard !result.single.contains(where: { if case .second = $0 { true } else { false } }) else {
      throw JSONSyntaxError("'single' has a second text", at: try fields.array("single").offset)
    }
    return result
  }

  private static func parts(
    _ piece: JSONValue, _ key: String, _ tokens: [String: [TokenID]]
  ) throws(JSONSyntaxError) -> [PostProcessor.Part] {
    let fields = try JSONFields(piece, "a member of '\(key)'", known: ["Sequence", "SpecialToken"])
    if fields.isPresent("Sequence") {
      let sequence = try fields.object("Sequence", known: ["id", "type_id"])
      let (id, type) = (try sequence.string("id"), Int(try sequence.identifier("type_id").value))
      switch id.value {
      case "A": return [.first(type: type)]
      case "B": return [.second(type: type)]
      default: throw JSONSyntaxError("'id' is '\(id.value)', not A or B", at: id.offset)
      }
    }
    let special = try fields.object("SpecialToken", known: ["id", "type_id"])
    let (id, type) = (try special.string("id"), Int(try special.identifier("type_id").value))
    guard let ids = tokens[id.value] else {
      throw JSONSyntaxError("'special_tokens' lacks '\(id.value)', which '\(key)' has", at: id.offset)
    }
    return ids.map { .token($0, type: type) }
  }
}
