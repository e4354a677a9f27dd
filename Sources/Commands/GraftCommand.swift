import ArgumentParser
import Foundation
import Support
import Training

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
    version: graftVersion,
    subcommands: [
      AblateCommand.self, BenchmarkCommand.self, CartographyCommand.self, CompareCommand.self,
      ConvertCommand.self, DataCommand.self,
      DoctorCommand.self, EvaluateCommand.self, FinetuneCommand.self, GenerateCommand.self,
      InspectCommand.self, ListCommand.self, MetricCommand.self, MicroworldCommand.self,
      PrefixesCommand.self, PretrainCommand.self, ProbeCommand.self, QuickstartCommand.self,
      ReportCommand.self, ScoreCommand.self, StressCommand.self, TokenizerCommand.self, TransferCommand.self,
      ValidateCommand.self,
    ])

  public init() {}

  /// Parses the arguments, runs the command, prints errors for people and ends the process.
  public static func runAndExit() -> Never {
    Notices.show { standardError("note: \($0)") }
    do {
      var command = try parseAsRoot()
      try command.run()
      Foundation.exit(Support.ExitCode.success.rawValue)
    } catch let error as GraftError {
      standardError("error: \(error)")
      Foundation.exit(error.code.rawValue)
    } catch {
      exit(withError: error)
    }
  }
}

func standardError(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
