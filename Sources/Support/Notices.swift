import Synchronization

/// Short remarks of libraries for whoever runs them, such as how a file was read or what of it was left out: nothing
/// that stops a command, and nothing that should stay unsaid. Each is passed on once in a process, as files are read
/// again and again.
public enum Notices {
  private struct State {
    var seen: Set<ByteString> = []
    var handler: (@Sendable (String) -> Void)?
  }

  /// Keeps what is posted within `collecting`.
  private final class Collector: Sendable {
    let texts = Mutex<[String]>([])
  }

  private static let state = Mutex(State())
  @TaskLocal private static var collector: Collector?

  /// From now on every remark goes to `handler`; without one they are dropped.
  public static func show(with handler: @escaping @Sendable (String) -> Void) {
    state.withLock { $0.handler = handler }
  }

  /// Passes a remark on, or drops it where nobody listens or it was passed on before.
  public static func post(_ text: String) {
    if let collector { return collector.texts.withLock { $0.append(text) } }
    let handler = state.withLock { state in
      state.seen.insert(ByteString(text)).inserted ? state.handler : nil
    }
    handler?(text)
  }

  /// Runs `body` and gives what was posted meanwhile by the same task, repeats included; for tests, which run beside
  /// each other.
  static func collecting<Result>(
    _ body: () throws -> Result
  ) rethrows -> (result: Result, notices: [String]) {
    let collector = Collector()
    let result = try $collector.withValue(collector, operation: body)
    return (result, collector.texts.withLock { $0 })
  }
}
