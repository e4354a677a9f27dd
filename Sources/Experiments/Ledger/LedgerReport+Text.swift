import Reporting
import Scoring
import Support

extension LedgerReport {
  /// The runs as a table, in the order in which they began.
  public var table: Table {
    var table = Table([
      .init("number", .right), .init("run"), .init("what"), .init("seed", .right), .init("began"), .init("state"),
      .init("score"),
    ])
    for run in runs {
      table.append([
        "\(run.number)", run.run, run.what, run.seed.map { "\($0)" } ?? "–", run.began ?? "–", run.stateText, run.score,
      ])
    }
    return table
  }

  /// What does not fit, a line each; empty if all does.
  public var misfitLines: [String] {
    misfits.map { misfit in
      let place = misfit.line.map { "line \($0): " } ?? misfit.run.map { "\($0): " } ?? ""
      return place + misfit.text
    }
  }

  /// What is no fault but to be known.
  public var remarks: [String] {
    torn.map { "line \($0) was cut short, as by a crash or a loss of power: what it was to say is not known" }
      + closed.map { "\($0) could not be looked into" }
      + others.map { "\($0) has a ledger of its own: `graft ledger \(Paths.join(folder, $0))`" }
  }

  /// - Throws: `.badData` if anything does not fit.
  public func require() throws(GraftError) {
    guard let first = misfitLines.first else { return }
    throw GraftError(
      .badData,
      "the ledger of '\(folder)' and what lies there do not fit: \(first)"
        + (misfits.count == 1 ? "" : ", and \(misfits.count - 1) more"),
      hint: "the table lists what was tried as far as the ledger has it; Docs/LEDGER.md says what each finding means.")
  }
}

extension LedgerReport.Run {
  /// What was trained on, and from what.
  fileprivate var what: String {
    if let objective { return ([objective] + (tasks ?? [])).joined(separator: "+") }
    guard let tasks else { return "–" }
    return tasks.joined(separator: "+") + ", " + FineTuningJob.system(checkpoint: checkpoint)
  }

  fileprivate var stateText: String {
    state.rawValue + (code.map { " (\($0))" } ?? "") + (resumed == 0 ? "" : ", resumed") + (isGone ? ", gone" : "")
  }

  /// At most two scores; the JSON has all.
  fileprivate var score: String {
    if let bitsPerByte { return "\(NumberText.fixed(bitsPerByte, digits: 3)) bits per byte" }
    if let heldOut { return "\(NumberText.fixed(heldOut, digits: 3)) nats per target" }
    guard let scores, !scores.isEmpty else {
      return selection.map { "selection \(NumberText.fixed($0, digits: 1))" } ?? "–"
    }
    let shown = scores.sorted { $0.key < $1.key }.prefix(2).map { name, value in
      let metric = name.split(separator: ".").last.map(String.init) ?? ""
      return "\(name) \(NumberText.fixed(value * Metrics.displayFactor(metric, signature: nil), digits: 1))"
    }
    return shown.joined(separator: ", ") + (scores.count > shown.count ? ", …" : "")
  }
}
