import Commands

GraftCommand.runAndExit(
  Plugins.builtin.adding(
    objectives: [ReversedText.self],
    metrics: [(FirstWord(), "share of answers that begin with the word of the reference")]))
