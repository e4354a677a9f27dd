import Foundation
import TestSupport
import Testing

/// What pages say of the code is so: counts, listings and printed lists.
@Suite(.tags(.process)) struct DocumentationFactTests {
  private struct Entry: Decodable {
    var name: String
  }

  private static let lists = Result {
    try JSONDecoder().decode([String: [Entry]].self, from: Data(Graft.run(["list", "--json"]).output.utf8))
  }

  private static let words = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
  ]

  /// The number before a phrase, in figures or as a word.
  private func number(before phrase: String, in text: String) throws -> Int? {
    let pattern = try Regex("([0-9]+|[A-Za-z]+)\\s+\(phrase.replacing(" ", with: "\\s+"))")
    guard let found = text.firstMatch(of: pattern)?.output[1].substring else { return nil }
    return Int(found) ?? Self.words.firstIndex(of: found.lowercased()).map { $0 + 1 }
  }

  @Test(arguments: [
    ("tasks", "strict YAML definitions"), ("suites", "suites by name"), ("transforms", "transforms"),
    ("metrics", "metrics"), ("objectives", "objectives"), ("backbones", "presets"), ("probes", "probes"),
    ("schedules", "schedules"),
  ])
  func theReadmeCountsRight(_ kind: String, _ phrase: String) throws {
    let count = try #require(Self.lists.get()[kind]?.count)
    let readme = try DocumentationPage.page("README.md").prose
    #expect(try number(before: phrase, in: readme) == count, "README.md: there are \(count) \(kind)")
  }

  @Test func numbersAreFound() throws {
    #expect(try number(before: "strict tasks", in: "has 12 strict\n  tasks") == 12)
    #expect(try number(before: "schedules", in: "AdamW, four schedules") == 4)
    #expect(try number(before: "schedules", in: "no numbers") == nil)
  }

  /// A listing below a line that names a file and ends with a colon is that file.
  @Test func listingsAreTheirFiles() throws {
    var count = 0
    for page in DocumentationPage.all {
      for block in page.blocks {
        let path = /`((?:Sources|Checkpoints|Tasks|Tests)\/[^`]+)`:$/
        guard let name = block.introduction.firstMatch(of: path)?.output.1,
          let text = try? String(contentsOfFile: "\(Graft.packageRoot)/\(name)", encoding: .utf8)
        else { continue }
        count += 1
        #expect(
          block.lines.map { $0.text + "\n" }.joined() == text,
          "\(page.name):\(block.lines.first?.number ?? 0) is not \(name)")
      }
    }
    #expect(count >= 3)
  }

  /// `graft list …` prints what pages show of it.
  @Test func printedListsAreThoseOfToday() throws {
    var count = 0
    for page in DocumentationPage.all {
      for block in page.blocks {
        guard let first = block.lines.first, first.text.hasPrefix("$ "), let shown = ShownCommand(first.text),
          shown.arguments.first == "list", shown.arguments.count == 2, block.lines.count > 1
        else { continue }
        count += 1
        let printed = try Graft.run(shown.arguments).output.split(separator: "\n").map(String.init)
        #expect(block.lines.dropFirst().map(\.text) == printed, "\(page.name):\(first.number)")
      }
    }
    #expect(count >= 2)
  }

  @Test func everyMetricIsDefined() throws {
    let page = try DocumentationPage.page("Docs/METRICS.md")
    for metric in try #require(Self.lists.get()["metrics"]) {
      #expect(page.has("`\(metric.name)`"), "Docs/METRICS.md does not define \(metric.name)")
    }
  }

  /// A figure of the README's table stands on the page that its row names.
  @Test func theReadmeHasItsFiguresFromPages() throws {
    let readme = try DocumentationPage.page("README.md")
    var count = 0
    for line in readme.lines where line.hasPrefix("|") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, let name = cells[2].wholeMatch(of: /\[([A-Z]+)\]/)?.output.1 else { continue }
      let link = "Docs/\(name).md"
      let page = try DocumentationPage.page(link)
      for figure in cells[1].matches(of: /[0-9]+(?:\.[0-9]+)?/) {
        count += 1
        #expect(page.has(figure.output), "README.md: \(link) does not have \(figure.output)")
      }
    }
    #expect(count >= 8)
  }

  /// A figure of a table of RESULTS stands in a notebook.
  @Test func theResultsHaveTheirFiguresFromNotebooks() throws {
    let notebooks = DocumentationPage.all.filter { $0.name.hasPrefix("Docs/results/") }
    var count = 0
    for line in try DocumentationPage.page("Docs/RESULTS.md").lines where line.hasPrefix("|") {
      for figure in line.matches(of: /[0-9]+\.[0-9]+/) {
        count += 1
        #expect(
          notebooks.contains { $0.has(figure.output) }, "Docs/RESULTS.md: no notebook has \(figure.output)")
      }
    }
    #expect(count > 100)
  }

  /// The first screen fits a page of GitHub without scrolling sideways.
  @Test func tablesOfTheReadmeAreNarrow() throws {
    let readme = try DocumentationPage.page("README.md")
    for (index, line) in readme.lines.prefix(60).enumerated() where line.hasPrefix("|") {
      let shown = line.replacing(/\]\([^)]*\)/, with: "]")
      #expect(shown.count <= 80, "README.md:\(index + 1) is \(shown.count) columns wide")
    }
  }
}
