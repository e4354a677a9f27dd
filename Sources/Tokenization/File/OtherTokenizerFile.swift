import Support

/// JSON files that go with tokenizers, or are tokenizers of other libraries, and no `tokenizer.json`.
enum OtherTokenizerFile {
  /// What such a file is, and what to do; nil for what may be a `tokenizer.json`.
  static func error(_ root: JSONValue, file: String) -> GraftError? {
    func failure(_ what: String, _ hint: String) -> GraftError {
      GraftError(.badData, "'\(file)' is \(what), not a tokenizer.json", hint: hint)
    }
    let keras = failure(
      "a tokenizer of Keras",
      "it has words only, without special tokens; train one on the same text: "
        + "graft tokenizer train --unit word --lowercase --corpus TEXT --vocabulary-size N.")
    // `to_json` gives a string, which many write as JSON once more.
    if case .string(let text) = root.kind, text.contains("\"word_index\"") { return keras }
    guard case .object(let members) = root.kind else { return nil }
    func has(_ key: String) -> Bool { members.contains { $0.key == key } }
    if has("class_name"), has("config") { return keras }
    if has("model"), has("added_tokens") { return nil }
    let folder = "give the folder that it lies in, with its other files."
    if has("tokenizer_class") || has("model_max_length") {
      return failure("the settings of a tokenizer (tokenizer_config.json)", folder)
    }
    if has("model_type") || has("architectures") {
      return failure("the configuration of a model (config.json)", folder)
    }
    if has("pad_token") || has("unk_token") || has("cls_token") {
      return failure("a list of special tokens (special_tokens_map.json)", folder)
    }
    let isVocabulary =
      members.count > 1 && members.allSatisfy { if case .number = $0.value.kind { true } else { false } }
    if isVocabulary { return failure("a vocabulary (vocab.json), which needs its merges.txt", folder) }
    return nil
  }
}
