import Records

/// Where examples come from: a pure function of the sample's number and of how far the run is, so that resuming needs
/// these alone.
public protocol SampleSource: Sendable {
  /// How samples hang together; by default not at all.
  var order: SampleOrder { get }

  /// - Parameter progress: the share of the run that is over, of its updates or of its time, from 0 to 1; the same for
  ///   all examples of an update.
  func example(at index: Int, progress: Double) -> TokenExample

  /// Whether the text that a sample is part of begins with it. Where samples hang together, nothing is kept of what was
  /// read before it.
  func beginsText(at index: Int) -> Bool

  /// Which of several stages a run is in, for counting the samples of each; 0 unless the source has stages.
  func stage(at progress: Double) -> Int
}

extension SampleSource {
  public var order: SampleOrder { .independent }
  public func beginsText(at index: Int) -> Bool { order.beginsTexts(at: index) }
  public func stage(at progress: Double) -> Int { 0 }
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
