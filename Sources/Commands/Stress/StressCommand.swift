import ArgumentParser

/// `graft stress`
struct StressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stress",
    abstract: "Make stress sets out of any task of classification, and see how far a model falls on them.",
    discussion: """
      Example:
        graft stress evaluate --checkpoint runs/nli --task nli --transform negation numerical --data data
        graft stress evaluate --checkpoint runs/sst2 --task sst2 --checklist sentiment --data data
        graft stress make --task nli --transform antonym synonym --together words --output stress --data data
      """,
    subcommands: [StressEvaluateCommand.self, StressMakeCommand.self])
}
