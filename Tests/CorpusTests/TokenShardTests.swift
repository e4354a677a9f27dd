import Foundation
import Support
import TestSupport
import Testing

@testable import Corpus

/// Figures of a shard whose hash is right, so that nothing but their own checks stands before them.
@Suite struct TokenShardTests {
  /// Four tokens in two documents, one byte each.
  private func shard(index: Int64 = 0, allBytes: Int64 = 4) throws -> TokenShard {
    var bytes = Data()
    for token: UInt16 in [1, 2, 3, 4] { withUnsafeBytes(of: token.littleEndian) { bytes += $0 } }
    let words: [Int64] = [2, 4] + [5, 6] + [index] + [2, 4, 2, 11, 0, allBytes, 256]
    for word in words + [Int64(TokenShard.version), TokenShard.magic] {
      withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
    }
    bytes += Data(ContentHash.of(bytes).utf8)
    let folder = try TestFolder()
    let path = "\(folder.path)/shard.tokens"
    try bytes.write(to: URL(fileURLWithPath: path))
    return try withExtendedLifetime(folder) {
      try TokenShard(path: path, byteCounts: [Int32](repeating: 1, count: 256))
    }
  }

  @Test func aShardIsRead() throws {
    let shard = try shard()
    #expect(shard.tokenCount == 4 && shard.documentCount == 2 && shard.textByteCount == 11)
    #expect(shard.bytes(before: 3) == 3)
  }

  /// Sums with them overflowed.
  @Test(
    arguments: [(1, 4), (-1, 4), (.max, 4), (.max, .max), (0, .max), (0, 5), (0, -1)] as [(Int64, Int64)])
  func impossibleCountsOfBytesAreRefused(_ index: Int64, _ allBytes: Int64) {
    #expect(throws: GraftError.self) { try shard(index: index, allBytes: allBytes) }
  }
}
