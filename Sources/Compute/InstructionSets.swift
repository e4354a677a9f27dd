import Foundation

/// The processor's instruction sets that matter for speed and, as sums are then added in another order, for bits.
public enum InstructionSets {
  /// Those of this processor, as /proc/cpuinfo calls them.
  public static let present: [String] = {
    let wanted = ["avx2", "fma", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_bf16"]
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else { return [] }
    let flags = Set(line.split(whereSeparator: \.isWhitespace).map(String.init))
    return wanted.filter { flags.contains($0) }
  }()

  /// The same in words, with what $GRAFT_ISA leaves out.
  public static var summary: String {
    present.joined(separator: " ") + (InstructionSetLimit.leavesOutTiles ? " without tiles" : "")
  }
}
