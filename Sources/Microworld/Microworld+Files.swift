import Foundation
import Support

extension Microworld {
  /// Where `write` put things.
  public struct Files: Sendable, Hashable {
    /// The folder that holds all of it, as it was given.
    public var directory: String
    /// Documents separated by blank lines.
    public var corpus: String
    /// The task definitions and the stress suite.
    public var definitions: [String]

    /// Names for `--task` and `--suite`.
    public static let tasks = ["micro-sentiment", "micro-acceptability", "micro-nli", "micro-en-de"]
    /// The name of the stress twin of `micro-nli`'s test, for `--suite`.
    public static let suite = "micro-nli-stress"
  }

  /// Generates a microworld and writes `corpus.txt`, one JSONL file per task and split, and the task files.
  /// The same options give the same bytes.
  /// - Throws: `.usage` for impossible options, `.inputOutput` if something cannot be written.
  @discardableResult
  public static func write(
    to directory: String, options: MicroworldOptions = MicroworldOptions()
  ) throws(GraftError) -> Files {
    try Microworld(options).write(to: directory)
  }

  /// The corpus as it is written: documents with a blank line between them.
  public func corpus() -> String {
    var text = ""
    var index = 0
    while text.utf8.count < options.corpusBytes {
      if index > 0 { text += "\n" }
      text += document(index) + "\n"
      index += 1
    }
    return text
  }

  /// Writes what the static `write` does, of this world.
  /// - Throws: `.inputOutput` if something cannot be written.
  @discardableResult
  public func write(to directory: String) throws(GraftError) -> Files {
    try makeFolder(directory)
    func path(_ name: String) -> String { "\(directory)/\(name)" }
    try AtomicFile.write(corpus(), to: path("corpus.txt"))
    for split in Split.allCases {
      let count = options.examples(in: split)
      try Self.writeRows(to: path("sentiment-\(split.rawValue).jsonl"), count: count) { index in
        let example = sentiment(split, index)
        return [
          ("sentence", example.sentence), ("label", example.label), ("construction", example.construction),
          ("words", Self.words(example.usesHeldOutWord)),
        ]
      }
      try Self.writeRows(to: path("acceptability-\(split.rawValue).jsonl"), count: count) { index in
        let example = acceptability(split, index)
        return [
          ("sentence", example.sentence), ("label", example.label),
          ("violation", example.violation?.rawValue ?? "none"),
          ("words", Self.words(example.usesHeldOutWord)),
        ]
      }
      try Self.writeRows(to: path("nli-\(split.rawValue).jsonl"), count: count) { index in
        Self.row(inference(split, index))
      }
      try Self.writeRows(to: path("en-de-\(split.rawValue).jsonl"), count: count) { index in
        let pair = translation(split, index)
        return [
          ("english", pair.english), ("german", pair.german), ("words", Self.words(pair.usesHeldOutWord)),
        ]
      }
    }
    try Self.writeRows(to: path("nli-stress-test.jsonl"), count: options.testExamples) { index in
      Self.row(stressedInference(index))
    }
    var definitions: [String] = []
    for (name, text) in TaskFiles(options: options).all {
      try AtomicFile.write(text, to: path(name))
      definitions.append(path(name))
    }
    return Files(directory: directory, corpus: path("corpus.txt"), definitions: definitions)
  }

  /// The group by which results show whether words known from the corpus alone are understood.
  private static func words(_ usesHeldOutWord: Bool) -> String { usesHeldOutWord ? "held-out" : "trained" }

  private static func row(_ pair: InferencePair) -> [(String, String)] {
    [
      ("premise", pair.premise), ("hypothesis", pair.hypothesis), ("label", pair.label.rawValue),
      ("marker", pair.marker.rawValue), ("topic", pair.topic), ("words", words(pair.usesHeldOutWord)),
    ]
  }

  private static func writeRows(
    to path: String, count: Int, _ row: (Int) -> [(String, String)]
  ) throws(GraftError) {
    var text = ""
    for index in 0..<count {
      // The texts are the generator's own: letters, spaces and punctuation, nothing that JSON escapes.
      text += "{" + row(index).map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ") + "}\n"
    }
    try AtomicFile.write(text, to: path)
  }
}
