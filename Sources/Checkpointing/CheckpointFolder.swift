import Foundation
import Support

/// The checkpoints of a run, one folder per step: `step-000002000`. Folders that are being filled or removed
/// end in `.partial` and do not count.
public struct CheckpointFolder: Sendable {
  public let path: String
  private static let prefix = "step-"

  public init(_ path: String) { self.path = path }

  /// Where the checkpoint of a step stands.
  public func path(step: Int) -> String {
    let digits = String(step)
    return "\(path)/\(Self.prefix)\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits)"
  }

  /// Steps of complete checkpoints, rising; empty if there is no folder yet.
  public func steps() throws(GraftError) -> [Int] {
    try names().compactMap { name in
      guard name.hasPrefix(Self.prefix), let step = Int(name.dropFirst(Self.prefix.count)), step >= 0,
        path(step: step) == "\(path)/\(name)"
      else { return nil }
      var status = stat()
      let manifest = "\(path)/\(name)/\(CheckpointManifest.fileName)"
      return stat(manifest, &status) == 0 ? step : nil
    }.sorted()
  }

  /// The newest complete checkpoint's step, or nil.
  public func latestStep() throws(GraftError) -> Int? { try steps().last }

  /// Opens and verifies the newest complete checkpoint; nil if there is none.
  /// - Throws: `.badData` if it is damaged, with the one before it in the hint.
  public func latest() throws(GraftError) -> Checkpoint? {
    let steps = try steps()
    guard let newest = steps.last else { return nil }
    do {
      return try Checkpoint(path(step: newest))
    } catch {
      var explained = error
      explained.hint =
        steps.dropLast().last.map {
          "the previous checkpoint is '\(path(step: $0))'; remove the damaged folder to go on from it."
        } ?? "there is no earlier checkpoint; remove the damaged folder to start anew."
      throw explained
    }
  }

  /// Writes the checkpoint of a step, then removes all but the newest `keep` and what interrupted runs left.
  /// - Throws: `.inputOutput`; earlier checkpoints are then intact.
  /// - Precondition: `keep` is at least 1; the run's lock is held.
  public func save(_ writer: CheckpointWriter, step: Int, keep: Int = 2) throws(GraftError) {
    precondition(keep >= 1, "rotation keeps at least 1 checkpoint, got \(keep)")
    try removeLeftovers()
    try writer.write(to: path(step: step))
    // Not those after `step`: they can only be there if someone went back on purpose.
    for old in try steps().filter({ $0 < step }).dropLast(keep - 1) {
      try DurableFolder.remove(path(step: old))
    }
  }

  /// Removes folders that an interrupted save or removal left.
  public func removeLeftovers() throws(GraftError) {
    for name in try names()
    where name.hasPrefix(Self.prefix) && name.hasSuffix(PartialFile.suffix) {
      try DurableFolder.remove("\(path)/\(name)")
    }
  }

  private func names() throws(GraftError) -> [String] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT { return [] }
      throw .systemCall("examine", path: path)
    }
    do { return try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw GraftError(.inputOutput, "cannot list '\(path)'", cause: error)
    }
  }
}
