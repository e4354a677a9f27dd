import CKernels
import Foundation
import Support

/// Which of the processor's instructions are left out, by the variable `GRAFT_ISA`: with `avx512` neither Graft's own
/// products nor oneDNN's use AMX tiles, so that what a processor without them does can be measured and tested on one
/// that has them. Kernels in C take the best of AVX-512, AVX2 and the baseline in any case.
public enum InstructionSetLimit: String, Sendable, CaseIterable {
  /// All there is.
  case amx
  /// AVX-512, but no tiles.
  case avx512

  /// The name of the variable.
  public static let variable = "GRAFT_ISA"

  /// What the variable says; nil if it is not set.
  /// - Throws: `.usage` for another name, which would otherwise be no limit.
  public static func read(
    from environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(GraftError) -> InstructionSetLimit? {
    guard let name = environment[variable], !name.isEmpty else { return nil }
    guard let limit = InstructionSetLimit(rawValue: name) else {
      throw .unknownName("value of \(variable)", name, known: allCases.map(\.rawValue))
    }
    return limit
  }

  /// Whether the processor has AMX tiles that are not used.
  public static var leavesOutTiles: Bool { graft_tiles_left_out() }
}
