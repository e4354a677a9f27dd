import Foundation
import Synchronization

/// Shows progress on a terminal as one line that updates in place, elsewhere (a log file, a pipe) as a plain
/// line every so often. Safe to call from several threads. Write errors are ignored: a closed terminal must
/// not end a training run.
public final class ProgressLine: Sendable {
  private struct State {
    var lastWrite: ContinuousClock.Instant?
    var shown = false
    var latest: ProgressUpdate?
  }

  private let descriptor: Int32
  private let isTerminal: Bool
  private let interval: Duration
  private let columns: @Sendable () -> Int
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state = Mutex(State())

  /// - Parameters:
  ///   - descriptor: where to write; standard error by default, so that results alone go to standard output.
  ///   - isTerminal: nil asks the descriptor.
  ///   - interval: the least time between two lines; nil is 0.1 s on a terminal and 10 s elsewhere.
  ///   - columns: the terminal's width; nil asks the descriptor. A longer line would wrap and could not be
  ///     updated in place, so it is cut.
  public init(
    descriptor: Int32 = STDERR_FILENO, isTerminal: Bool? = nil, interval: Duration? = nil,
    columns: Int? = nil,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
  ) {
    let terminal = isTerminal ?? (isatty(descriptor) == 1)
    self.descriptor = descriptor
    self.isTerminal = terminal
    self.interval = interval ?? (terminal ? .milliseconds(100) : .seconds(10))
    self.columns = { columns ?? terminalColumns(descriptor) }
    self.now = now
  }

  /// Shows `update` unless the last one was shown less than the interval ago.
  public func update(_ update: ProgressUpdate) {
    state.withLock { state in
      state.latest = update
      let instant = now()
      if let last = state.lastWrite, instant - last < interval { return }
      state.lastWrite = instant
      show(update, &state)
    }
  }

  /// Writes a line of its own (an evaluation, a warning); the progress line continues below it.
  public func note(_ text: String) {
    state.withLock { state in
      write((state.shown && isTerminal ? "\r\u{1B}[2K" : "") + text + "\n")
      state.shown = false
      if isTerminal, let latest = state.latest { show(latest, &state) }
    }
  }

  /// Shows the last update even if it came too soon, and ends the line.
  public func finish() {
    state.withLock { state in
      if let latest = state.latest { show(latest, &state) }
      if state.shown, isTerminal { write("\n") }
      state = State()
    }
  }

  private func show(_ update: ProgressUpdate, _ state: inout State) {
    // Off a terminal the same line twice would only clutter the log.
    if isTerminal {
      write("\r\u{1B}[2K" + String(update.line.prefix(max(20, columns() - 1))))
    } else {
      write(update.line + "\n")
      state.latest = nil
    }
    state.shown = true
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      offset += count
    }
  }
}

/// The width of the terminal behind `descriptor`, 80 if it will not say.
private func terminalColumns(_ descriptor: Int32) -> Int {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
  return Int(size.ws_col)
}
