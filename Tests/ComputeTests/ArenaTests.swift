import Testing

@testable import Compute

@Suite struct ArenaTests {
  @Test func allocationsAreAlignedAndApart() throws {
    let arena = try Arena(capacity: 1 << 20)
    var last = 0
    for bytes in [1, 63, 64, 65, 4, 1000] {
      let address = Int(bitPattern: arena.allocate(bytes: bytes))
      #expect(address % 64 == 0)
      #expect(last == 0 || address >= last)
      last = address + bytes
    }
    #expect(arena.mark % 64 == 0)
  }

  /// Worked example: 100 bytes take 128; released to the mark before them, the next allocation has their
  /// place, and the peak remembers both.
  @Test func releaseGivesBackEverythingSinceTheMark() throws {
    let arena = try Arena(capacity: 1 << 20)
    _ = arena.allocate(bytes: 64)
    let mark = arena.mark
    let first = arena.allocate(bytes: 100)
    #expect(arena.mark == 192)
    arena.release(to: mark)
    #expect(arena.mark == 64)
    #expect(arena.allocate(bytes: 8) == first)
    arena.reset()
    #expect(arena.mark == 0)
    #expect(arena.peakBytes == 192)
  }

  @Test func zerosClearWhatWasThere() throws {
    let arena = try Arena(capacity: 1 << 20)
    arena.floats(100).update(repeating: 7, count: 100)
    arena.reset()
    let zeros = arena.zeros(.float32, count: 100).assumingMemoryBound(to: Float.self)
    withExtendedLifetime(arena) { #expect((0..<100).allSatisfy { zeros[$0] == 0 }) }
  }

  @Test func impossibleCapacityIsAnError() {
    #expect(throws: (any Error).self) { try Arena(capacity: 1 << 60) }
  }
}
