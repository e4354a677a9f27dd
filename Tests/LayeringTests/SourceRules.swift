import Foundation

/// What must not stand in source files.
enum SourceRules {
  static let longestFile = 500
  /// `print` says nothing of a full disk (`standardOutput` does), FileHandle's `write` traps on one, and Foundation's
  /// functions of paths trap on a relative path of one character or change what they are given (`Paths` does not).
  static let forbidden = [
    "try!", "fatalError(", "print(", "FileHandle.standardOutput", "FileHandle.standardError",
    "NSString", "deletingLastPathComponent", "deleteLastPathComponent", "lastPathComponent",
    "appendingPathComponent", "deletingPathExtension", "pathExtension", "standardizingPath",
    "standardizedFileURL", "URL(fileURLWithPath:", "URL(filePath:", "withIntermediateDirectories",
  ]

  /// The one file that sets up coders of JSON, so that all have one rule for numbers that are not finite.
  static let jsonFile = "Sources/Support/JSONFile.swift"
  static let coders = ["JSONEncoder(", "JSONDecoder(", "JSONSerialization"]

  /// Where flags are known.
  private static let speaksInFlags = ["Sources/Commands/", "Sources/graft/"]

  /// Whether a text of the line has a flag that is neither part of a whole command nor a word of one that is put
  /// together.
  private static func namesFlag(_ code: String) -> Bool {
    code.replacing(/(graft|unrtf) [^`"]*/, with: "").replacing(/"--[a-z-]+"/, with: "").contains(/"[^"]*--[a-z]/)
  }

  /// Every breach in one file, as `file:line: what`.
  static func breaches(in text: String, file: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var found: [String] = []
    let count = lines.last?.isEmpty == true ? lines.count - 1 : lines.count
    if count > longestFile { found.append("\(file): \(count) lines; at most \(longestFile)") }
    guard file.hasSuffix(".swift") else { return found }
    // Most files have none of the words, and most lines no flag: a search of the whole comes first.
    let words = (forbidden + (file == jsonFile ? [] : coders)).filter { text.contains($0) }
    let mayNameFlags = !speaksInFlags.contains(where: file.hasPrefix) && text.contains("--")
    guard mayNameFlags || !words.isEmpty else { return found }
    for (index, line) in lines.enumerated() {
      let code = withoutComment(String(line))
      for word in words where uses(word, in: code) { found.append("\(file):\(index + 1): \(word)") }
      if mayNameFlags, code.contains("--"), namesFlag(code) {
        found.append("\(file):\(index + 1): a flag; libraries name settings by their keys (SettingNames)")
      }
    }
    return found
  }

  /// The modules that a file imports: `import A`, `@testable import A`, `public import struct A.B`.
  static func imports(in text: String) -> Set<String> {
    var found: Set<String> = []
    for line in text.split(separator: "\n") {
      let words = withoutComment(String(line)).split(separator: " ")
      guard let start = words.firstIndex(of: "import"), words[..<start].allSatisfy({ qualifiers.contains($0) })
      else { continue }
      guard let module = words[(start + 1)...].first(where: { !kinds.contains($0) }) else { continue }
      found.insert(String(module.prefix { $0 != "." }))
    }
    return found
  }

  private static let qualifiers: Set<Substring> = [
    "@testable", "@preconcurrency", "public", "package", "internal", "private",
  ]
  private static let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]

  /// Whether the word occurs other than as the end of a longer name, such as `fingerprint(`.
  private static func uses(_ word: String, in code: String) -> Bool {
    var rest = Substring(code)
    while let range = rest.range(of: word) {
      let before = rest[..<range.lowerBound].last
      if before.map({ !$0.isLetter && !$0.isNumber && $0 != "_" }) ?? true { return true }
      rest = rest[range.upperBound...]
    }
    return false
  }

  private static func withoutComment(_ line: String) -> String {
    // "//" inside a string literal, as in an address, is cut as well, which at worst hides the line's rest.
    line.range(of: "//").map { String(line[..<$0.lowerBound]) } ?? line
  }

  /// All source files under `folder`.
  static func files(in folder: URL) -> [URL] {
    let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (found?.allObjects as? [URL] ?? [])
      .filter { ["swift", "c", "h", "inc", "def"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
  }
}
