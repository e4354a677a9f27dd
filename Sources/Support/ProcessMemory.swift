import Foundation

/// What the process takes of the machine.
public enum ProcessMemory {
  /// The most memory it has held so far, or since that was forgotten.
  public static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  /// Counts from what is held now on, where the kernel lets a process say so (Linux: proc(5), clear_refs).
  public static func forgetPeak() {
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "5", 1)
    close(file)
  }
}
