import Records

/// Where examples come from: a pure function of the sample index, so that resuming needs the index alone.
public protocol SampleSource: Sendable {
  /// How samples hang together; by default not at all.
  var order: SampleOrder { get }

  func example(at index: Int) -> TokenExample
}

extension SampleSource {
  public var order: SampleOrder { .independent }
}

/// How the samples of a source hang together.
public enum SampleOrder: Sendable, Hashable {
  /// Each stands by itself.
  case independent
  /// So many texts are read beside each other: sample i of a step goes on with the text of sample i of the step before,
  /// until after so many windows all texts begin anew.
  case lanes(Int, windows: Int)

  /// Whether texts begin with the step whose first sample that is.
  func beginsTexts(at index: Int) -> Bool {
    switch self {
    case .independent: true
    case .lanes(let lanes, let windows): index / lanes % windows == 0
    }
  }
}
