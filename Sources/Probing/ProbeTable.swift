import Scoring

/// A table of a report, as values; whoever shows it decides how numbers look.
public struct ProbeTable: Sendable, Hashable {
  /// What one place of a table holds.
  public enum Cell: Sendable, Hashable {
    /// Words, as they stand.
    case text(String)
    /// A whole number of things.
    case count(Int)
    /// A number as it stands, with so many decimals.
    case number(Double, digits: Int)
    /// A share, to be shown as per cent.
    case share(Double)
    /// A share with its interval, to be shown as per cent.
    case estimatedShare(Estimate)
    /// Any other figure with its interval.
    case estimate(Estimate, digits: Int)
    /// No figure, as where nothing could be measured.
    case missing

    /// A share with its interval, if there is one.
    public static func estimatedShare(_ estimate: Estimate?) -> Cell {
      estimate.map { .estimatedShare($0) } ?? .missing
    }
    static func estimate(_ estimate: Estimate?, digits: Int) -> Cell {
      estimate.map { .estimate($0, digits: digits) } ?? .missing
    }
  }

  /// The head of a column.
  public struct Column: Sendable, Hashable {
    /// The words at its top.
    public var title: String
    /// Whether its cells are numbers, which are aligned on the right.
    public var isNumeric: Bool

    /// A column of words.
    public static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }
    /// A column of numbers.
    public static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
  }

  /// The words above the table.
  public var title: String
  /// What a reader has to know to read the table, in a sentence or two; empty for nothing.
  public var note: String
  /// From left to right.
  public var columns: [Column]
  /// From top to bottom; each has a cell for every column.
  public private(set) var rows: [[Cell]] = []

  /// A table without rows yet.
  public init(title: String, note: String = "", columns: [Column]) {
    self.title = title
    self.note = note
    self.columns = columns
  }

  /// Adds a row at the bottom.
  /// - Precondition: as many cells as columns.
  public mutating func append(_ cells: [Cell]) {
    precondition(
      cells.count == columns.count, "ProbeTable: \(cells.count) cells for \(columns.count) columns")
    rows.append(cells)
  }
}

/// A picture of a report, as values.
public struct ProbePlot: Sendable, Hashable {
  /// A place in the picture.
  public struct Point: Sendable, Hashable {
    /// Where along the horizontal axis, in its unit.
    public var x: Double
    /// Where along the vertical axis, in its unit.
    public var y: Double
    /// Written beside the point.
    public var label: String?

    /// - Parameter label: to be written beside the point; nothing by default.
    public init(x: Double, y: Double, label: String? = nil) {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  /// Points that share a name in the legend.
  public struct Series: Sendable, Hashable {
    /// What the legend calls them.
    public var name: String
    /// In the order in which a line joins them.
    public var points: [Point]
    /// Joined by a line, or each a dot of its own.
    public var isLine: Bool

    /// Points under one name, joined by a line or not.
    public init(name: String, points: [Point], isLine: Bool) {
      self.name = name
      self.points = points
      self.isLine = isLine
    }
  }

  /// Of the file, without its ending.
  public var name: String
  /// The words above the picture.
  public var title: String
  /// What the horizontal axis shows.
  public var xLabel: String
  /// What the vertical axis shows.
  public var yLabel: String
  /// Whether the horizontal axis is logarithmic; all x must be above 0 then.
  public var hasLogarithmicX: Bool
  /// What is drawn, in the order of the legend.
  public var series: [Series]

  /// - Parameter name: of the file, without its ending.
  public init(
    name: String, title: String, xLabel: String, yLabel: String, hasLogarithmicX: Bool = false, series: [Series]
  ) {
    (self.name, self.title, self.xLabel, self.yLabel) = (name, title, xLabel, yLabel)
    (self.hasLogarithmicX, self.series) = (hasLogarithmicX, series)
  }
}
