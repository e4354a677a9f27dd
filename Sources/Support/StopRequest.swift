import Synchronization

/// A request to save and stop, made by a signal handler or a test and seen between updates.
public final class StopRequest: Sendable {
  private let signal = Atomic<Int32>(0)
  private let keepers = Atomic<Int>(0)

  public init() {}

  /// Safe to call from a signal handler. The first request wins.
  public func request(signal number: Int32) {
    _ = signal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
  }

  /// The exit code of the interruption, nil if none was requested.
  public var exitCode: ExitCode? {
    switch signal.load(ordering: .relaxed) {
    case 0: nil
    case 15: .terminated
    default: .interrupted
    }
  }

  /// Whether something is under way that has to be saved first and looks at the request soon. Otherwise a process may
  /// end at once, which loses nothing: every file is written whole or not at all. Safe to call from a signal handler.
  public var isAwaited: Bool { keepers.load(ordering: .sequentiallyConsistent) > 0 }

  /// Runs `body`, which saves what must not be lost as soon as `exitCode` says so.
  public func awaited<Result>(
    _ body: () throws(GraftError) -> Result
  ) throws(GraftError) -> Result {
    keepers.add(1, ordering: .sequentiallyConsistent)
    defer { keepers.subtract(1, ordering: .sequentiallyConsistent) }
    return try body()
  }

  /// - Throws: `.interrupted` or `.terminated` if a stop was requested.
  public func check(_ message: String, hint: String? = nil) throws(GraftError) {
    if let exitCode { throw GraftError(exitCode, message, hint: hint) }
  }
}
