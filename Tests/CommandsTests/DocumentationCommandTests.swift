import ArgumentParser
import Commands
import Foundation
import Testing

/// Every command that a page shows is one that there is.
@Suite struct DocumentationCommandTests {
  /// What is wrong with a command line, if anything.
  private func problem(_ shown: ShownCommand) throws -> String? {
    let (command, rest) = try CommandTree.root.get().command(of: shown.arguments[...])
    if command.subcommands != nil, let next = rest.first, !next.hasPrefix("-"), next.contains(/^[a-z]/) {
      return "there is no command '\(next)'"
    }
    for word in rest where word.hasPrefix("--") || word.contains(/^-[a-z]$/) {
      let name = word.prefix { $0 != "=" }
      if !command.options.union(["--generate-completion-script"]).contains(String(name)) { return "\(command.commandName) has no \(name)" }
    }
    guard !shown.isPartial else { return nil }
    do {
      _ = try GraftCommand.parseAsRoot(shown.arguments)
      return nil
    } catch {
      if GraftCommand.exitCode(for: error) == .success { return nil }
      // A placeholder may stand where a number has to.
      let filled = shown.arguments.map { $0.wholeMatch(of: /[A-Z]+/) == nil ? $0 : "1" }
      if filled != shown.arguments, (try? GraftCommand.parseAsRoot(filled)) != nil { return nil }
      return GraftCommand.message(for: error)
    }
  }

  @Test(arguments: DocumentationPage.all) func commandsOfPagesParse(_ page: DocumentationPage) throws {
    for line in page.code {
      guard let shown = ShownCommand(line.text.trimmingCharacters(in: .whitespaces)) else { continue }
      if let problem = try problem(shown) {
        Issue.record("\(page.name):\(line.number): graft \(shown.arguments.joined(separator: " ")): \(problem)")
      }
    }
  }

  /// Commands in a sentence may leave out what they need, but name nothing that is not there.
  @Test(arguments: DocumentationPage.all) func commandsInSentencesExist(_ page: DocumentationPage) throws {
    for code in page.inlineCode {
      guard var shown = ShownCommand(code) else { continue }
      shown.isPartial = true
      if let problem = try problem(shown) { Issue.record("\(page.name): `\(code)`: \(problem)") }
    }
  }

  /// Options of other programs, and one of ArgumentParser.
  private static let foreign: Set<String> = ["--filter", "--generate-completion-script", "--no-peers"]

  @Test(arguments: DocumentationPage.all) func optionsInSentencesExist(_ page: DocumentationPage) throws {
    let known = try CommandTree.root.get().all().reduce(into: Self.foreign) { $0.formUnion($1.command.options) }
    for code in page.inlineCode {
      for match in code.matches(of: /(?:^|[ \[(])(--[a-z][a-z0-9-]*)/) where !known.contains(String(match.output.1)) {
        Issue.record("\(page.name): `\(code)`: no command has \(match.output.1)")
      }
    }
  }

  @Test func scriptsOfResultsNameOptionsThatExist() throws {
    let known = try CommandTree.root.get().all().reduce(into: Set<String>()) { $0.formUnion($1.command.options) }
    let folder = "\(Graft.packageRoot)/Docs/results"
    let scripts = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sh") }
    #expect(!scripts.isEmpty)
    for script in scripts {
      let text = try String(contentsOfFile: "\(folder)/\(script)", encoding: .utf8)
      for match in text.matches(of: /\s(--[a-z][a-z0-9-]*)/) where !known.contains(String(match.output.1)) {
        Issue.record("Docs/results/\(script): no command has \(match.output.1)")
      }
    }
  }

  @Test func theReferenceNamesEveryCommandAndOption() throws {
    let page = try DocumentationPage.page("Docs/CLI.md").text
    for (path, command) in try CommandTree.root.get().all() {
      let name = path.joined(separator: " ")
      #expect(path.isEmpty || page.contains("\(name)"), "Docs/CLI.md does not name `graft \(name)`")
      #expect(command.abstract?.isEmpty == false, "graft \(name) has no abstract")
      for argument in command.arguments ?? [] where argument.shouldDisplay {
        #expect(argument.abstract?.isEmpty == false, "graft \(name): \(argument) has no help")
        let names = (argument.names ?? []).map(\.spelled).filter { $0.hasPrefix("--") }
        guard !names.isEmpty, !names.contains("--help"), !names.contains("--version") else { continue }
        #expect(
          names.contains { page.contains($0) || page.contains("--no-\($0.dropFirst(2))") },
          "Docs/CLI.md does not name \(names.joined(separator: ", ")) of `graft \(name)`")
      }
    }
  }

  /// What the checks above rest on.
  @Test func theChecksFindWhatIsGone() throws {
    func problem(_ line: String) throws -> String? { try self.problem(#require(ShownCommand(line))) }
    #expect(try problem("$ .build/release/graft list tasks | head") == nil)
    #expect(try problem("graft benchmark train --steps N") == nil)
    #expect(try problem("graft pretrian --steps 3") == "there is no command 'pretrian'")
    #expect(try problem("graft tokenizer trian") == "there is no command 'trian'")
    #expect(try problem("graft evaluate … --chekpoint x") == "evaluate has no --chekpoint")
    #expect(try problem("graft evaluate --task sst2")?.contains("checkpoint") == true)
    #expect(try problem("graft benchmark train --steps many")?.contains("many") == true)
    #expect(ShownCommand("python3 x.py .build/debug/graft") == nil)
    #expect(ShownCommand("GRAFT_DATA=a graft score 'a b' # c")?.arguments == ["score", "a b"])
    let page = DocumentationPage(name: "", text: "# A `b` c?\n```\ngraft a \\\n  b\n```\n`x\ny`")
    #expect(page.code.map(\.text) == ["graft a    b"])
    #expect(page.inlineCode == ["b", "x y"])
    #expect(page.anchors == ["a-b-c"])
  }
}
