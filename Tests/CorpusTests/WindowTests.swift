import Randomness
import Support
import TestSupport
import Testing
import Tokenization

@testable import Corpus

@Suite struct WindowTests {
  let folder: TestFolder
  let stream: TokenStream

  init() throws {
    folder = try TestFolder()
    let text = (0..<60).map { "d\($0) " + String(repeating: "x", count: $0 % 23) }.joined(separator: "\n\n")
    stream = try Self.stream(folder, text)
  }

  private static func stream(_ folder: TestFolder, _ text: String) throws -> TokenStream {
    var options = CorpusOptions()
    options.documentBoundary = .blankLines
    options.heldOutFraction = 0
    return try PreparedCorpus.prepare(
      files: [folder.write("w\(text.utf8.count).txt", text)], tokenizer: byteTokenizer(), options: options,
      cacheDirectory: folder.cache
    ).training
  }

  @Test(.tags(.slow), arguments: [1, 2, 3, 4, 5, 16, 17, 100, 1000, 4097])
  func permutationsAreBijections(_ count: Int) {
    for seed in 0..<3 {
      let permutation = KeyedPermutation(count: count, key: RandomKey(seed: UInt64(seed)))
      #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count))
    }
  }

  @Test func permutationsAreUniformEnough() {
    // Each of 6 orders of 3 elements should come about as often as another.
    var counts: [[Int]: Int] = [:]
    for seed in 0..<6000 {
      let permutation = KeyedPermutation(count: 3, key: RandomKey(seed: UInt64(seed)))
      counts[(0..<3).map { permutation[$0] }, default: 0] += 1
    }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { $0 > 850 && $0 < 1150 }, "\(counts)")
  }

  @Test func windowsArePureInTheIndex() {
    for merged in [true, false] {
      let windows = TokenWindows(stream, length: 16, key: RandomKey(seed: 3), merged: merged)
      let again = TokenWindows(stream, length: 16, key: RandomKey(seed: 3), merged: merged)
      let count = 3 * windows.windowsPerEpoch
      let forwards = (0..<count).map { windows.window(at: $0) }
      let backwards = (0..<count).reversed().map { again.window(at: $0) }
      #expect(forwards == backwards.reversed())
      let other = TokenWindows(stream, length: 16, key: RandomKey(seed: 4), merged: merged)
      #expect(forwards != (0..<count).map { other.window(at: $0) })
    }
  }

  @Test func mergedWindowsTileAnEpoch() {
    let windows = TokenWindows(stream, length: 16, key: RandomKey(seed: 3), merged: true)
    var offsets: Set<Int> = []
    for epoch in 0..<20 {
      let ranges = (0..<windows.windowsPerEpoch)
        .map { windows.range(at: epoch * windows.windowsPerEpoch + $0) }
        .sorted { $0.lowerBound < $1.lowerBound }
      #expect(ranges.allSatisfy { $0.count == 16 })
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      #expect(ranges[ranges.count - 1].upperBound <= stream.tokenCount)
      offsets.insert(ranges[0].lowerBound)
    }
    #expect(offsets.count > 5)
  }

  @Test func unmergedWindowsCoverEveryDocumentAndCrossNone() {
    let windows = TokenWindows(stream, length: 8, key: RandomKey(seed: 3), merged: false)
    for epoch in 0..<5 {
      let ranges = (0..<windows.windowsPerEpoch)
        .map { windows.range(at: epoch * windows.windowsPerEpoch + $0) }
        .sorted { $0.lowerBound < $1.lowerBound }
      #expect(ranges.allSatisfy { $0.count >= 1 && $0.count <= 8 })
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      #expect(ranges[0].lowerBound == 0 && ranges[ranges.count - 1].upperBound == stream.tokenCount)
      let ends = Set((0..<stream.documentCount).map { stream.documentRange($0).upperBound })
      #expect(ends.isSubset(of: ranges.map(\.upperBound)))
    }
  }

  /// Every lane is a text: its windows meet, and each knows the token before it.
  @Test(arguments: [(1, 16), (3, 16), (7, 5), (2, 1000)]) func lanesAreReadFromEndToEnd(_ lanes: Int, _ length: Int) {
    let windows = LaneWindows(stream, lanes: lanes, length: length, key: RandomKey(seed: 3))
    let all = stream.tokens(0..<stream.tokenCount)
    let laneLength = stream.tokenCount / lanes
    #expect(windows.windowsPerLane == (laneLength + length - 1) / length)
    var offsets: Set<Int> = []
    for pass in 0..<6 {
      var read: [Int] = []
      for lane in 0..<lanes {
        var text: [Int] = []
        for window in 0..<windows.windowsPerLane {
          let index = (pass * windows.windowsPerLane + window) * lanes + lane
          let part = windows.ranges(at: index).flatMap { Array($0) }
          #expect(windows.window(at: index) == part.map { all[$0] })
          #expect(part.count <= length && part.count >= laneLength / windows.windowsPerLane)
          #expect(windows.token(before: index) == (window == 0 ? nil : all[text[text.count - 1]]))
          text += part
        }
        #expect(text.count == laneLength)
        #expect(text == text.indices.map { (text[0] + $0) % stream.tokenCount })
        read += text
      }
      // One lane begins where the one before it ends, and nothing is read twice.
      #expect(read == read.indices.map { (read[0] + $0) % stream.tokenCount })
      offsets.insert(read[0])
    }
    #expect(offsets.count > 3)
  }

  @Test func lanesArePureInTheIndex() {
    func windows(_ seed: UInt64) -> LaneWindows {
      LaneWindows(stream, lanes: 3, length: 16, key: RandomKey(seed: seed))
    }
    let count = 3 * 3 * windows(3).windowsPerLane
    let (one, again) = (windows(3), windows(3))
    let forwards = (0..<count).map { one.window(at: $0) }
    #expect(forwards == (0..<count).reversed().map { again.window(at: $0) }.reversed())
    #expect(forwards != (0..<count).map { windows(4).window(at: $0) })
  }

  /// The worked example of `LaneWindows`, with a key that begins at token 8.
  @Test func lanesOfElevenTokens() throws {
    let short = try Self.stream(folder, "abcdefghij")
    #expect(short.tokenCount == 11)
    let windows = try #require(
      (0..<1000).lazy.map { LaneWindows(short, lanes: 2, length: 2, key: RandomKey(seed: $0)) }
        .first { $0.ranges(at: 0) == [8..<9] })
    #expect(windows.windowsPerLane == 3)
    #expect((0..<6).map { windows.ranges(at: $0) } == [[8..<9], [2..<3], [9..<11], [3..<5], [0..<2], [5..<7]])
  }

  @Test func streamsAreJoined() throws {
    let short = try Self.stream(folder, "abc")
    let joined = TokenStream(joining: [short, stream, short])
    #expect(joined.tokenCount == stream.tokenCount + 8 && joined.documentCount == stream.documentCount + 2)
    let tokens = short.tokens(0..<4)
    #expect(joined.tokens(0..<joined.tokenCount) == tokens + stream.tokens(0..<stream.tokenCount) + tokens)
    #expect(joined.byteCount == stream.byteCount + 6)
    #expect(joined.byteCount(of: 1..<joined.tokenCount) == joined.byteCount - 1)
  }

  @Test func streamsShorterThanAWindow() throws {
    let short = try Self.stream(folder, "abc")
    for merged in [true, false] {
      let windows = TokenWindows(short, length: 100, key: RandomKey(seed: 1), merged: merged)
      #expect(windows.windowsPerEpoch == 1)
      #expect(windows.window(at: 7) == short.tokens(0..<4))
    }
    // Exactly as long, and one longer.
    #expect(TokenWindows(short, length: 4, key: RandomKey(seed: 1)).window(at: 0).count == 4)
    #expect(TokenWindows(short, length: 3, key: RandomKey(seed: 1)).window(at: 0).count == 3)
  }
}
