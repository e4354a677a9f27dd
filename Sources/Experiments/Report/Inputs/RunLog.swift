import Foundation
import Reporting
import Support

/// What a run's `events.jsonl` says about its losses. Lines that are no events, such as one that a crash cut short, are
/// passed over.
struct RunLog {
  /// Updates and nats per target.
  var training: [LineChart.Point] = []
  var heldOut: [LineChart.Point] = []
  var bitsPerByte: Double?
  /// The last that was written: updates, positions and seconds.
  var steps = 0
  var tokensSeen: Int?
  var seconds: Double?

  private struct Event: Decodable {
    var event: String
    var step: Int?
    var loss, lossPerToken, bitsPerByte, seconds: Double?
    var tokensSeen: Int?
  }

  /// - Parameter directory: a run directory; one without a log has no losses.
  init(run directory: String) throws(GraftError) {
    let path = "\(directory)/events.jsonl"
    guard FileManager.default.fileExists(atPath: path) else { return }
    for line in try FileContents.lines(path) {
      guard let event = try? JSONFile.value(Event.self, in: line.utf8) else { continue }
      let step = event.step ?? 0
      if event.event == EventLog.rolledBack {
        // What came after it was done again.
        training.removeAll { $0.x > Double(step) }
        heldOut.removeAll { $0.x > Double(step) }
      }
      if let loss = event.loss { training.append(.init(x: Double(step), y: loss)) }
      if let loss = event.lossPerToken { heldOut.append(.init(x: Double(step), y: loss)) }
      if let bits = event.bitsPerByte { bitsPerByte = bits }
      steps = max(steps, step)
      tokensSeen = event.tokensSeen ?? tokensSeen
      seconds = event.seconds ?? seconds
    }
  }
}
