import Reporting
import Scoring
import Support

extension AblationReport {
  /// The columns of scores in the order of the first row that has each.
  private var columns: [String] {
    var names: [String] = []
    for score in rows.flatMap(\.scores) where !names.contains(score.column) { names.append(score.column) }
    return names
  }

  private static func costs(_ row: AblationRow) -> [String] {
    func text(_ value: Double?) -> String { value.map { NumberText.abbreviated($0) } ?? "–" }
    let tokens = row.mean { Double($0.tokens) }
    let flops = row.mean(\.flops)
    let perToken = tokens.flatMap { tokens in flops.map { $0 / max(1, tokens) } }
    return [
      NumberText.abbreviated(Double(row.parameters)), text(perToken), text(tokens),
      flops.map { NumberText.scientific($0) } ?? "–",
      row.mean(\.seconds).map { NumberText.duration($0) } ?? "–",
    ]
  }

  /// Bits per byte of held-out text, which compare models of any tokenizer.
  private static func heldOut(_ row: AblationRow, _ value: (AblationCost) -> Double?, spread: Bool) -> String {
    guard let summary = SeedSummary(row.pretraining.compactMap(value)) else { return "–" }
    let text = NumberText.fixed(summary.mean, digits: 3)
    guard spread, let deviation = summary.standardDeviation else { return text }
    return "\(text) ± \(NumberText.fixed(deviation, digits: 3))"
  }

  private static func score(_ score: AblationScore?, spread: Bool) -> String {
    guard let score else { return "–" }
    var text = NumberText.fixed(score.mean, digits: 1)
    if spread, let deviation = score.standardDeviation {
      text += " ± \(NumberText.fixed(deviation, digits: 1))"
    }
    return score.versusBaseline?.isSignificant == true ? text + "*" : text
  }

  private static func signed(_ value: Double) -> String {
    (value < 0 ? "−" : "+") + NumberText.fixed(abs(value), digits: 1)
  }

  private static func difference(_ row: AblationRow, interval: Bool) -> (text: String, p: String) {
    guard let found = row.average?.versusBaseline else { return ("–", "–") }
    var text = signed(found.difference) + (found.isSignificant ? "*" : "")
    if interval, let bounds = found.interval {
      text += " [\(signed(bounds.lower)), \(signed(bounds.upper))]"
    }
    return (text, found.holm < 0.001 ? "< .001" : NumberText.fixed(found.holm, digits: 3))
  }

  /// The table for a terminal.
  public func table() -> Table {
    let columns = columns
    var table = Table(
      [.init("model")]
        + (["params", "FLOPs/token", "tokens", "FLOPs", "time", "bits/byte"] + columns
        + ["average", "difference", "p"]).map { .init($0, .right) })
    for row in rows {
      let scores = columns.map { name in Self.score(row.scores.first { $0.column == name }, spread: false) }
      let (difference, p) = Self.difference(row, interval: false)
      table.append(
        [row.cell] + Self.costs(row) + [Self.heldOut(row, \.bitsPerByte, spread: false)] + scores + [
          Self.score(row.average, spread: true), row.cell == baseline ? "baseline" : difference, p,
        ])
    }
    return table
  }

  /// The page: the table with spreads and intervals, what is missing, and how it was tested.
  public var markdown: String {
    let columns = columns
    var table = Table(
      [.init("model")]
        + (["parameters", "FLOPs per token", "tokens", "FLOPs", "wall-clock", "held-out loss", "bits per byte"]
        + columns
        + ["average", "difference [95 %]", "p"]).map { .init($0, .right) })
    for row in rows {
      let scores = columns.map { name in Self.score(row.scores.first { $0.column == name }, spread: true) }
      let (difference, p) = Self.difference(row, interval: true)
      let isBaseline = row.cell == baseline
      table.append(
        [isBaseline ? "**\(row.cell)**" : row.cell] + Self.costs(row)
          + [Self.heldOut(row, \.heldOut, spread: false), Self.heldOut(row, \.bitsPerByte, spread: true)] + scores
          + [Self.score(row.average, spread: true), isBaseline ? "baseline" : difference, p])
    }
    let changes = rows.compactMap { row in row.changes.map { "- \(row.cell): \($0.isEmpty ? "as it is" : $0)\n" } }
    let list = changes.isEmpty ? "" : "What of the recipe each changes:\n\n\(changes.joined())\n"
    return "# Pretraining grid\n\nBudget of each cell: \(budget). Seeds: "
      + seeds.map { "\($0)" }.joined(separator: ", ") + ".\n\n" + table.markdown + "\n" + list + remarks
      + "\n![scores](scores.svg)\n"
  }

  /// What the table does not say by itself; also printed below it.
  public var remarks: String {
    let metrics = rows.flatMap(\.scores).reduce(into: [String]()) { list, score in
      let text = "\(score.column) \(score.metric)"
      if !list.contains(text) { list.append(text) }
    }
    var text = ""
    if !metrics.isEmpty { text += "Scores: \(metrics.joined(separator: ", ")).\n" }
    if let columns = asPretrained, !columns.isEmpty {
      text += "Of the pretrained model as it is, and not in the average: \(columns.joined(separator: ", ")).\n"
    }
    let count = rows.compactMap { $0.average?.seeds.count }.max() ?? 0
    switch count {
    case 0:
      if rows.contains(where: { !$0.scores.isEmpty }) || missing > 0 { text += "No model has all its scores yet.\n" }
    case 1: text += "One seed: there is no spread over seeds.\n"
    case 2:
      text += "± is the standard deviation over seeds; with two seeds that is a rough idea of it, no more.\n"
    default: text += "± is the standard deviation over \(count) seeds.\n"
    }
    text +=
      "Tokens, FLOPs (of matrix products, forward and backward) and wall-clock are those of pretraining, mean over"
      + " seeds. The held-out loss is that of each objective's own targets, in nats: compare it within an objective and a"
      + " tokenizer, and bits per byte within an objective.\n"
      + "An asterisk marks p < .05 against \(baseline): two-sided approximate randomisation that exchanges the two models' answers to an"
      + " example, for all seeds at once, on scores averaged over the seeds both have; p after Holm's adjustment over the"
      + " rows of the column. The interval resamples examples. Both take the seeds as given: whether other seeds would"
      + " agree is for ± to say.\n"
    if !doesNotFit.isEmpty {
      text +=
        "Does not fit, as results.json says in each case: "
        + doesNotFit.map(\.cell).joined(separator: ", ") + ".\n"
    }
    for failure in failures {
      let error = failure.error.split(separator: "\n").first.map(String.init) ?? ""
      text += "Failed: \(failure.cell), seed \(failure.seed), \(failure.stage): \(error)\n"
    }
    if missing > 0 { text += "\(missing) stages are not done yet.\n" }
    return text.split(separator: "\n").map { $0 + "\n" }.joined(separator: "\n")
  }

  /// Averages over tasks, a row per cell, a dot per seed.
  public var plot: DotPlot {
    DotPlot(
      title: "Average over tasks",
      xLabel: "points; a dot per seed, the bar is the mean, the line the baseline",
      rows: rows.map { DotPlot.Row($0.cell, $0.average?.values ?? []) },
      reference: rows.first { $0.cell == baseline }?.average?.mean)
  }
}
