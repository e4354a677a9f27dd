import Scoring
import Support

extension ConfusionMatrix {
  /// A row for each right label, a column for each that was given, and how well each label was found: recall along its
  /// row, precision along its column, in percent.
  public var table: Table {
    let hasInvalid = invalid.contains { $0 > 0 }
    var table = Table(
      [.init("right \\ given")] + labels.map { .init($0, .right) } + (hasInvalid ? [.init("invalid", .right)] : [])
        + [.init("precision", .right), .init("recall", .right), .init("f1", .right)])
    func shown(_ value: Double?) -> String { value.map { NumberText.fixed(100 * $0, digits: 1) } ?? "-" }
    for label in labels.indices {
      table.append(
        [labels[label]] + counts[label].map { "\($0)" } + (hasInvalid ? ["\(invalid[label])"] : [])
          + [shown(precision(label)), shown(recall(label)), shown(f1(label))])
    }
    return table
  }
}
