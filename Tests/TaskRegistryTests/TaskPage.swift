import Foundation
import Support
import TestSupport

@testable import TaskRegistry

/// What the README of a folder of Tasks says of each definition in it, between `<!-- definitions -->` and
/// `<!-- end -->`.
struct TaskPage {
  /// The folder, as `Tasks/glue`.
  let folder: String
  private static let marks = (begin: "<!-- definitions -->\n", end: "<!-- end -->\n")
  private static let width = 110

  var path: String { RealData.package.appendingPathComponent("\(folder)/README.md").path }

  static func folders() throws -> [TaskPage] {
    let tasks = RealData.package.appendingPathComponent("Tasks")
    return try FileManager.default.contentsOfDirectory(
      at: tasks, includingPropertiesForKeys: [.isDirectoryKey]
    )
    .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
    .map { TaskPage(folder: "Tasks/\($0.lastPathComponent)") }.sorted { $0.folder < $1.folder }
  }

  /// The part that definitions make, as the page has it and as it should be; the names it must have.
  func written() throws -> Substring? {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    guard let begin = text.range(of: Self.marks.begin),
      let end = text.range(of: Self.marks.end, range: begin.upperBound..<text.endIndex)
    else { return nil }
    return text[begin.upperBound..<end.lowerBound]
  }

  func expected(_ catalog: TaskCatalog) throws -> String {
    func isHere(_ path: String) -> Bool {
      URL(fileURLWithPath: path).deletingLastPathComponent().path.hasSuffix("/\(folder)")
    }
    var parts: [(name: String, text: String)] = []
    for task in catalog.tasks where isHere(task.path) { parts.append((task.name, text(of: task))) }
    for suite in catalog.suites where isHere(suite.path) { parts.append((suite.name, text(of: suite))) }
    for mixture in catalog.mixtures where isHere(mixture.path) {
      parts.append((mixture.name, text(of: mixture)))
    }
    for path in catalog.checklistPaths where isHere(path) {
      let root = try YAMLValue.file(path)
      let entries = Dictionary(try root.entries().map { ($0.key, $0.value) }) { first, _ in first }
      let name = try entries["checklist"]?.string() ?? ""
      let tests = try entries["tests"]?.list().count ?? 0
      parts.append(
        (
          name,
          section(
            name, citation: nil,
            [
              ("for", try entries["for"]?.string() ?? ""),
              ("what", try entries["description"]?.string() ?? ""),
              ("tests", "\(tests)"),
            ])
        ))
    }
    return "\n" + parts.sorted { $0.name < $1.name }.map(\.text).joined(separator: "\n") + "\n"
  }

  /// Puts what the definitions make into the page.
  func record(_ expected: String) throws {
    var text = try String(contentsOfFile: path, encoding: .utf8)
    if let range = try written().map({ $0.startIndex..<$0.endIndex }) {
      text.replaceSubrange(range, with: expected)
    } else {
      text += "\n" + Self.marks.begin + expected + Self.marks.end
    }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  private func text(of task: TaskDefinition) -> String {
    var facts = [("prompt", code(task.inputs.text))]
    let answers = task.choiceTexts.map(code)
    switch task.output {
    case .preference:
      facts = [("counts", "\(code(task.targets.text)) likelier than \(code(task.inputs.text))")]
    case .number: facts.append(("answer", "a number, \(code(task.targets.text))"))
    default:
      facts.append(("answer", answers.isEmpty ? code(task.targets.text) : answers.joined(separator: ", ")))
    }
    facts += example(task.dataSet.golden, relation: task.output == .preference ? "likelier than" : nil)
    return section(
      task.name, citation: task.provenance["citation"],
      facts + common(task.splitNames, task.dataSet.counts, task.metricNames, task.provenance))
  }

  private func text(of suite: SuiteDefinition) -> String {
    let facts = [
      ("suite", "through \(code(suite.through)); labels \(suite.choices.map(code).joined(separator: ", "))")
    ]
    return section(
      suite.name, citation: suite.provenance["citation"],
      facts + example(suite.dataSet.golden)
        + common(suite.splitNames, suite.dataSet.counts, suite.metricNames, suite.provenance))
  }

  private func text(of mixture: MixtureDefinition) -> String {
    section(
      mixture.name, citation: nil,
      [
        ("members", mixture.members.map { code($0.name) }.joined(separator: ", ")),
        ("what", mixture.note ?? ""),
      ])
  }

  /// - Parameter relation: how the targets stand to the inputs, if they do not answer them.
  private func example(_ golden: [GoldenPrompt], relation: String? = nil) -> [(String, String)] {
    guard let text = golden.lazy.compactMap(\.text).first else { return [] }
    if let relation { return [("example", "\(code(text.targets)) \(relation) \(code(text.inputs))")] }
    return [("example", "\(code(text.inputs)) → \(code(text.targets))")]
  }

  private func common(
    _ splits: [String], _ counts: [String: SplitCount], _ metrics: [String], _ provenance: [String: String]
  ) -> [(String, String)] {
    let splits = splits.map { name in counts[name].map { "\(name) \(Self.grouped($0.count))" } ?? name }
    return [
      ("splits", splits.joined(separator: "; ")), ("metrics", metrics.joined(separator: ", ")),
      ("from", provenance["origin"] ?? ""), ("licence", provenance["licence"] ?? ""),
      ("note", provenance["note"] ?? ""),
    ]
  }

  private func section(_ name: String, citation: String?, _ facts: [(key: String, value: String)]) -> String {
    var text = "## \(name)\n\n"
    if let citation { text += Self.wrapped(citation + ".", indent: "") + "\n" }
    for fact in facts where !fact.value.isEmpty {
      text += Self.wrapped("- **\(fact.key)**: \(fact.value)", indent: "  ")
    }
    return text
  }

  private func code(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    return line.contains("`") ? "`` \(line) ``" : "`\(line)`"
  }

  private static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
    return String(digits)
  }

  private static func wrapped(_ text: String, indent: String) -> String {
    var lines: [String] = []
    for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append((lines.isEmpty ? "" : indent) + word)
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
