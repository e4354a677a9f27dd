import Experiments
import Foundation
import Reporting
import Support

/// What signals do. Where training is under way, the first Ctrl-C or SIGTERM is a request to save and stop, and a
/// second one ends the process at once. Everywhere else the first one does: while a corpus is tokenised, while answers
/// are scored, nothing is lost that has been written.
enum InterruptHandling {
  static let stop = StopRequest()

  /// For every command, before it begins.
  static func install() {
    // Made now: a signal handler must not be the first to ask for it.
    _ = stop
    let handler: @convention(c) (Int32) -> Void = { number in
      InterruptHandling.stop.request(signal: number)
      if InterruptHandling.stop.isAwaited {
        signal(number, SIG_DFL)
      } else {
        let text: StaticString = "interrupted\n"
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
        _exit(128 + number)
      }
    }
    // A parent may have left them blocked, as threads of Dispatch do that start processes.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    signal(SIGINT, handler)
    signal(SIGTERM, handler)
    // A file that may not grow is an error of the write that meets it.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// A reader that leaves ends the program without a word, also where whoever started it ignores the signal, which a
  /// process inherits.
  static func heedClosedPipes() { signal(SIGPIPE, SIG_DFL) }

  /// A closed pipe is an error of the write that meets it, not the end of a training run.
  static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }
}

extension Surroundings {
  /// The same with the processes that this one was started with.
  private var together: Surroundings {
    var surroundings = self
    if let world = try? ProcessWorld.joined.get() { surroundings.world = world }
    return surroundings
  }

  /// Those of this process.
  static let process = Surroundings(
    stop: InterruptHandling.stop,
    arguments: (try? Invocation.process.get())?.recorded ?? CommandLine.arguments, note: standardError,
    makeProgressLine: { ProgressLine() }
  ).together
}
