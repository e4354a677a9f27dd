import ArgumentParser
import Commands
import Foundation
import TestSupport
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
      let known = command.options.union(["--generate-completion-script"])
      if !known.contains(String(name)) { return "\(command.commandName) has no \(name)" }
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

  /// A command of a sentence.
  private func shown(_ code: String) throws -> ShownCommand? {
    let words = code.split(separator: " ")
    let commands = try CommandTree.root.get().subcommands ?? []
    let isBare = words.contains { $0.hasPrefix("--") } && commands.contains { $0.commandName == words[0] }
    return ShownCommand(isBare ? "graft \(code)" : code)
  }

  @Test(.tags(.slow), arguments: DocumentationPage.all) func commandsOfPagesParse(_ page: DocumentationPage) throws {
    for line in page.code {
      guard let shown = ShownCommand(line.text.trimmingCharacters(in: .whitespaces)) else { continue }
      if let problem = try problem(shown) {
        let command = shown.arguments.joined(separator: " ")
        Issue.record("\(page.name):\(line.number): graft \(command): \(problem)")
      }
    }
  }

  /// Commands in a sentence may leave out what they need, but name nothing that is not there. They may be without
  /// `graft` where an option follows: `finetune --seeds N`.
  @Test(arguments: DocumentationPage.all) func commandsInSentencesExist(_ page: DocumentationPage) throws {
    for code in page.inlineCode {
      guard var shown = try shown(code) else { continue }
      shown.isPartial = true
      if let problem = try problem(shown) { Issue.record("\(page.name): `\(code)`: \(problem)") }
    }
  }

  /// Options of other programs, also of mpirun and srun and of scripts, and one of ArgumentParser.
  private static let foreign: Set<String> = [
    "--allow-run-as-root", "--bind-to", "--filter", "--generate-completion-script", "--host", "--map-by", "--mca",
    "--mpi", "--no-parallel", "--no-peers", "--precisions", "--skip", "--skip-build", "--write", "--xunit-output",
  ]

  private static let options = Result {
    try CommandTree.root.get().all().reduce(into: foreign) { $0.formUnion($1.command.options) }
  }

  @Test(arguments: DocumentationPage.all) func optionsInSentencesExist(_ page: DocumentationPage) throws {
    let known = try Self.options.get()
    for code in page.inlineCode {
      for match in code.matches(of: /(?:^|[ \[(])(--[a-z][a-z0-9-]*)/)
      where !known.contains(String(match.output.1)) {
        Issue.record("\(page.name): `\(code)`: no command has \(match.output.1)")
      }
    }
  }

  @Test func scriptsOfResultsNameOptionsThatExist() throws {
    let known = try Self.options.get()
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

  /// `make` targets, and what `swift test --filter` is given.
  @Test func targetsAndFiltersExist() throws {
    let makefile = try String(contentsOfFile: "\(Graft.packageRoot)/Makefile", encoding: .utf8)
    let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.output.1) })
    let tests = "\(Graft.packageRoot)/Tests"
    let files = FileManager.default.enumerator(atPath: tests)?.allObjects as? [String] ?? []
    var count = 0
    for page in DocumentationPage.all {
      // Few lines have either word, and a regular expression takes long to say that it finds nothing.
      for text in page.code.map(\.text) + page.inlineCode where text.contains("make ") || text.contains("swift test") {
        if let target = text.firstMatch(of: /^\s*(?:\$ |[A-Z_]+=\S+ )?make ([a-z-]+)/)?.output.1 {
          count += 1
          #expect(targets.contains(String(target)), "\(page.name): \(text)")
        }
        if let filter = text.firstMatch(of: /swift test.* --filter ([A-Za-z]+)/)?.output.1 {
          #expect(files.contains { $0.contains(filter) }, "\(page.name): \(text)")
        }
      }
    }
    #expect(count > 10)
  }

  /// Variables of the environment that the sources read.
  @Test func theReferenceNamesEveryVariable() throws {
    let page = try DocumentationPage.page("Docs/CLI.md")
    let sources = "\(Graft.packageRoot)/Sources"
    let files = FileManager.default.enumerator(atPath: sources)?.allObjects as? [String] ?? []
    var names: Set<String> = []
    for file in files where file.hasSuffix(".swift") || file.hasSuffix(".c") {
      let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
      names.formUnion(text.matches(of: /"(GRAFT_[A-Z_]+)"/).map { String($0.output.1) })
    }
    #expect(names.count >= 3)
    for name in names { #expect(page.has("`\(name)`"), "Docs/CLI.md does not name \(name)") }
  }

  /// Help is the reference, and says something about every argument; the page leads to that of every command.
  @Test func theReferenceLeadsToEveryCommand() throws {
    let page = try DocumentationPage.page("Docs/CLI.md")
    for (path, command) in try CommandTree.root.get().all() {
      let name = path.joined(separator: " ")
      let file = "Tests/Fixtures/help/\((["graft"] + path).joined(separator: "-")).txt"
      #expect(FileManager.default.fileExists(atPath: "\(Graft.packageRoot)/\(file)"), "there is no \(file)")
      if !path.isEmpty, (command.subcommands ?? []).isEmpty {
        #expect(page.has("| [`\(name)`](../\(file)) |"), "the table of Docs/CLI.md lacks \(name)")
      }
      #expect(command.abstract?.isEmpty == false, "graft \(name) has no abstract")
      for argument in command.arguments ?? [] where argument.shouldDisplay {
        #expect(argument.abstract?.isEmpty == false, "graft \(name): \(argument) has no help")
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
    #expect(try problem("graft predict --input rows.tsv")?.contains("checkpoint") == true)
    #expect(try problem("graft benchmark train --steps many")?.contains("many") == true)
    #expect(try shown("evaluate --chekpoint x")?.arguments == ["evaluate", "--chekpoint", "x"])
    #expect(try shown("evaluate") == nil && shown("make --jobs") == nil)
    #expect(ShownCommand("python3 x.py .build/debug/graft") == nil)
    #expect(ShownCommand("GRAFT_DATA=a graft score 'a b' # c")?.arguments == ["score", "a b"])
    let page = DocumentationPage(name: "", text: "# A `b` c?\n```\ngraft a \\\n  b\n```\n`x\ny`")
    #expect(page.code.map(\.text) == ["graft a    b"])
    #expect(page.inlineCode == ["b", "x y"])
    #expect(page.anchors == ["a-b-c"])
  }
}
