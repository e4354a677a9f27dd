import Foundation
import Synchronization
import Testing

@testable import Reporting

@Suite struct ProgressLineTests {
  private final class Clock: Sendable {
    private let start = ContinuousClock.now
    private let elapsed = Mutex(Duration.zero)
    func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
    var now: ContinuousClock.Instant { start + elapsed.withLock { $0 } }
  }

  /// What `body` makes a line write.
  private func written(
    isTerminal: Bool, interval: Duration? = nil, columns: Int = 200,
    _ body: (ProgressLine, Clock) -> Void
  ) throws -> String {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    FileManager.default.createFile(atPath: file.path, contents: nil)
    let handle = try FileHandle(forWritingTo: file)
    let clock = Clock()
    let line = ProgressLine(
      descriptor: handle.fileDescriptor, isTerminal: isTerminal, interval: interval, columns: columns,
      now: { clock.now })
    body(line, clock)
    try handle.close()
    return try String(contentsOf: file, encoding: .utf8)
  }

  @Test func aLineHasAllThatIsKnown() {
    let full = ProgressUpdate(
      phase: "pretrain", step: 120, totalSteps: 1000, loss: 4.2131, learningRate: 1e-3,
      tokensPerSecond: 8412, peakFraction: 0.412, secondsLeft: 125)
    #expect(
      full.line == "pretrain  step 120/1000  loss 4.213  lr 1.0e-03  8.41k tok/s  41% of peak  2m05s left")
    #expect(ProgressUpdate(phase: "evaluate", step: 3).line == "evaluate  step 3")
  }

  @Test func aTerminalsLineIsUpdatedInPlace() throws {
    let text = try written(isTerminal: true) { line, clock in
      line.update(ProgressUpdate(phase: "p", step: 1))
      clock.advance(.milliseconds(50))
      line.update(ProgressUpdate(phase: "p", step: 2))
      clock.advance(.milliseconds(60))
      line.update(ProgressUpdate(phase: "p", step: 3))
      line.finish()
    }
    #expect(text == "\r\u{1B}[2Kp  step 1\r\u{1B}[2Kp  step 3\r\u{1B}[2Kp  step 3\n")
  }

  @Test func aLogGetsALineNowAndThen() throws {
    let text = try written(isTerminal: false) { line, clock in
      for step in 1...25 {
        line.update(ProgressUpdate(phase: "p", step: step))
        clock.advance(.seconds(1))
      }
      line.finish()
    }
    // Every ten seconds, and the last step at the end.
    #expect(text == "p  step 1\np  step 11\np  step 21\np  step 25\n")
  }

  @Test func aLogIsNotToldTheSameTwice() throws {
    let text = try written(isTerminal: false) { line, _ in
      line.update(ProgressUpdate(phase: "p", step: 1))
      line.finish()
    }
    #expect(text == "p  step 1\n")
  }

  @Test func notesStandAbove() throws {
    let text = try written(isTerminal: true) { line, _ in
      line.update(ProgressUpdate(phase: "p", step: 1))
      line.note("held-out loss 3.2")
    }
    #expect(text == "\r\u{1B}[2Kp  step 1\r\u{1B}[2Kheld-out loss 3.2\n\r\u{1B}[2Kp  step 1")
  }

  @Test func aNarrowTerminalCutsTheLine() throws {
    let text = try written(isTerminal: true, columns: 24) { line, _ in
      line.update(ProgressUpdate(phase: "pretraining", step: 123_456, totalSteps: 200_000))
    }
    #expect(text == "\r\u{1B}[2K" + "pretraining  step 123456/200000".prefix(23))
  }
}
