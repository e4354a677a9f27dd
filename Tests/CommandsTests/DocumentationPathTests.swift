import Foundation
import Testing

/// Every file, folder and heading that a page names is there.
@Suite struct DocumentationPathTests {
  /// Files that a reader makes by following a page.
  private static let made: Set<String> = [
    "Checkpoints/presets/relative-decoder-mini.json", "Sources/Families/RelativeDecoder",
  ]

  /// What programs make.
  private static let outputs: Set<String> = [
    "Docs/results/performance.json", "Tests/Fuzzing/.build/release/Fuzz",
  ]

  private func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(Graft.packageRoot)/\(path)")
  }

  @Test(arguments: DocumentationPage.all) func linksLeadSomewhere(_ page: DocumentationPage) throws {
    let inLine = page.prose.matches(of: /\]\(([^)\s]+)\)/).map(\.output.1)
    let below = page.lines.compactMap { $0.wholeMatch(of: /\[[^\]]+\]: (\S+)/)?.output.1 }
    for target in (inLine + below).map(String.init) {
      guard !target.contains("://") else { continue }
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      let folder = URL(fileURLWithPath: "/\(page.name)").deletingLastPathComponent()
      let path =
        parts[0].isEmpty
        ? page.name : String(folder.appendingPathComponent(parts[0]).standardized.path.dropFirst())
      #expect(exists(path), "\(page.name) links to \(target)")
      if parts.count == 2, let other = DocumentationPage.all.first(where: { $0.name == path }) {
        #expect(other.anchors.contains(parts[1]), "\(page.name) links to \(target): no such heading")
      }
    }
  }

  @Test(arguments: DocumentationPage.all) func namedPathsExist(_ page: DocumentationPage) throws {
    for match in page.text.matches(
      of: /(?:^|[\s`'"(|=])((?:Docs|Tests|Sources|Tasks|Checkpoints)\/[A-Za-z0-9_.+\/-]*)(.)?/)
    {
      var path = String(match.output.1)
      // A pattern or a name with a placeholder.
      if let next = match.output.2?.first, "*…<{".contains(next) { continue }
      while let last = path.last, ".-/".contains(last) { path.removeLast() }
      if Self.made.contains(path) || Self.outputs.contains(path) { continue }
      #expect(exists(path), "\(page.name) names \(path)")
    }
  }

  /// File names without a folder, as `ReplacedTokenDetection.swift`.
  @Test func namedSourceFilesExist() throws {
    var names: Set<String> = Set(Self.made.map { URL(fileURLWithPath: $0).lastPathComponent })
    for folder in ["Sources", "Tests", "Docs", "Tasks", "Checkpoints"] {
      let files =
        FileManager.default.enumerator(atPath: "\(Graft.packageRoot)/\(folder)")?.allObjects as? [String]
      names.formUnion((files ?? []).map { URL(fileURLWithPath: $0).lastPathComponent })
    }
    for page in DocumentationPage.all {
      for code in page.inlineCode
      where code.wholeMatch(of: /[A-Za-z0-9_+]+\.(?:swift|py|sh|template\.h|c)/) != nil {
        #expect(names.contains(code) || Self.foreign.contains(code), "\(page.name) names \(code)")
      }
    }
  }

  private static let foreign: Set<String> = ["Package.swift"]

  @Test func whatAReaderMakesIsNotThere() {
    for path in Self.made { #expect(!exists(path), "\(path) is there: pages may name it") }
  }

  /// A comment under each heading of the results says what made the figures; scripts and files are there.
  @Test func resultsNameTheirSources() throws {
    let pages = DocumentationPage.all.filter {
      $0.name == "Docs/RESULTS.md" || $0.name.hasPrefix("Docs/results/")
    }
    var count = 0
    for page in pages {
      for match in page.text.matches(of: /<!-- source: ([^>]*) -->/) {
        for name in match.output.1.split(whereSeparator: { $0 == ";" || $0 == " " }) {
          count += 1
          #expect(exists("Docs/results/\(name)"), "\(page.name) has its figures from \(name)")
        }
      }
    }
    #expect(count > 20)
  }
}
