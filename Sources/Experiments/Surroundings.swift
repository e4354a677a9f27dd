import Compute
import Reporting
import Support
import Training

/// What an experiment finds around it: what may ask it to stop, the words it was called by, and where its remarks and
/// its progress go. A program has one of its own and hands it down.
public struct Surroundings: Sendable {
  /// Seen between updates, between the stages of a study and between its models.
  public var stop: StopRequest
  /// As typed, the command first; kept in each `run.json`.
  public var arguments: [String]
  /// Takes a line for people.
  public var note: @Sendable (String) -> Void
  /// Makes the line that shows how a run goes on; nil for none.
  public var makeProgressLine: @Sendable () -> ProgressLine?
  /// The processes that train together; this one by itself unless it was started with others.
  public var world: any World = Alone()
  /// Where runs are entered; nil for nowhere.
  var ledger: RunLedger?

  /// Those of what this process does by itself, while the others that it was started with do something else: one of
  /// them shows how it goes on.
  var alone: Surroundings {
    var surroundings = self
    surroundings.world = Alone()
    if !world.isRoot { surroundings.makeProgressLine = { nil } }
    return surroundings
  }

  /// Nothing stops it and nothing is shown, unless said otherwise.
  public init(
    stop: StopRequest = StopRequest(), arguments: [String] = [],
    note: @escaping @Sendable (String) -> Void = { _ in },
    makeProgressLine: @escaping @Sendable () -> ProgressLine? = { nil }
  ) {
    (self.stop, self.arguments, self.note, self.makeProgressLine) = (stop, arguments, note, makeProgressLine)
  }
}
