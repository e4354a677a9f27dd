/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as
/// 1, 2, 3" (SC 2011): a pure function from (key, counter) to 128 bits. There is no state to save.
@inlinable
public func philox4x32(
  counter: SIMD4<UInt32>, key: SIMD2<UInt32>, rounds: Int = 10
) -> SIMD4<UInt32> {
  var counter = counter
  var key = key
  for _ in 0..<rounds {
    let left = UInt64(counter.x) &* 0xD251_1F53
    let right = UInt64(counter.z) &* 0xCD9E_8D57
    counter = SIMD4(
      UInt32(truncatingIfNeeded: right >> 32) ^ counter.y ^ key.x,
      UInt32(truncatingIfNeeded: right),
      UInt32(truncatingIfNeeded: left >> 32) ^ counter.w ^ key.y,
      UInt32(truncatingIfNeeded: left))
    key = SIMD2(key.x &+ 0x9E37_79B9, key.y &+ 0xBB67_AE85)
  }
  return counter
}
