import Foundation

/// What the process takes of the machine.
public enum ProcessMemory {
  /// The most memory it has held so far.
  public static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
