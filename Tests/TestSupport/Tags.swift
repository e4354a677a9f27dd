import Testing

/// What `make test-tiny` leaves out. A tag stands within its `@Suite(…)` or `@Test(…)`, where `Tests/tiny.awk` finds
/// it.
extension Tag {
  /// Takes about half a second or more by itself, in a debug build: trains, fits or resamples.
  @Tag public static var slow: Self
  /// Launches the executable, graft.
  @Tag public static var process: Self
  /// Reads the data sets, and does nothing where they are not.
  @Tag public static var data: Self
}
