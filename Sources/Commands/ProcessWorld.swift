import Compute
import Foundation
import Support

/// A command that several processes do together under `mpirun`.
protocol DistributedCommand {}

/// The world of this process, and how it ends with others.
enum ProcessWorld {
  /// Joined when it is first asked for.
  static let joined: Result<any World, GraftError> = Result { () throws(GraftError) in
    try MessagePassingWorld.join(
      stop: InterruptHandling.stop, note: { StandardError.write("note: \(SettingNames.asFlags($0))\n") })
  }

  /// Whether this process writes results and speaks to people for all that were started with it.
  static let speaks = (try? joined.get().isRoot) ?? true

  /// - Throws: `.usage` for a command that one process does, if there are several.
  static func check(_ command: Any) throws(GraftError) {
    let world = try joined.get()
    guard world.size > 1, !(command is any DistributedCommand) else { return }
    throw GraftError(
      .usage, "this command is not dealt over processes, and \(world.size) of them were started",
      hint: "run it without mpirun; Docs/DISTRIBUTED.md lists what several processes do together.")
  }

  /// Whether this process tells of an error. Rank 0 does at once. The others wait for it, as most errors are
  /// everybody's, and tell what is theirs alone.
  static func leave(_ code: Int32, _ tell: (_ rank: String?) -> Void) {
    guard let world = try? joined.get() as? MessagePassingWorld else { return tell(nil) }
    if world.isRoot { tell(nil) }
    let codes = world.leave(code)
    if !world.isRoot, code != 0, codes.map({ $0[0] == 0 }) ?? true { tell("rank \(world.rank) on \(world.host)") }
    if codes == nil { world.end(all: code) }
  }
}
