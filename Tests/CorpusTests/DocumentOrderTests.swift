import Randomness
import Records
import TestSupport
import Testing

@testable import Corpus

/// Windows over documents that have other neighbours in every pass.
@Suite struct DocumentOrderTests {
  let folder: TestFolder
  let stream: TokenStream

  init() throws {
    folder = try TestFolder()
    // Sixty documents of different lengths, each of a letter of its own.
    let text = (0..<60).map { String(repeating: Character(UnicodeScalar(UInt8(65 + $0))), count: 3 + $0 % 23) }
      .joined(separator: "\n\n")
    var options = CorpusOptions()
    options.documentBoundary = .blankLines
    options.heldOutFraction = 0
    stream = try PreparedCorpus.prepare(
      files: [folder.write("w.txt", text)], tokenizer: byteTokenizer(), options: options, cacheDirectory: folder.cache
    ).training
  }

  private func windows(_ key: UInt64 = 3, shuffling: Bool = true) -> TokenWindows {
    TokenWindows(stream, length: 16, key: RandomKey(seed: key), shufflingDocuments: shuffling)
  }

  private func documents(_ count: Int) -> [[TokenID]] { (0..<count).map { stream.tokens(stream.documentRange($0)) } }

  /// The windows of a pass in the order of its text.
  private func text(_ windows: TokenWindows, pass: Int) -> [TokenID] {
    (0..<windows.windowsPerEpoch).map { pass * windows.windowsPerEpoch + $0 }
      .sorted { windows.range(at: $0).lowerBound < windows.range(at: $1).lowerBound }
      .flatMap { windows.window(at: $0) }
  }

  @Test func aPassHasEveryDocumentInOnePiece() {
    let (windows, documents) = (windows(), documents(stream.documentCount))
    let end = documents[0][documents[0].count - 1]
    var orders: Set<[TokenID]> = []
    for pass in 0..<5 {
      let text = text(windows, pass: pass)
      let pieces = text.split(separator: end, omittingEmptySubsequences: false).map(Array.init)
      // The first and the last may be cut.
      let whole = pieces.dropFirst().dropLast().map { $0 + [end] }
      #expect(whole.allSatisfy(documents.contains) && Set(whole).count == whole.count)
      #expect(whole.count >= documents.count - 5)
      orders.insert(whole.map { $0[0] })
    }
    #expect(orders.count == 5)
    #expect(!orders.contains { $0 == $0.sorted() })
  }

  @Test func windowsArePureInTheIndex() {
    let count = 4 * windows().windowsPerEpoch
    let (forwards, backwards) = (windows(), windows())
    let read = (0..<count).map { forwards.window(at: $0) }
    // Orders that were given up are made again.
    #expect(read == (0..<count).reversed().map { backwards.window(at: $0) }.reversed())
    let other = windows(4)
    #expect(read != (0..<count).map { other.window(at: $0) })
    #expect(read.allSatisfy { $0.count == 16 })
  }

  @Test func withoutItTheCorpusKeepsItsOrder() {
    let windows = windows(shuffling: false)
    let text = text(windows, pass: 1)
    let start =
      (0..<windows.windowsPerEpoch).map { windows.range(at: windows.windowsPerEpoch + $0).lowerBound }.min() ?? 0
    #expect(text == stream.tokens(start..<start + text.count))
  }
}
