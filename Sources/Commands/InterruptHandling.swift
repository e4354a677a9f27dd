import Foundation
import Training

/// Turns Ctrl-C and SIGTERM into a request to save and stop. A second signal ends the process at once.
enum InterruptHandling {
  static let stop = StopRequest()

  static func install() {
    // Made now: a signal handler must not be the first to ask for it.
    _ = stop
    let handler: @convention(c) (Int32) -> Void = { number in
      InterruptHandling.stop.request(signal: number)
      signal(number, SIG_DFL)
    }
    signal(SIGINT, handler)
    signal(SIGTERM, handler)
    // A closed pipe is an error of the write that meets it, not the end of a training run.
    signal(SIGPIPE, SIG_IGN)
  }
}
