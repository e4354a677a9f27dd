import Randomness
import Records

/// Cuts a stream into lanes of equal length, which are read beside each other from their beginnings to their ends, a
/// window of each at a time: window i of step s begins where window i of step s - 1 ended. A pure function of the
/// index: to resume, the index is enough.
///
/// In every pass the lanes lie elsewhere: the stream is taken as a ring, and where the first lane begins is drawn.
/// Windows of a lane are equally long to a token. Documents are told apart by their end-of-sequence alone.
///
/// Worked example: 11 tokens in two lanes at length 2 are read in three steps. If the first lane begins at token 8, its
/// windows are [8] [9 10] [0 1] and those of the second [2] [3 4] [5 6]; token 7 is left out in this pass.
public struct LaneWindows: Sendable {
  /// What the lanes are cut out of.
  public let stream: TokenStream
  /// How many texts are read at once.
  public let lanes: Int
  /// Windows of a lane, and so steps of a pass.
  public let windowsPerLane: Int
  private let laneLength: Int
  private let key: RandomKey

  /// - Parameter length: the most tokens of a window.
  /// - Precondition: the length is positive, and there is a token for every lane.
  public init(_ stream: TokenStream, lanes: Int, length: Int, key: RandomKey) {
    precondition(length > 0 && lanes > 0 && stream.tokenCount >= lanes, "\(lanes) lanes of \(stream.tokenCount) tokens")
    self.stream = stream
    self.lanes = lanes
    self.key = key
    laneLength = stream.tokenCount / lanes
    windowsPerLane = (laneLength + length - 1) / length
  }

  /// The parts of the stream, in order, that the `index`-th window of an endless sequence of passes consists of; two if
  /// it runs across the end of the stream.
  /// - Precondition: `index` is not negative.
  public func ranges(at index: Int) -> [Range<Int>] {
    let place = place(index)
    return ranges(from: place.start, count: place.count)
  }

  /// The tokens of that window.
  public func window(at index: Int) -> [TokenID] { tokens(ranges(at: index)) }

  /// The token before that window; nil where a lane begins.
  public func token(before index: Int) -> TokenID? {
    let place = place(index)
    guard !place.beginsLane else { return nil }
    return tokens(ranges(from: place.start - 1, count: 1))[0]
  }

  /// Where a window lies on the ring.
  private func place(_ index: Int) -> (start: Int, count: Int, beginsLane: Bool) {
    precondition(index >= 0, "window \(index)")
    let (step, lane) = index.quotientAndRemainder(dividingBy: lanes)
    let (pass, window) = step.quotientAndRemainder(dividingBy: windowsPerLane)
    var generator = key.folded(pass).generator()
    let offset = generator.below(stream.tokenCount)
    let (begin, end) = (window * laneLength / windowsPerLane, (window + 1) * laneLength / windowsPerLane)
    return (offset + lane * laneLength + begin, end - begin, window == 0)
  }

  private func ranges(from place: Int, count: Int) -> [Range<Int>] {
    let start = place % stream.tokenCount
    let end = start + count
    guard end > stream.tokenCount else { return [start..<end] }
    return [start..<stream.tokenCount, 0..<end - stream.tokenCount]
  }

  private func tokens(_ ranges: [Range<Int>]) -> [TokenID] { ranges.flatMap { stream.tokens($0) } }
}
