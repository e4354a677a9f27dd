import Reporting
import Scoring
import Support

extension PrefixReport {
  private static func shown(_ prefix: String) -> String { prefix.isEmpty ? "–" : prefix }

  private static func signed(_ value: Double) -> String {
    (value < 0 ? "−" : "+") + NumberText.fixed(abs(value), digits: 1)
  }

  private static func bounds(_ interval: Interval?) -> String {
    interval.map { "[\(signed($0.lower)), \(signed($0.upper))]" } ?? "–"
  }

  /// Scores by task and kind of prefix.
  public var scoreTable: Table {
    var table = Table(
      [
        .init("task"), .init("prefix"), .init("words"), .init("score", .right),
        .init("against natural", .right),
      ]
        + ["95 % over examples", "p (Holm)", "95 % over seeds", "final loss"].map { .init($0, .right) })
    for (index, task) in tasks.enumerated() {
      for arm in arms {
        guard let score = arm.scores.first(where: { $0.task == task }) else { continue }
        let deviation = score.standardDeviation.map { " ± \(NumberText.fixed($0, digits: 1))" } ?? ""
        let versus = score.versusNatural
        table.append([
          task, arm.signal.rawValue, Self.shown(arm.prefixes[index]),
          NumberText.fixed(score.mean, digits: 1) + deviation,
          versus.map { Self.signed($0.difference) } ?? "–",
          Self.bounds(versus?.interval), versus.map { NumberText.fixed($0.holm, digits: 3) } ?? "–",
          Self.bounds(score.overSeeds), arm.curve.last.map { NumberText.fixed($0.loss, digits: 3) } ?? "–",
        ])
      }
    }
    return table
  }

  /// Every task under every prefix; nil for one task, whose prefix cannot be taken for another's.
  public var readingTable: Table? {
    guard tasks.count > 1 else { return nil }
    var table = Table(
      [.init("prefix"), .init("examples of"), .init("under the prefix of")]
        + ["score", "own words", "words of the prefix", "neither"].map { .init($0, .right) })
    func percent(_ share: Double) -> String { NumberText.fixed(100 * share, digits: 1) }
    for arm in arms {
      for reading in arm.readings {
        let factor =
          arm.scores.first { $0.task == reading.task }
          .flatMap { try? Metrics.registry($0.metric) }?.displayFactor ?? 1
        table.append([
          arm.signal.rawValue, reading.task, reading.prefixOf,
          NumberText.fixed(reading.score * factor, digits: 1), percent(reading.ownWords),
          percent(reading.wordsOfPrefix), percent(reading.neither),
        ])
      }
    }
    return table
  }

  /// How the tables are to be read; also printed below them.
  public var remarks: String {
    let metrics = arms.first?.scores.map { "\($0.task) \($0.metric), \($0.split)" } ?? []
    var text = "Scores: \(metrics.joined(separator: "; ")); ± is the standard deviation over seeds.\n"
    text +=
      "Against natural: the same examples and seeds; two-sided approximate randomisation over examples, Holm's"
      + " adjustment over the prefixes of a task; it takes the seeds as given. The interval over seeds is Student's t of"
      + " the differences of equal seeds.\nFinal loss: held-out nats per target over all tasks.\n"
    if tasks.count > 1 {
      text +=
        "Under the prefix of another task: the score is with the task's own choices ranked; words are what was written"
        + " freely, in percent.\n"
    }
    if missing > 0 { text += "\(missing) models are not trained yet.\n" }
    return text
  }

  /// The same as Markdown.
  public var markdown: String {
    let parts = [
      scoreTable.markdown, readingTable?.markdown ?? "", remarks, "![held-out loss](curves.svg)\n",
    ]
    return "# Prefixes\n\n" + parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// Held-out losses by update.
  public var plot: LineChart {
    LineChart(
      title: "Held-out loss of \(tasks.joined(separator: " and "))", xLabel: "updates",
      yLabel: "nats per target",
      series: arms.map { arm in
        LineChart.Series(arm.signal.rawValue, arm.curve.map { .init(x: Double($0.step), y: $0.loss) })
      })
  }
}
