extension ContinuousClock.Instant {
  /// Seconds from this instant until now.
  public var secondsUntilNow: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - self).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
