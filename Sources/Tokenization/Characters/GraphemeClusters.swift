import CICUShim
import Support

/// What a reader takes for one character: the extended grapheme clusters of Unicode Standard Annex 29.
///
/// Worked example: "e", U+0301, "x" has the clusters of 3 bytes (é) and 1.
enum GraphemeClusters {
  /// Where the cluster that starts at `start` (which must be a boundary) ends. A byte that is not UTF-8 stands alone.
  static func end(in bytes: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
    guard var previous = kind(bytes, count, start) else { return start + 1 }
    var end = start + previous.length
    var regionalIndicators = previous.kind == GRAFT_CLUSTER_REGIONAL_INDICATOR ? 1 : 0
    // Whether the cluster so far ends with a pictograph, or one and extending characters, or these and a joiner.
    var followsPictograph = previous.kind == GRAFT_CLUSTER_PICTOGRAPH
    while end < count, let next = kind(bytes, count, end) {
      let isJoined: Bool
      switch (previous.kind, next.kind) {
      case (GRAFT_CLUSTER_CR, GRAFT_CLUSTER_LF): isJoined = true
      case (GRAFT_CLUSTER_CR, _), (GRAFT_CLUSTER_LF, _), (GRAFT_CLUSTER_CONTROL, _), (_, GRAFT_CLUSTER_CR),
        (_, GRAFT_CLUSTER_LF), (_, GRAFT_CLUSTER_CONTROL):
        isJoined = false
      case (_, GRAFT_CLUSTER_EXTEND), (_, GRAFT_CLUSTER_ZWJ), (_, GRAFT_CLUSTER_SPACING_MARK),
        (GRAFT_CLUSTER_PREPEND, _):
        isJoined = true
      case (GRAFT_CLUSTER_L, GRAFT_CLUSTER_L), (GRAFT_CLUSTER_L, GRAFT_CLUSTER_V),
        (GRAFT_CLUSTER_L, GRAFT_CLUSTER_LV), (GRAFT_CLUSTER_L, GRAFT_CLUSTER_LVT),
        (GRAFT_CLUSTER_LV, GRAFT_CLUSTER_V), (GRAFT_CLUSTER_LV, GRAFT_CLUSTER_T),
        (GRAFT_CLUSTER_V, GRAFT_CLUSTER_V), (GRAFT_CLUSTER_V, GRAFT_CLUSTER_T),
        (GRAFT_CLUSTER_LVT, GRAFT_CLUSTER_T), (GRAFT_CLUSTER_T, GRAFT_CLUSTER_T):
        isJoined = true
      case (GRAFT_CLUSTER_ZWJ, GRAFT_CLUSTER_PICTOGRAPH): isJoined = followsPictograph
      case (GRAFT_CLUSTER_REGIONAL_INDICATOR, GRAFT_CLUSTER_REGIONAL_INDICATOR):
        isJoined = regionalIndicators % 2 == 1
      default: isJoined = false
      }
      guard isJoined else { break }
      if next.kind == GRAFT_CLUSTER_REGIONAL_INDICATOR { regionalIndicators += 1 }
      if next.kind == GRAFT_CLUSTER_PICTOGRAPH {
        followsPictograph = true
      } else if previous.kind == GRAFT_CLUSTER_ZWJ
        || next.kind != GRAFT_CLUSTER_EXTEND && next.kind != GRAFT_CLUSTER_ZWJ
      {
        followsPictograph = false
      }
      end += next.length
      previous = next
    }
    return end
  }

  @inline(__always)
  private static func kind(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ offset: Int
  ) -> (kind: Int32, length: Int)? {
    let byte = bytes[offset]
    if byte >= 0x20, byte < 0x7F { return (GRAFT_CLUSTER_OTHER, 1) }
    guard let scalar = UTF8Decoding.scalar(in: bytes, count: count, at: offset) else { return nil }
    return (graft_icu_cluster_kind(scalar.value), scalar.length)
  }
}
