import Randomness
import Records

/// Chops a stream into windows and deals them out in a new random order each epoch. A pure function of the
/// index: to resume, the index is enough.
///
/// Merged windows take the documents as one text: all have `length` tokens, and each epoch starts at another
/// offset, so that the cuts fall elsewhere. Unmerged windows never cross documents: a document of n tokens
/// has ⌈n / length⌉ windows, of which the first or the last may be short. Merged documents are neighbours as they are
/// in the stream, or with `shufflingDocuments` in a new random order each epoch, so that no window is read twice.
///
/// Worked example: 10 tokens at length 4, merged, have one window per epoch, which starts at token 0, 1, 2
/// or 3 by chance of the epoch ((10 − 3) / 4 = 1); unmerged as one document they have three, such as [0 1
/// 2] [3 … 6] [7 8 9].
public struct TokenWindows: Sendable {
  /// What the windows are cut out of.
  public let stream: TokenStream
  /// Tokens of a window, of the longest one if they are not merged.
  public let length: Int
  /// Windows of an epoch; merged ones leave out up to 2 · length − 2 tokens, others with each epoch.
  public let windowsPerEpoch: Int
  private let key: RandomKey
  /// Nil for the order of the stream.
  private let orders: DocumentOrders?
  /// Unmerged: how many windows the documents before each have; empty if merged.
  private let windowStarts: [Int]

  /// - Precondition: `length` is positive.
  public init(
    _ stream: TokenStream, length: Int, key: RandomKey, merged: Bool = true, shufflingDocuments: Bool = false
  ) {
    precondition(length > 0, "windows of \(length) tokens")
    precondition(merged || !shufflingDocuments, "documents that are apart have no order to shuffle")
    orders = shufflingDocuments && stream.documentCount > 1 ? DocumentOrders(stream, key: key) : nil
    self.stream = stream
    self.length = length
    self.key = key
    if merged {
      windowStarts = []
      windowsPerEpoch = stream.tokenCount == 0 ? 0 : max(1, (stream.tokenCount - length + 1) / length)
    } else {
      var starts = [0]
      for document in 0..<stream.documentCount {
        let count = stream.documentRange(document).count
        starts.append(starts[document] + (count + length - 1) / length)
      }
      windowStarts = starts
      windowsPerEpoch = starts[starts.count - 1]
    }
  }

  /// The `index`-th window of an endless sequence of epochs.
  /// - Precondition: `index` is not negative and the stream has tokens.
  public func window(at index: Int) -> [TokenID] {
    let range = range(at: index)
    return orders?.tokens(range, ofPass: index / windowsPerEpoch) ?? stream.tokens(range)
  }

  /// Where that window is in the stream, or in its documents as the epoch orders them.
  public func range(at index: Int) -> Range<Int> {
    precondition(index >= 0, "window \(index)")
    precondition(windowsPerEpoch > 0, "a window of an empty stream")
    let (epoch, position) = index.quotientAndRemainder(dividingBy: windowsPerEpoch)
    let epochKey = key.folded(epoch)
    let number = KeyedPermutation(count: windowsPerEpoch, key: epochKey)[position]
    return windowStarts.isEmpty
      ? mergedRange(number, epochKey) : documentRange(number, epochKey)
  }

  private func mergedRange(_ number: Int, _ key: RandomKey) -> Range<Int> {
    let slack = max(0, stream.tokenCount - windowsPerEpoch * length)
    let start = offset(below: min(length, slack + 1), key.folded("offset")) + number * length
    return start..<min(start + length, stream.tokenCount)
  }

  private func documentRange(_ number: Int, _ key: RandomKey) -> Range<Int> {
    let document = lastIndex(in: windowStarts, notAbove: number)
    let range = stream.documentRange(document)
    let count = windowStarts[document + 1] - windowStarts[document]
    // The grid of windows covers the document with some room to spare; where in the grid it lies is drawn.
    let room = count * length - range.count
    let shift = count == 1 ? 0 : offset(below: room + 1, key.folded("offset").folded(document))
    let start = range.lowerBound - shift + (number - windowStarts[document]) * length
    return max(start, range.lowerBound)..<min(start + length, range.upperBound)
  }

  private func offset(below bound: Int, _ key: RandomKey) -> Int {
    var generator = key.generator()
    return generator.below(bound)
  }
}
