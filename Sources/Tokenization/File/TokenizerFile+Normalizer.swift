import Foundation
import Support

extension TokenizerFile {
  /// The normaliser a file names, nil if none.
  static func normalizer(_ top: JSONFields) throws(JSONSyntaxError) -> (any TextNormalizer)? {
    guard top.isPresent("normalizer") else { return nil }
    return try normalizer(top.value("normalizer"), "'normalizer'")
  }

  private static func normalizer(
    _ value: JSONValue, _ name: String
  ) throws(JSONSyntaxError) -> any TextNormalizer {
    let type = try JSONFields(value, name, known: nil).string("type")
    func fields(_ keys: [String] = []) throws(JSONSyntaxError) -> JSONFields {
      try JSONFields(value, name, known: ["type"] + keys)
    }
    if let form = NormalForm.allCases.first(where: { $0.jsonType == type.value }) {
      _ = try fields()
      return form
    }
    switch type.value {
    case "BertNormalizer":
      let fields = try fields(["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"])
      let lowersCase = try fields.boolean("lowercase", default: true)
      return BertNormalizer(
        cleansText: try fields.boolean("clean_text", default: true),
        separatesIdeographs: try fields.boolean("handle_chinese_chars", default: true),
        stripsAccents: try fields.boolean("strip_accents", default: lowersCase), lowersCase: lowersCase)
    case "ByteLevel":
      _ = try fields()
      return AlphabetNormalizer()
    case "Nmt":
      _ = try fields()
      return ControlNormalizer()
    case "Lowercase":
      _ = try fields()
      return LowercaseNormalizer()
    case "StripAccents":
      _ = try fields()
      return AccentStripper()
    case "Strip":
      let fields = try fields(["strip_left", "strip_right"])
      return WhitespaceStripper(
        left: try fields.boolean("strip_left", default: true),
        right: try fields.boolean("strip_right", default: true))
    case "Replace": return try replacing(fields(["pattern", "content"]))
    case "Prepend":
      let prefix = try fields(["prepend"]).string("prepend").value
      return PrependingNormalizer(prefix: Array(prefix.utf8))
    case "Precompiled": return try characterMap(fields(["precompiled_charsmap"]))
    case "Sequence":
      var steps: [any TextNormalizer] = []
      for step in try fields(["normalizers"]).array("normalizers").value {
        steps.append(try normalizer(step, "a member of 'normalizers'"))
      }
      return NormalizerSequence(steps: steps)
    default:
      throw JSONSyntaxError(
        "\(name) has type '\(type.value)', which is none that Graft reads: BertNormalizer, ByteLevel, Lowercase, NFC, "
          + "NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, Sequence, Strip or StripAccents", at: type.offset)
    }
  }

  private static func replacing(_ fields: JSONFields) throws(JSONSyntaxError) -> ReplacingNormalizer {
    let content = try fields.string("content").value
    let pattern = try fields.object("pattern", known: ["String", "Regex"])
    if pattern.isPresent("Regex"), try pattern.string("Regex").value == " {2,}" {
      return ReplacingNormalizer(pattern: .spaces, replacement: Array(content.utf8))
    }
    return ReplacingNormalizer(pattern: .pattern(try textPattern(pattern)), replacement: Array(content.utf8))
  }

  private static func characterMap(_ fields: JSONFields) throws(JSONSyntaxError) -> CharacterMapNormalizer {
    let text = try fields.string("precompiled_charsmap")
    guard let data = Data(base64Encoded: text.value), let map = CharacterMapNormalizer(Array(data)) else {
      throw JSONSyntaxError("'precompiled_charsmap' is not a character map of SentencePiece", at: text.offset)
    }
    return map
  }
}
