import Records
import Support

/// A model as its config.json says it: what everybody sees of it, and the sizes that only its family understands.
///
/// As JSON all are keys of one object: `{"family": "gpt", "vocabularySize": 8192, "dropout": 0.1, "width": 256 …}`.
public struct ModelConfiguration: Sendable, Hashable {
  /// The family's name: `bert`, `electra`, `gpt`, `t5`.
  public var family: String
  /// Rows of the embedding; in models from elsewhere it may be more than the tokenizer has tokens.
  public var vocabularySize: Int
  /// The probability with which values are left out while training, 0 ..< 1; the family decides where.
  public var dropout: Double
  /// The tasks that the model was fine-tuned on if it answers by heads, which stand in place of those of pretraining.
  public var answers: [AnswerFormat]?
  /// How a decoder was shown texts in training; nil where that is not known, and for all other models.
  public var reading: TextReading?
  /// What is trained of a model whose own parameters stay as they are; nil for all of them.
  public var lora: LowRankAdaptation?
  /// By the family's keys.
  public var sizes: [String: SizeValue]

  /// A model that writes or is pretrained; nothing is checked before `completed`.
  public init(family: String, vocabularySize: Int, dropout: Double, sizes: [String: SizeValue]) {
    (self.family, self.vocabularySize, self.dropout, self.sizes) = (family, vocabularySize, dropout, sizes)
  }

  /// The same without what bears on texts only: the model that computes the same of tokens.
  public var ofTokens: ModelConfiguration {
    var result = self
    result.reading = nil
    return result
  }

  /// Checks all but the sizes.
  /// - Throws: `.badData` naming the first value that makes no sense.
  public func validate(source: String? = nil) throws(GraftError) {
    func require(_ condition: Bool, _ message: String) throws(GraftError) {
      if !condition { throw GraftError(.badData, message, location: source.map { SourceLocation(file: $0) }) }
    }
    try require(
      vocabularySize > 0 && vocabularySize <= SizeLimit.vocabularySize,
      "'vocabularySize' is \(vocabularySize), expected 1 to \(SizeLimit.vocabularySize)")
    try require(dropout >= 0 && dropout < 1, "'dropout' is \(dropout), expected 0 ..< 1")
    try lora?.validate(source: source)
    var tasks: Set<String> = []
    for format in answers ?? [] {
      try require(tasks.insert(format.task).inserted, "'answers' has task '\(format.task)' twice")
      try require(format.choices?.isEmpty != true, "'answers' has no choices for task '\(format.task)'")
    }
  }
}

extension ModelConfiguration: Codable {
  private enum Key: String { case answers, dropout, family, lora, reading, vocabularySize }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: SizeKey.self)
    func key(_ key: Key) -> SizeKey { SizeKey(key.rawValue) }
    family = try container.decode(String.self, forKey: key(.family))
    vocabularySize = try container.decode(Int.self, forKey: key(.vocabularySize))
    dropout = try container.decode(Double.self, forKey: key(.dropout))
    answers = try container.decodeIfPresent([AnswerFormat].self, forKey: key(.answers))
    reading = try container.decodeIfPresent(TextReading.self, forKey: key(.reading))
    lora = try container.decodeIfPresent(LowRankAdaptation.self, forKey: key(.lora))
    sizes = try SizeKey.values(in: container) { Key(rawValue: $0) == nil }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SizeKey.self)
    for (key, value) in sizes { try container.encode(value, forKey: SizeKey(key)) }
    func key(_ key: Key) -> SizeKey { SizeKey(key.rawValue) }
    try container.encode(family, forKey: key(.family))
    try container.encode(vocabularySize, forKey: key(.vocabularySize))
    try container.encode(dropout, forKey: key(.dropout))
    try container.encodeIfPresent(answers, forKey: key(.answers))
    try container.encodeIfPresent(reading, forKey: key(.reading))
    try container.encodeIfPresent(lora, forKey: key(.lora))
  }
}

/// A member of a family without its vocabulary, as a file of `Checkpoints/presets` has it.
public struct ModelPreset: Sendable, Decodable {
  /// The family's name.
  public var family: String
  /// By the family's keys, as far as the file has them.
  public var sizes: [String: SizeValue]

  /// - Throws: `DecodingError` for a value that is no size.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: SizeKey.self)
    family = try container.decode(String.self, forKey: SizeKey("family"))
    sizes = try SizeKey.values(in: container) { $0 != "family" }
  }
}

/// Any key of a JSON object.
private struct SizeKey: CodingKey {
  let stringValue: String
  let intValue: Int? = nil
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }

  /// The sizes of an object; absent and null are the same.
  static func values(
    in container: KeyedDecodingContainer<SizeKey>, _ isSize: (String) -> Bool
  ) throws -> [String: SizeValue] {
    var values: [String: SizeValue] = [:]
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) where isSize(key.stringValue) {
      values[key.stringValue] = try container.decodeIfPresent(SizeValue.self, forKey: key)
    }
    return values
  }
}
