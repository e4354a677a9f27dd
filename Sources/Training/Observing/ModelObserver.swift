import Support

/// What looks at a model while it is trained, with the values that are to be kept.
protocol ModelObserver: AnyObject {
  /// Whether update `step` is one to look after; the last one always is.
  func isDue(step: Int) -> Bool

  /// Looks once, unless that was done at this step already.
  func record(step: Int) throws(GraftError)

  /// Is told what was held out and measured, before it is asked whether an update is one to look after.
  func evaluated(_ report: HeldOutReport)

  /// Whether what was found so far says that more training is in vain.
  var endsRun: Bool { get }

  /// Takes up what an earlier part of the run has found.
  /// - Parameter step: where the run goes on.
  func resume(at step: Int) throws(GraftError)
}

extension ModelObserver {
  func evaluated(_ report: HeldOutReport) {}

  var endsRun: Bool { false }
}
