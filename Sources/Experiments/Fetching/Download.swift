import Foundation
import Support

/// A file from an address, by the program `curl`, which knows proxies, certificates and redirections. What has come is
/// kept under the partial name, and a later call goes on behind it.
struct Download {
  /// How often a transfer that broke off is gone on with, if nothing more has come than before.
  static let attempts = 4

  /// Of the file; http or https.
  var url: String
  /// Where it is put.
  var partial: String
  /// In bytes; nil if it is not known.
  var size: Int?
  var stop: StopRequest
  /// Told how many bytes are there, a few times a second.
  var progress: (Int) -> Void

  /// How a transfer ended.
  private struct Ending {
    /// As curl's manual lists them; -1 for a server that sends more than there is.
    var code: Int32
    /// The status of HTTP, 0 for none.
    var status: Int
    var message: String
  }

  private var present: Int {
    var status = stat()
    return stat(partial, &status) == 0 ? Int(status.st_size) : 0
  }

  /// - Throws: `.missingInput` for an address where nothing is, `.inputOutput` for a transfer that fails, a full disk
  ///   or a missing curl, `.badData` for a size that is not the published one, `.interrupted`.
  func run() throws(GraftError) {
    var (stalls, restarts) = (0, 0)
    while true {
      let before = present
      if let size, before == size { return }
      if let size, before > size { try restart() }
      let ending = try transfer()
      try stop.check("interrupted; what has come of '\(url)' is kept", hint: "the same command goes on behind it.")
      if ending.code == 0, ending.status != 416, size == nil || present == size { return }
      guard let fault = fault(of: ending, resumed: before > 0) else { throw error(ending) }
      switch fault {
      case .resumes: stalls = present > before ? 0 : stalls + 1
      case .restarts:
        restarts += 1
        try restart()
      }
      guard stalls < Self.attempts, restarts < Self.attempts else { throw error(ending) }
      // An answer of nothing at once is no reason to ask at once.
      usleep(UInt32(100_000 << stalls))
    }
  }

  private enum Fault {
    /// The transfer can go on where it is, or must begin anew.
    case resumes, restarts
  }

  /// nil for an end that another attempt does not mend.
  private func fault(of ending: Ending, resumed: Bool) -> Fault? {
    switch ending.code {
    // What is here is more than the server has; to curl that is an end like another.
    case 0 where ending.status == 416: .restarts
    // The length that was announced came, and is too short.
    case 0 where size.map { present < $0 } == true: .resumes
    // More came than there is; perhaps because it was put behind something else.
    case 0, -1: resumed ? .restarts : nil
    // Cut off, timed out, nothing received, errors of sending, receiving and of HTTP/2.
    case 18, 28, 52, 55, 56, 92: .resumes
    // The server knows no ranges, or not that one.
    case 33, 36: .restarts
    case 22 where ending.status == 429 || ending.status >= 500: .resumes
    default: nil
    }
  }

  private func restart() throws(GraftError) {
    guard truncate(partial, 0) == 0 else { throw .systemCall("empty", path: partial) }
  }

  private func error(_ ending: Ending) -> GraftError {
    let reason = ending.message.isEmpty ? "" : " (\(ending.message))"
    let hint = "try again later, or name a mirror with `from:`; what has come is kept."
    switch ending.code {
    case 22 where (400..<500).contains(ending.status) && ending.status != 429:
      return GraftError(
        .missingInput, "the server has no '\(url)': status \(ending.status)",
        hint: "the address may have moved: name a mirror with `from:`.")
    case 23:
      return GraftError(.inputOutput, "cannot write '\(partial)'\(reason)", hint: "is the disk full?")
    case 0, -1:
      return GraftError(
        .badData, "'\(url)' has \(ending.code == 0 ? "\(present)" : "more than \(size ?? 0)") bytes, not \(size ?? 0)",
        hint: "it is not what was published: name a mirror with `from:`.")
    default: return GraftError(.inputOutput, "cannot fetch '\(url)'\(reason)", hint: hint)
    }
  }

  /// One run of curl.
  private func transfer() throws(GraftError) -> Ending {
    let process = Process()
    process.executableURL = URL(string: "file:///usr/bin/env")
    let secure = url.hasPrefix("https://")
    process.arguments = [
      "curl", "--fail", "--location", "--max-redirs", "10", "--silent", "--show-error", "--no-buffer",
      "--proto", "=http,https", "--proto-redir", secure ? "=https" : "=http,https",
      "--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "60", "--continue-at", "-",
      "--write-out", "%{http_code}", "--output", partial, "--url", url,
    ]
    let (output, errors) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, errors)
    do { try process.run() } catch {
      throw GraftError(.inputOutput, "cannot start curl", hint: "`apt-get install curl` installs it.", cause: error)
    }
    var isTooMuch = false
    while process.isRunning {
      usleep(20_000)
      progress(present)
      if let size, present > size { isTooMuch = true }
      if isTooMuch || stop.exitCode != nil { process.terminate() }
    }
    process.waitUntilExit()
    func text(_ pipe: Pipe) -> String {
      String(decoding: (try? pipe.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let status = Int(text(output)) ?? 0
    guard process.terminationStatus != 127 else {
      throw GraftError(.inputOutput, "the program curl is not there", hint: "`apt-get install curl` installs it.")
    }
    let code = isTooMuch ? -1 : process.terminationReason == .exit ? process.terminationStatus : 56
    return Ending(code: code, status: status, message: text(errors))
  }
}
