import Probing
import Reporting
import Scoring
import Support

extension ProbeTable {
  /// The table as a person reads it: title, what to know, rows.
  public var plainText: String {
    title + "\n" + Self.wrapped(note).map { $0 + "\n" }.joined() + "\n" + shown.plainText
  }

  /// The rows with their numbers as text.
  var shown: Table {
    var table = Table(columns.map { .init($0.title, $0.isNumeric ? .right : .left) })
    for row in rows { table.append(row.map(\.shown)) }
    return table
  }

  /// Lines of at most a hundred characters.
  private static func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count < 100 {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

extension ProbeTable.Cell {
  fileprivate var shown: String {
    func score(_ estimate: Estimate, factor: Double, digits: Int) -> String {
      let interval = estimate.interval.flatMap { interval in
        interval.lower <= interval.upper ? interval.lower * factor...interval.upper * factor : nil
      }
      return NumberText.score(estimate.value * factor, interval: interval, digits: digits)
    }
    return switch self {
    case .text(let text): text
    case .count(let count): "\(count)"
    case .number(let number, let digits): NumberText.fixed(number, digits: digits)
    case .share(let share): NumberText.fixed(share * 100, digits: 1)
    case .estimatedShare(let estimate): score(estimate, factor: 100, digits: 1)
    case .estimate(let estimate, let digits): score(estimate, factor: 1, digits: digits)
    case .missing: "–"
    }
  }
}

extension ProbePlot {
  /// The plot as a picture.
  public var svg: String {
    SymbolPlot(
      title: title, xLabel: xLabel, yLabel: yLabel,
      series: series.map { one in
        .init(
          one.name, one.points.map { .init(x: $0.x, y: $0.y, label: $0.label) }, isLine: one.isLine)
      }, hasLogarithmicX: hasLogarithmicX
    ).svg
  }
}
