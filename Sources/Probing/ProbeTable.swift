import Scoring

/// A table of a report, as values; whoever shows it decides how numbers look.
public struct ProbeTable: Sendable, Hashable {
  public enum Cell: Sendable, Hashable {
    case text(String)
    case count(Int)
    /// A number as it stands, with so many decimals.
    case number(Double, digits: Int)
    /// A share, to be shown as per cent.
    case share(Double)
    /// A share with its interval, to be shown as per cent.
    case estimatedShare(Estimate)
    /// Any other figure with its interval.
    case estimate(Estimate, digits: Int)
    case missing

    /// A share with its interval, if there is one.
    static func estimatedShare(_ estimate: Estimate?) -> Cell {
      estimate.map { .estimatedShare($0) } ?? .missing
    }
    static func estimate(_ estimate: Estimate?, digits: Int) -> Cell {
      estimate.map { .estimate($0, digits: digits) } ?? .missing
    }
  }

  public struct Column: Sendable, Hashable {
    public var title: String
    public var isNumeric: Bool

    static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
    static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
  }

  public var title: String
  /// What a reader has to know to read the table, in a sentence or two; empty for nothing.
  public var note: String
  public var columns: [Column]
  public private(set) var rows: [[Cell]] = []

  public init(title: String, note: String = "", columns: [Column]) {
    self.title = title
    self.note = note
    self.columns = columns
  }

  /// - Precondition: as many cells as columns.
  mutating func append(_ cells: [Cell]) {
    precondition(
      cells.count == columns.count, "ProbeTable: \(cells.count) cells for \(columns.count) columns")
    rows.append(cells)
  }
}

/// A picture of a report, as values.
public struct ProbePlot: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double
    /// Written beside the point.
    public var label: String?

    public init(x: Double, y: Double, label: String? = nil) {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  public struct Series: Sendable, Hashable {
    public var name: String
    public var points: [Point]
    /// Joined by a line, or each a dot of its own.
    public var isLine: Bool

    public init(name: String, points: [Point], isLine: Bool) {
      self.name = name
      self.points = points
      self.isLine = isLine
    }
  }

  /// Of the file, without its ending.
  public var name: String
  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var hasLogarithmicX: Bool
  public var series: [Series]
}
