import Records
import Support
import TestSupport
import Testing

@testable import TaskRegistry

/// Ten thousand damaged definitions and data files: each is read, or answered with an error that says something, and
/// none ends the process.
@Suite struct MutationTests {
  /// Steele, Lea and Flood 2014; the same numbers in every run.
  struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static let definition = """
    task: t
    version: 1
    tags: [a, "b"]
    source:
      folder: .
      format: tsv
      encoding: utf-8
      header: true
      quoted: false
      fields: {one: x, two: "2", label: label}
      patterns: {"3": "{before}_{after}"}
      constants: {e: ""}
      groups: {kind: kind}
      labels: {"0": "{one}", "1": "{two}"}
      keep: {one: [a, b]}
    splits:
      train: {parts: [d.tsv, {file: e.jsonl, format: jsonl, rows: 1-9, records: a.b}], exclude: {splits: [test], by: [one]}}
      dev: {heldOutOf: train, share: 0.1, by: [one]}
      test: {lines: {one: a, two: b, before: c, after: d, label: l, e: f}}
    preprocess:
      - trim
      - replace: {fields: [one], pattern: "[a-z]+", with: "$1"}
      - map-values: {from: one, into: three, values: {a: b}}
      - mark-word: {text: two, index: one, into: four}
    inputs: "in {one} {three}"
    targets: "{label}"
    choices: ["{one}", "{two}"]
    output: choices
    metrics: [accuracy, matthews]
    primaryMetric: matthews
    renderings: {decanlp: {inputs: "question: {one} context: {two}"}}
    golden:
      - {fields: {one: a, two: b c, before: "", after: "", e: "", label: "0"}, inputs: "in", targets: x, choices: [a, b]}
    counts: {train: 3}
    provenance: {origin: here, licence: none}
    """

  static let tables = [
    ("tsv", "a\tb\tlabel\nx y\t\"q\"\"r\"\t1\nü\tz\t0\n\nlast\t\tno"),
    ("csv", "a,b,label\r\n\"x, y\",\"q\"\"r\n\",1\r\nü,z,0\r\n"),
    (
      "jsonl",
      "{\"a\": \"x \\u00e9\", \"b\": [1, {\"c\": null}], \"label\": 1}\n{\"a\": 1.5e3, \"b\": true, \"label\": \"0\"}\n"
    ),
    (
      "json",
      "[{\"a\": \"x\", \"b\": {\"c\": [1, 2]}, \"label\": -1}, {\"a\": false, \"b\": 2, \"label\": 1}]"
    ),
    (
      "xml",
      "<?xml version=\"1.0\"?><r><i a=\"1\" b='2'><label>x &lt; &#65; <b>y</b></label></i><i a=\"\" b=\"\"><label/></i></r>"
    ),
    ("text", "x y\n0 1\n\n"),
    ("blocks", "a\nb\nc\n\nd\ne\nf\n"),
  ]

  /// One to four changes: a byte for another, a piece gone, doubled, moved, or one of the marks that mean something.
  static func mutated(_ bytes: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    let marks = [
      "\"", "{", "}", "[", "]", ":", "\n", "\t", "\\", "&", "*", "<", ">", "\u{0}", "\u{feff}", "é", "- ",
      "~",
    ]
    var bytes = bytes
    for _ in 0...Int.random(in: 0..<4, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, place + Int.random(in: 1...12, using: &generator))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 3: bytes.removeLast(bytes.count - place)
      case 4:
        let piece = Array(bytes[place..<end])
        bytes.removeSubrange(place..<end)
        bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &generator))
      default: bytes.insert(contentsOf: Array(marks.randomElement(using: &generator)!.utf8), at: place)
      }
    }
    return bytes
  }

  func check(_ error: GraftError, _ text: [UInt8]) {
    #expect(!error.message.isEmpty)
    #expect(
      error.code == .badData || error.code == .missingInput,
      "\(error) in \(String(decoding: text, as: UTF8.self))")
  }

  @Test(.tags(.slow), arguments: 0..<4) func definitions(_ seed: UInt64) throws {
    var generator = SplitMix(state: seed)
    let original = Array(Self.definition.utf8)
    // What is mutated has to hold by itself.
    _ = try DefinitionResolver(
      file: DefinitionFile(YAMLValue(parsing: Self.definition, file: "t.yaml"), path: "t.yaml")
    ).task()
    var refused = 0
    for _ in 0..<1000 {
      let bytes = Self.mutated(original, &generator)
      do throws(GraftError) {
        let file = try DefinitionFile(
          YAMLValue(parsing: String(decoding: bytes, as: UTF8.self), file: "t.yaml"), path: "t.yaml")
        _ = try DefinitionResolver(file: file).task().goldenProblems()
      } catch {
        refused += 1
        check(error, bytes)
        #expect(error.location?.file == "t.yaml", "\(error)")
      }
    }
    #expect(refused > 500)
  }

  @Test(.tags(.slow), arguments: 0..<UInt64(tables.count)) func data(_ index: UInt64) throws {
    let (format, text) = Self.tables[Int(index)]
    let columns: String
    switch format {
    case "xml": columns = "{a: \"@a\", b: \"@b\", label: label}"
    case "text": columns = "{a: \"1\", b: \"1\", label: \"1\"}"
    case "blocks": columns = "{a: \"1\", b: \"2\", label: \"3\"}"
    default: columns = "{a: a, b: b, label: label}"
    }
    let small = try SmallTask(
      """
      source: {folder: ., format: \(format), records: i, quoted: true, fields: \(columns)}
      splits: {train: d}
      inputs: "{a} {b}"
      targets: "{label}"
      metrics: [accuracy]
      """.replacingOccurrences(of: format == "xml" ? "" : "records: i, ", with: ""), ["d": text])
    var generator = SplitMix(state: 100 + index)
    for _ in 0..<(6000 / Self.tables.count + 1) {
      let bytes = Self.mutated(Array(text.utf8), &generator)
      try small.folder.write("d", bytes)
      do {
        _ = try small.examples()
      } catch let error as GraftError {
        check(error, bytes)
        #expect(error.location?.file.hasSuffix("d") == true, "\(error)")
      }
    }
  }
}
