import Records
import Support

/// The tokens of a corpus, or of its training or held-out part, as if they stood in one array. Every
/// document ends with the end-of-sequence token; where a held-out block was cut out of a long document,
/// what is left of it is two documents, of which the first lacks that token.
public struct TokenStream: Sendable {
  /// Tokens `range` of a shard.
  struct Segment: Sendable {
    var shard: Int
    var range: Range<Int>
  }

  private let shards: [TokenShard]
  private let segments: [Segment]
  /// Where each segment starts in the stream, and at the end where the last one ends.
  private let starts: [Int]
  /// Where each document starts in the stream, and at the end where the last one ends.
  private let documentStarts: [Int]

  /// How many bytes of text the tokens were made of (after cleaning, before anything that the tokenizer does): the
  /// denominator of bits per byte.
  public let byteCount: Int

  init(shards: [TokenShard], segments: [Segment]) {
    self.shards = shards
    self.segments = segments
    var starts = [0]
    var documents: [Int] = []
    var bytes = 0
    for segment in segments {
      let base = starts[starts.count - 1]
      let shard = shards[segment.shard]
      bytes +=
        shard.sourceBytes(before: segment.range.upperBound)
        - shard.sourceBytes(before: segment.range.lowerBound)
      var document = shard.document(at: segment.range.lowerBound)
      var start = segment.range.lowerBound
      while start < segment.range.upperBound {
        documents.append(base + start - segment.range.lowerBound)
        start = shard.documentEnd(document)
        document += 1
      }
      starts.append(base + segment.range.count)
    }
    documents.append(starts[starts.count - 1])
    self.starts = starts
    documentStarts = documents
    byteCount = bytes
  }

  /// Streams one after another.
  public init(joining streams: [TokenStream]) {
    var (shards, segments): ([TokenShard], [Segment]) = ([], [])
    for stream in streams {
      segments += stream.segments.map { Segment(shard: shards.count + $0.shard, range: $0.range) }
      shards += stream.shards
    }
    self.init(shards: shards, segments: segments)
  }

  /// Tokens of all documents, their ends of sequence included.
  public var tokenCount: Int { starts[starts.count - 1] }
  /// Documents; each of the parts of one that a held-out block cut in two counts.
  public var documentCount: Int { documentStarts.count - 1 }

  /// The tokens of document `index`, end-of-sequence included.
  public func documentRange(_ index: Int) -> Range<Int> {
    documentStarts[index]..<documentStarts[index + 1]
  }

  /// Copies the tokens of a range, which may cross documents and files.
  /// - Precondition: the range lies within `0 ..< tokenCount`.
  public func tokens(_ range: Range<Int>) -> [TokenID] {
    var result: [TokenID] = []
    result.reserveCapacity(range.count)
    forEachPart(of: range) { shard, part in shard.append(part, to: &result) }
    return result
  }

  /// How many bytes of text the tokens of a range were made of; of parts of a document what its tokens stand for, and
  /// an even share of what no token stands for. O(4096).
  /// - Precondition: the range lies within `0 ..< tokenCount`.
  public func byteCount(of range: Range<Int>) -> Int {
    var total = 0
    forEachPart(of: range) { shard, part in
      total += max(
        0, shard.sourceBytes(before: part.upperBound) - shard.sourceBytes(before: part.lowerBound))
    }
    return total
  }

  private func forEachPart(of range: Range<Int>, _ body: (TokenShard, Range<Int>) -> Void) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= tokenCount, "tokens \(range) of a stream of \(tokenCount)")
    if range.isEmpty { return }
    var index = lastIndex(in: starts, notAbove: range.lowerBound)
    var position = range.lowerBound
    while position < range.upperBound {
      let segment = segments[index]
      let offset = position - starts[index]
      let count = min(range.upperBound - position, segment.range.count - offset)
      let start = segment.range.lowerBound + offset
      body(shards[segment.shard], start..<(start + count))
      position += count
      index += 1
    }
  }
}

/// The last index whose element is not above `value`, by bisection.
/// - Precondition: `sorted` ascends and its first element is not above `value`.
func lastIndex(in sorted: [Int], notAbove value: Int) -> Int {
  var (low, high) = (0, sorted.count)
  while high - low > 1 {
    let middle = (low + high) / 2
    if sorted[middle] <= value { low = middle } else { high = middle }
  }
  return low
}
