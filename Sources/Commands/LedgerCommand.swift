import ArgumentParser
import Experiments
import Support

/// `graft ledger`
struct LedgerCommand: WritingCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "List every run of a folder, and verify that none was left out or changed.",
    discussion: """
      Every run that trains is entered in run-ledger.jsonl of the folder that its --output lies in, when it begins and \
      when it ends. Each entry holds the hash of the one before. The exit code is 65 if the chain is broken, a run in the \
      folder has no entry, or its run.json or results.json is another than was entered. Docs/LEDGER.md says what a chain \
      shows and what it cannot.

      Example:
        graft ledger runs
        graft ledger runs --expect 6ed0f9a2…   # the hash that an earlier `graft ledger` printed, all 64 digits
      """)

  @Argument(help: "The folder of the runs.")
  var folder: String

  @Option(help: "The hash of a line, as an earlier call printed it, that has to be in the chain.")
  var expect: String?

  @Option(help: "Write the result as JSON to this file, - for standard output.")
  var json: String?

  func files() -> CommandFiles {
    CommandFiles(.json(json, .ledger, keys: ["folder", "runs", "misfits"]))
  }

  func validate() throws {
    guard expect?.wholeMatch(of: /[0-9A-Fa-f]{64}/) != nil || expect == nil else {
      throw ValidationError("--expect is a hash of 64 hexadecimal digits")
    }
  }

  func run() throws {
    let report = try LedgerReport(folder, expected: expect)
    if let json { try JSONOutput.write(report, to: json) }
    if json != "-" { show(report) }
    try report.require()
  }

  private func show(_ report: LedgerReport) {
    standardOutput(report.table.plainText)
    for remark in report.remarks { standardOutput(remark) }
    for line in report.misfitLines { standardOutput("does not fit: \(line)") }
    standardOutput("\(report.lines) entries; hash of the last, to be kept elsewhere and given to --expect:")
    standardOutput(report.lastHash)
  }
}
