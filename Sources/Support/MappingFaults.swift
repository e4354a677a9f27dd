import Foundation

/// Turns the signal for a mapped file that was cut, or whose disk failed, while it was read into an error with exit
/// code 74 that names the file. The table is plain memory, as a signal handler may neither allocate nor lock.
public enum MappingFaults {
  private struct Entry {
    var start: UInt
    var end: UInt
    var path: UnsafeMutablePointer<CChar>?
  }

  /// Files beyond this many at one time end the process by SIGBUS, as all did before.
  private static let capacity = 4096
  nonisolated(unsafe) private static let table: UnsafeMutablePointer<Entry> = {
    let table = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
    table.initialize(repeating: Entry(start: 0, end: 0, path: nil), count: capacity)
    return table
  }()
  /// Of Foundation, whose order ThreadSanitizer knows.
  private static let lock = NSLock()

  static func add(_ bytes: UnsafeRawBufferPointer, path: String) {
    let start = UInt(bitPattern: bytes.baseAddress)
    lock.withLock {
      for index in 0..<capacity where table[index].end == 0 {
        table[index].path = strdup(path)
        table[index].start = start
        table[index].end = start + UInt(bytes.count)
        return
      }
    }
  }

  static func remove(_ bytes: UnsafeRawBufferPointer) {
    let start = UInt(bitPattern: bytes.baseAddress)
    lock.withLock {
      for index in 0..<capacity where table[index].end != 0 && table[index].start == start {
        table[index].end = 0
        free(table[index].path)
        table[index].path = nil
        return
      }
    }
  }

  /// For programs; libraries leave signals alone.
  public static func install() {
    // Made now: the handler must not be the first to ask for it.
    _ = table
    var action = sigaction()
    action.sa_flags = Int32(SA_SIGINFO)
    action.__sigaction_handler.sa_sigaction = { number, info, _ in
      let address = UInt(bitPattern: info?.pointee._sifields._sigfault.si_addr)
      for index in 0..<MappingFaults.capacity {
        // The last page is mapped whole.
        let entry = MappingFaults.table[index]
        guard entry.end != 0, address >= entry.start, address < entry.end + 4096, let path = entry.path
        else { continue }
        MappingFaults.say("error: cannot read '")
        _ = write(STDERR_FILENO, path, strlen(path))
        MappingFaults.say("': it became shorter, or its disk failed, while it was read\n")
        _exit(ExitCode.inputOutput.rawValue)
      }
      signal(number, SIG_DFL)
    }
    sigaction(SIGBUS, &action, nil)
  }

  private static func say(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
