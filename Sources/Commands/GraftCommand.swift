import ArgumentParser
import Compute
import Foundation
import Support

/// `graft`: the whole command line.
public struct GraftCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "graft",
    abstract:
      "Pretrain a small language model, fine-tune it by task prefix, find out what it really learned.",
    discussion: """
      Results go to standard output, progress and notes to standard error.

      Exit codes: 0 done, 3 a --require was not met, 64 usage, 65 bad data, 66 missing input,
      70 internal, 74 input/output, 130 and 143 interrupted after saving.
      """,
    version: GraftVersion.text,
    subcommands: [
      AblateCommand.self, ArenaCommand.self, BaselineCommand.self, BenchmarkCommand.self, CartographyCommand.self,
      ChatCommand.self, CompareCommand.self, ConvertCommand.self, DataCommand.self, DoctorCommand.self,
      EmbedCommand.self, EvaluateCommand.self, EventsCommand.self, FinetuneCommand.self, GenerateCommand.self,
      InspectCommand.self, LedgerCommand.self, ListCommand.self, ManualCommand.self, MetricCommand.self,
      MicroworldCommand.self, NGramCommand.self, NewCommand.self, PlanCommand.self, PredictCommand.self,
      PrefixesCommand.self, PretrainCommand.self, ProbeCommand.self, QuickstartCommand.self, ReportCommand.self,
      ScalingLawCommand.self, ScoreCommand.self, ServeCommand.self, StatesCommand.self, StressCommand.self,
      TokenizerCommand.self, TransferCommand.self, ValidateCommand.self, VectorsCommand.self,
    ])

  public init() {}

  /// Parses the arguments, runs the command, prints errors for people and ends the process.
  public static func runAndExit(_ plugins: Plugins = .builtin) -> Never {
    StandardOutput.prepare()
    MappingFaults.install()
    InterruptHandling.install()
    InterruptHandling.heedClosedPipes()
    // Made by all; said once.
    Notices.show { text in standardError("note: \(text)") }
    let end = run(plugins)
    ProcessWorld.leave(end.code, end.tell)
    Foundation.exit(end.code)
  }

  /// What a process ends with, and what it says then. `tell` is given the rank of one of several processes that says
  /// what is not everybody's.
  private struct Ending {
    var code: Int32
    var tell: (_ rank: String?) -> Void = { _ in }
  }

  private static func run(_ plugins: Plugins) -> Ending {
    var ending = Ending(code: Support.ExitCode.success.rawValue)
    do {
      try plugins.install()
      let invocation = try Invocation.process.get()
      var command = try invocation.command()
      _ = try InstructionSetLimit.read()
      for reason in invocation.plan?.reasons ?? [] { standardError(reason) }
      if let command = command as? any RecipeCommand, command.recipe.printConfig {
        standardOutput(try invocation.effectiveRecipe(of: command), terminator: "")
      } else {
        try ProcessWorld.check(command)
        if let command = command as? any WritingCommand {
          try ProcessWorld.joined.get().onRoot { () throws(GraftError) in try OutputGuard.check(command) }
        }
        try command.run()
      }
    } catch let thrown as GraftError {
      var error = thrown.withFlags
      if let invocation = try? Invocation.process.get() { error = invocation.located(error) }
      // What was printed before it comes before it, also where both go to one place.
      if error.code != .inputOutput { try? StandardOutput.flush() }
      ending = Ending(code: error.code.rawValue) { [error] rank in
        standardError(error, as: rank.map { "\($0): error" } ?? "error")
      }
    } catch let error as NSError where [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains(error.domain) {
      ending = Ending(code: Support.ExitCode.inputOutput.rawValue) { rank in
        StandardError.write((rank.map { "\($0): " } ?? "") + "error: \(GraftError.shown(GraftError.reason(error)))\n")
      }
    } catch {
      let (code, text) = (exitCode(for: error).rawValue, fullMessage(for: error))
      if code == 0, !text.isEmpty { standardOutput(text) }
      let words = (try? Invocation.process.get())?.parsed ?? Array(CommandLine.arguments.dropFirst())
      let parserError = code == 0 ? nil : ParserErrors.error(message(for: error), words: words)
      ending = Ending(code: code) { _ in
        if let parserError { standardError(parserError) }
      }
    }
    do throws(GraftError) {
      try StandardOutput.finish()
    } catch {
      // An earlier error is told, and its code says more.
      if ending.code == 0 { ending = Ending(code: error.code.rawValue) { _ in standardError(error) } }
    }
    return ending
  }
}

extension GraftCommand {
  /// Every command that has no subcommands, by its name: `graft tokenizer train`.
  static var leaves: [(name: String, type: any ParsableCommand.Type)] {
    func leaves(_ type: any ParsableCommand.Type, _ above: String) -> [(String, any ParsableCommand.Type)] {
      let name = above + (type.configuration.commandName ?? "")
      let below = type.configuration.subcommands
      return below.isEmpty ? [(name, type)] : below.flatMap { leaves($0, name + " ") }
    }
    return leaves(GraftCommand.self, "")
  }

  static func name(of command: any ParsableCommand.Type) -> String {
    leaves.first { $0.type == command }?.name ?? "graft"
  }
}

/// Prints a result; a write that fails ends the command with 74. Of several processes rank 0 alone prints, and says
/// something to people.
func standardOutput(_ text: String, terminator: String = "\n") {
  guard ProcessWorld.speaks else { return }
  StandardOutput.write(text + terminator)
}

/// Says something to a person, settings named by their flags.
func standardError(_ text: String) {
  guard ProcessWorld.speaks else { return }
  StandardError.write(SettingNames.asFlags(text) + "\n")
}

/// Says that something failed, with `word` before it.
func standardError(_ error: GraftError, as word: String = "error") {
  StandardError.write("\(word): \(error.withFlags)\n")
}
