import Support
import Synchronization

/// A request to save and stop, made by a signal handler or a test and seen between updates.
public final class StopRequest: Sendable {
  private let signal = Atomic<Int32>(0)

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
}
