import Foundation
import TestSupport
import Testing

/// Examples that need neither data nor a model print what pages say they print.
@Suite(.tags(.process)) struct DocumentationRunTests {
  /// A command behind a prompt, and the lines below it.
  private struct Step {
    var number: Int
    var command: String
    var output: [String] = []
  }

  /// The steps of a block; none if one of them is not for running here.
  private func steps(of block: DocumentationPage.Block) -> [Step] {
    var steps: [Step] = []
    for line in block.lines {
      if line.text.hasPrefix("$ ") {
        steps.append(Step(number: line.number, command: String(line.text.dropFirst(2))))
      } else if steps.isEmpty {
        return []
      } else {
        steps[steps.count - 1].output.append(line.text)
      }
    }
    return steps.allSatisfy { isRunnable($0.command) } ? steps : []
  }

  private func isRunnable(_ command: String) -> Bool {
    if command.hasPrefix("printf ") { return true }
    guard let shown = ShownCommand(command), !shown.isPartial else { return false }
    switch shown.arguments.prefix(2) {
    case let words where words.first == "metric" || words.first == "microworld": return true
    case ["inspect", "task"]: return shown.arguments.contains("world")
    default: return false
    }
  }

  private func run(_ command: String, in folder: TestFolder) throws -> [String] {
    let graft = try #require(Graft.executable, "graft was not built")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    let isQuiet = command.hasPrefix("printf ")
    let line = command.replacing(".build/release/graft", with: "'\(graft)'")
    process.arguments = ["-c", isQuiet ? line : "\(line) > output"]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    var environment = ProcessInfo.processInfo.environment
    environment["GRAFT_HOME"] = Graft.packageRoot
    process.environment = environment
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(command)")
    guard !isQuiet else { return [] }
    return String(decoding: try folder.bytes("output"), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Whether lines are those that a page shows, where a line of `…` stands for any.
  private func matches(_ lines: ArraySlice<String>, _ shown: ArraySlice<String>) -> Bool {
    guard let first = shown.first else { return lines.isEmpty }
    guard first == "…" else { return lines.first == first && matches(lines.dropFirst(), shown.dropFirst()) }
    return lines.indices.contains { matches(lines[$0...], shown.dropFirst()) } || shown.count == 1
  }

  private func trimmed(_ lines: [String]) -> ArraySlice<String> {
    var lines = lines[...]
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  @Test(arguments: DocumentationPage.all)
  func examplesPrintWhatPagesShow(_ page: DocumentationPage) throws {
    let folder = try TestFolder()
    for step in page.blocks.flatMap({ steps(of: $0) }) {
      let printed = trimmed(try run(step.command, in: folder))
      #expect(
        matches(printed, trimmed(step.output)),
        "\(page.name):\(step.number): \(step.command) prints\n\(printed.joined(separator: "\n"))")
    }
  }

  @Test func thereAreExamples() throws {
    for (name, count) in [("README.md", 2), ("Docs/METRICS.md", 20)] {
      #expect(try DocumentationPage.page(name).blocks.flatMap { steps(of: $0) }.count >= count, "\(name)")
    }
  }

  @Test func linesAreCompared() {
    #expect(matches(["a", "b", "c"], ["…", "c"]))
    #expect(matches(["a", "b"], ["a", "…"]))
    #expect(!matches(["a", "b"], ["a"]))
    #expect(!matches(["a", "b"], ["…", "a"]))
    #expect(isRunnable("graft metric f1 --predictions a --references b"))
    #expect(!isRunnable("graft finetune --task a"))
  }
}
