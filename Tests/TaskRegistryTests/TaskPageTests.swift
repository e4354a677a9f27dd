import Foundation
import TestSupport
import Testing

@testable import TaskRegistry

/// Pages say of the shipped definitions what they are. `GRAFT_RECORD=1` writes the READMEs' parts anew.
@Suite struct TaskPageTests {
  @Test func everyFolderHasAPageOfItsDefinitions() throws {
    let catalog = try RealData.catalog()
    let isRecording = ProcessInfo.processInfo.environment["GRAFT_RECORD"] == "1"
    let pages = try TaskPage.folders()
    #expect(pages.count > 20)
    for page in pages {
      guard FileManager.default.fileExists(atPath: page.path) else {
        Issue.record("\(page.folder) has no README.md")
        continue
      }
      let expected = try page.expected(catalog)
      if isRecording { try page.record(expected) }
      #expect(
        try page.written().map(String.init) == expected,
        "\(page.folder)/README.md: GRAFT_RECORD=1 swift test --filter TaskPageTests writes what it should say"
      )
    }
  }

  /// Each has a few lines of its own above what the definitions make.
  @Test func everyPageIntroducesItsFolder() throws {
    for page in try TaskPage.folders() {
      let text = try String(contentsOfFile: page.path, encoding: .utf8)
      let introduction = text.components(separatedBy: "<!-- definitions -->")[0]
      #expect(
        introduction.hasPrefix("# ") && introduction.split(separator: "\n").count >= 3, "\(page.folder)")
    }
  }

  /// The rows of Docs/DATA.md: a definition, its folder, files with the split, and how many examples.
  @Test func theDataPageCountsAsTheDefinitionsDo() throws {
    let catalog = try RealData.catalog()
    var counts: [String: [String: Int]] = [:]
    // Those of another program's words have the rows of the task that they extend.
    for task in catalog.tasks where !task.tags.contains("lm-eval") {
      counts[task.name] = task.dataSet.counts.mapValues(\.count)
    }
    for suite in catalog.suites { counts[suite.name] = suite.dataSet.counts.mapValues(\.count) }
    let page = try String(
      contentsOf: RealData.package.appendingPathComponent("Docs/DATA.md"), encoding: .utf8)
    var name = ""
    var seen: Set<String> = []
    for line in page.split(separator: "\n") where line.hasPrefix("| `") || line.hasPrefix("| |") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
        .map { $0.trimmingCharacters(in: .whitespaces) }
      if let first = cells[0].wholeMatch(of: /`([^`]+)`/)?.output.1 { name = String(first) }
      guard cells.count == 5, let split = cells[2].firstMatch(of: /: ([a-z0-9-]+)$/)?.output.1 else {
        continue
      }
      seen.insert(name)
      let found = Int(cells[3].filter(\.isNumber))
      // The part of a split whose rows the definition does not count.
      guard let expected = counts[name]?[String(split)] else {
        #expect(found == nil || counts[name] != nil, "Docs/DATA.md: no definition \(name)")
        continue
      }
      #expect(found == expected, "Docs/DATA.md: \(name), \(split)")
    }
    #expect(seen == Set(counts.keys))
  }
}
