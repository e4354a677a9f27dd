import Foundation
import Synchronization

/// The one way to standard output: buffered, line by line on a terminal, and with a memory for writes that failed, so
/// that a result on a full disk is an error of the program and not a shorter file.
public enum StandardOutput {
  private struct State {
    var buffer: [UInt8] = []
    /// The `errno` of the first write that failed; nothing is written after it.
    var failure: Int32?
    var isTerminal: Bool?
    var pipeEndsProcess = false
  }

  private static let state = Mutex(State())
  private static let bufferSize = 1 << 16

  /// To be called first. A closed standard stream is given a stand-in: otherwise the next file that is opened would
  /// take its number and receive what is printed.
  public static func prepare() {
    for (number, flags) in [
      (STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ] where fcntl(number, F_GETFD) == -1 {
      _ = open("/dev/null", flags)
    }
    var action = sigaction()
    sigaction(SIGPIPE, nil, &action)
    let isDefault = action.__sigaction_handler.sa_handler == nil
    state.withLock { $0.pipeEndsProcess = isDefault }
  }

  /// Appends text; what cannot be written is reported by `flush`.
  public static func write(_ text: String) { write(bytes: text.utf8) }

  /// Appends bytes; what cannot be written is reported by `flush`.
  public static func write(bytes: some Sequence<UInt8>) {
    state.withLock { state in
      guard state.failure == nil else { return }
      let start = state.buffer.count
      state.buffer.append(contentsOf: bytes)
      if state.isTerminal == nil { state.isTerminal = isatty(STDOUT_FILENO) == 1 }
      let endsLine = state.isTerminal == true && state.buffer[start...].contains(UInt8(ascii: "\n"))
      if endsLine || state.buffer.count >= bufferSize { empty(&state) }
    }
  }

  /// Writes what is buffered.
  /// - Throws: `.inputOutput` if this or an earlier write failed.
  public static func flush() throws(GraftError) {
    let failure = state.withLock { state in
      if state.failure == nil { empty(&state) }
      return state.failure
    }
    guard let failure else { return }
    throw GraftError(
      .inputOutput, "cannot write to standard output: \(String(cString: strerror(failure)))",
      hint: "what was printed is not complete.")
  }

  /// Writes what is buffered and closes standard output, which is when some file systems report a full disk. A reader
  /// that went away, as `head` does, ends the process as it ends others: quietly, by SIGPIPE.
  public static func finish() throws(GraftError) {
    do throws(GraftError) {
      try flush()
    } catch {
      let isQuiet = state.withLock { $0.failure == EPIPE && $0.pipeEndsProcess }
      if isQuiet {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
      }
      throw error
    }
    if close(STDOUT_FILENO) != 0, errno != EBADF { throw .systemCall("close", path: "standard output") }
  }

  private static func empty(_ state: inout State) {
    var offset = 0
    while offset < state.buffer.count {
      let count = state.buffer.withUnsafeBytes {
        Foundation.write(STDOUT_FILENO, $0.baseAddress! + offset, $0.count - offset)
      }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          // The other end shares a description that does not block.
          var poll = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
          _ = Foundation.poll(&poll, 1, -1)
          continue
        }
        state.failure = errno
        break
      }
      offset += count
    }
    state.buffer.removeAll(keepingCapacity: true)
  }
}

/// Messages for people. Nothing can be said about a failure to say something, so failures are ignored.
public enum StandardError {
  /// Writes a text at once, without buffer.
  public static func write(_ text: String) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(STDERR_FILENO, $0.baseAddress! + offset, $0.count - offset)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      offset += count
    }
  }
}
