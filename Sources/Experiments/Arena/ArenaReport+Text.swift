import Reporting
import Scoring
import Support

extension ArenaReport {
  private var hasCache: Bool { rows.contains { $0.trials.contains { $0.remembering != nil } } }

  /// A figure of all seeds: its mean, with the standard deviation over several, or the interval over lines of one.
  private func figure(
    _ row: Row, digits: Int, intervals: Bool, _ value: (ArenaTrial) -> Estimate?
  ) -> String {
    let estimates = row.trials.compactMap(value)
    guard let summary = SeedSummary(estimates.map(\.value)) else { return "–" }
    let text = NumberText.fixed(summary.mean, digits: digits)
    if let deviation = summary.standardDeviation { return "\(text) ± \(NumberText.fixed(deviation, digits: digits))" }
    guard intervals, let interval = estimates[0].interval else { return text }
    return "\(text) [\(NumberText.fixed(interval.lower, digits: digits)),"
      + " \(NumberText.fixed(interval.upper, digits: digits))]"
  }

  private func mean(_ row: Row, _ value: (ArenaTrial) -> Double?) -> Double? {
    SeedSummary(row.trials.compactMap(value))?.mean
  }

  private func table(intervals: Bool) -> Table {
    var table = Table(
      [.init("model")]
        + (["parameters", "passes", "FLOPs", "time", "memory", "perplexity per word"]
        + (hasCache ? ["with cache"] : []) + ["bits per byte"]).map { .init($0, .right) })
    for row in rows {
      let memory = mean(row) { Double($0.peakBytes) }.map { "\(Int(($0 / 1_048_576).rounded())) MiB" }
      let operations = mean(row, \.operations).map { NumberText.scientific($0) }
      let numbers: [String] = [
        NumberText.abbreviated(Double(row.trials[0].parameters)),
        mean(row, \.passes).map { NumberText.fixed($0, digits: 2) } ?? "1", operations ?? "–",
        mean(row, \.seconds).map { NumberText.duration($0) } ?? "–", memory ?? "–",
        figure(row, digits: 1, intervals: intervals, \.rates.perplexityPerWord),
      ]
      let cached = hasCache ? [figure(row, digits: 1, intervals: intervals) { $0.remembering?.perplexityPerWord }] : []
      table.append(
        [row.model] + numbers + cached + [figure(row, digits: 3, intervals: intervals, \.rates.bitsPerByte)])
    }
    return table
  }

  private var attemptTable: Table {
    var table = Table([.init("model"), .init("learning rate", .right), .init("held-out, nats per token", .right)])
    for attempt in attempts {
      table.append([
        attempt.model, NumberText.shortest(attempt.learningRate) + (attempt.isChosen ? " *" : ""),
        NumberText.fixed(attempt.heldOut, digits: 3),
      ])
    }
    return table
  }

  /// What every model wrote with the first seed, on a line.
  private var samples: [(model: String, text: String)] {
    rows.map { row in
      let text = row.trials[0].sample.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      return (row.model, text)
    }
  }

  public var plainText: String {
    var written = Table([.init(""), .init("")])
    for sample in samples { written.append([sample.model, sample.text]) }
    let tried = attempts.isEmpty ? "" : "\n" + attemptTable.plainText
    return table(intervals: false).plainText + tried + "\nWhat each writes after '\(prompt)':\n\n" + written.plainText
  }

  public var markdown: String {
    let tried = attempts.isEmpty ? "" : "## Learning rates\n\n\(attemptTable.markdown)\n"
    let written = samples.map { "- **\($0.model)** \(Self.escaped($0.text))\n" }.joined()
    return "# Arena\n\nNetworks are trained for \(budget) each. Seeds: "
      + seeds.map { "\($0)" }.joined(separator: ", ") + ".\n\n" + table(intervals: true).markdown + "\n" + tried
      + "## Samples\n\nAfter *\(Self.escaped(prompt))*, drawn with one seed:\n\n" + written + "\n" + remarks
      + "\n![bits per byte](arena.svg)\n"
  }

  /// What models write is no markup.
  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "\\`*_[]<>#|&".contains(character) { result.append("\\") }
      result.append(character)
    }
  }

  public var remarks: String {
    var text =
      "Perplexity is per word of the validation text, each line's end being one, and so are bits per byte; of networks"
      + " each token is scored once, with at least half a window before it. "
    text +=
      seeds.count > 1
      ? "± is the standard deviation over \(seeds.count) seeds.\n"
      : "One seed: brackets in table.md are 95 % bootstrap intervals over lines.\n"
    text +=
      "Parameters of models of counts are n-grams. FLOPs are those of matrix products, forward and backward, time is that"
      + " of training, memory the most that the process held meanwhile.\n"
    if unknown > 0 {
      text +=
        "\(NumberText.fixed(100 * unknown, digits: 1)) % of the words are unknown and counted as one: bits per byte are"
        + " those of what is left of the text.\n"
    }
    if !attempts.isEmpty {
      text +=
        "An asterisk marks the learning rate with the least loss on the part of the training text that is held out; its"
        + " model is the one in the table.\n"
    }
    if missing > 0 { text += "\(missing) models are not trained yet.\n" }
    return text
  }

  public var picture: (name: String, svg: String)? {
    let plotted = rows.filter { row in row.model != "uniform" }.map { row in
      let rates = row.trials.compactMap(\.rates.bitsPerByte)
      let interval = rates.count == 1 ? rates[0].interval.map { $0.lower...$0.upper } : nil
      return DotPlot.Row(row.model, rates.map(\.value), interval: interval)
    }
    let plot = DotPlot(title: "Bits per byte of the validation text", xLabel: "bits per byte", rows: plotted)
    return ("arena.svg", plot.svg)
  }
}
