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
      AblateCommand.self, BenchmarkCommand.self, CartographyCommand.self, CompareCommand.self,
      ConvertCommand.self, DataCommand.self,
      DoctorCommand.self, EmbedCommand.self, EvaluateCommand.self, FinetuneCommand.self, GenerateCommand.self,
      InspectCommand.self, LedgerCommand.self, ListCommand.self, MetricCommand.self, MicroworldCommand.self,
      NGramCommand.self,
      PlanCommand.self, PrefixesCommand.self, PretrainCommand.self, ProbeCommand.self, QuickstartCommand.self,
      ReportCommand.self, ScoreCommand.self, StressCommand.self, TokenizerCommand.self, TransferCommand.self,
      ValidateCommand.self,
    ])

  public init() {}

  /// Parses the arguments, runs the command, prints errors for people and ends the process.
  public static func runAndExit(_ plugins: Plugins = .builtin) -> Never {
    StandardOutput.prepare()
    MappingFaults.install()
    var code = Support.ExitCode.success.rawValue
    InterruptHandling.install()
    Notices.show { standardError("note: \($0)") }
    do {
      try plugins.install()
      let invocation = try Invocation.process.get()
      var command = try invocation.command()
      _ = try InstructionSetLimit.read()
      for reason in invocation.plan?.reasons ?? [] { standardError(reason) }
      if let command = command as? any RecipeCommand, command.recipe.printConfig {
        standardOutput(try invocation.effectiveRecipe(of: command), terminator: "")
      } else {
        if let command = command as? any WritingCommand { try OutputGuard.check(command) }
        try command.run()
      }
    } catch let thrown as GraftError {
      var error = thrown.withFlags
      if let invocation = try? Invocation.process.get() { error = invocation.located(error) }
      code = error.code.rawValue
      // What was printed before it comes before it, also where both go to one place.
      if error.code != .inputOutput { try? StandardOutput.flush() }
      standardError(error)
    } catch let error as NSError where [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains(error.domain) {
      code = Support.ExitCode.inputOutput.rawValue
      standardError("error: \(GraftError.shown(GraftError.reason(error)))")
    } catch {
      code = exitCode(for: error).rawValue
      let text = fullMessage(for: error)
      if !text.isEmpty { code == 0 ? standardOutput(text) : standardError(text) }
    }
    do throws(GraftError) {
      try StandardOutput.finish()
    } catch {
      // An earlier error has been told, and its code says more.
      if code == 0 {
        standardError(error)
        code = error.code.rawValue
      }
    }
    Foundation.exit(code)
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

/// Prints a result; a write that fails ends the command with 74.
func standardOutput(_ text: String, terminator: String = "\n") {
  StandardOutput.write(text + terminator)
}

/// Says something to a person, settings named by their flags.
func standardError(_ text: String) { StandardError.write(SettingNames.asFlags(text) + "\n") }

/// Says that something failed, with `word` before it.
func standardError(_ error: GraftError, as word: String = "error") {
  StandardError.write("\(word): \(error.withFlags)\n")
}
