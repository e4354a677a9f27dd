import Support

/// How tokens become text again.
extension TokenizerFile {
  /// How the file puts tokens together that are text in its vocabulary.
  func decoder() throws(JSONSyntaxError) -> any TokenDecoder {
    guard top.isPresent("decoder") else { return SpacedDecoder() }
    let steps = try Self.steps(top.value("decoder"), "'decoder'")
    return Self.fastDecoder(steps) ?? DecoderChain(steps: steps)
  }

  /// A decoder that takes one token after the other, if there is one that does the same.
  private static func fastDecoder(_ steps: [DecoderChain.Step]) -> (any TokenDecoder)? {
    if steps.count == 1 {
      switch steps[0] {
      case .wordPiece(let decoder): return decoder
      case .metaspace(let decoder): return decoder
      case .fuse: return FusingDecoder()
      default: break
      }
    }
    // The decoder of Llama 2: Replace, ByteFallback, Fuse, and Strip at the start.
    var rest = steps[...]
    var result = ByteFallbackDecoder(replacement: nil, readsBytes: false, strips: 0)
    if case .replace(.text(let text), let content) = rest.first, content == [0x20] {
      result.replacement = text
      rest.removeFirst()
    }
    if case .byteFallback = rest.first {
      result.readsBytes = true
      rest.removeFirst()
    }
    guard case .fuse = rest.first else { return nil }
    rest.removeFirst()
    if case .strip([0x20], let start, 0) = rest.first {
      result.strips = start
      rest.removeFirst()
    }
    return rest.isEmpty ? result : nil
  }

  private static func steps(_ value: JSONValue, _ name: String) throws(JSONSyntaxError) -> [DecoderChain.Step] {
    let type = try JSONFields(value, name, known: nil).string("type")
    func fields(_ keys: [String] = []) throws(JSONSyntaxError) -> JSONFields {
      try JSONFields(value, name, known: ["type"] + keys)
    }
    switch type.value {
    case "BPEDecoder":
      let suffix = try fields(["suffix"]).string("suffix")
      guard !suffix.value.isEmpty else { throw JSONSyntaxError("'suffix' is empty", at: suffix.offset) }
      return [.bpe(suffix: Array(suffix.value.utf8))]
    case "ByteFallback":
      _ = try fields()
      return [.byteFallback]
    case "ByteLevel":
      _ = try fields(["add_prefix_space", "trim_offsets", "use_regex"])
      return [.byteLevel]
    case "Fuse":
      _ = try fields()
      return [.fuse]
    case "Metaspace":
      let (replacement, prepending, _) = try metaspace(value, name)
      return [.metaspace(MetaspaceDecoder(replacement: replacement, dropsFirst: prepending != .never))]
    case "Replace":
      let fields = try fields(["pattern", "content"])
      let content = try fields.string("content").value
      let pattern = try fields.object("pattern", known: ["Regex", "String"])
      return [.replace(try textPattern(pattern), by: Array(content.utf8))]
    case "Sequence":
      var steps: [DecoderChain.Step] = []
      for step in try fields(["decoders"]).array("decoders").value {
        steps += try self.steps(step, "a member of 'decoders'")
      }
      return steps
    case "Strip":
      let fields = try fields(["content", "start", "stop"])
      let content = try fields.string("content")
      guard content.value.unicodeScalars.count == 1 else {
        throw JSONSyntaxError("'content' is not one character", at: content.offset)
      }
      return [
        .strip(
          Array(content.value.utf8), start: Int(try fields.identifier("start").value),
          stop: Int(try fields.identifier("stop").value))
      ]
    case "WordPiece":
      let fields = try fields(["prefix", "cleanup"])
      return [
        .wordPiece(
          WordPieceDecoder(
            prefix: Array(try fields.string("prefix").value.utf8),
            cleansUp: try fields.boolean("cleanup", default: true)))
      ]
    default:
      throw JSONSyntaxError(
        "\(name) has type '\(type.value)', which is none that Graft reads: BPEDecoder, ByteFallback, ByteLevel, Fuse, "
          + "Metaspace, Replace, Sequence, Strip or WordPiece", at: type.offset)
    }
  }
}
