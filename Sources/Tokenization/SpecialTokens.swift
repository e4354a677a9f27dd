import Records

/// The names of the special tokens of Graft's own tokenizers and of GPT-2's.
public enum SpecialTokens {
  /// The name that padding has, id 0 in a tokenizer trained here.
  public static let padding = "<pad>"
  /// The name of what ends a text, id 1 in a tokenizer trained here.
  public static let endOfSequence = "</s>"
  /// The name of what stands for the unknown, id 2 in a tokenizer trained here.
  public static let unknown = "<unk>"
  /// Those that every tokenizer trained here has, in the order of their ids.
  static let always = [padding, endOfSequence, unknown]
  /// GPT-2's only special token, which is all of these at once.
  public static let endOfText = "<|endoftext|>"

  /// `<extra_id_0>`, `<extra_id_1>` …
  public static func sentinel(_ number: Int) -> String { "<extra_id_\(number)>" }

  /// The number in a sentinel's name, nil if the name is not a sentinel's.
  static func sentinelNumber(_ name: String) -> Int? {
    guard name.hasPrefix("<extra_id_"), name.hasSuffix(">") else { return nil }
    let digits = name.dropFirst("<extra_id_".count).dropLast()
    guard let number = Int(digits), String(number) == digits, number >= 0 else { return nil }
    return number
  }
}
