import Foundation
import Randomness
import Records

/// The documents of a stream one behind the other in a new random order in each pass. Orders are made when they are
/// first asked for, and those of the last two passes are kept: eight bytes for each document, and four.
///
/// Worked example: documents [a b 1] [c 1] [d e f 1] in the order 2, 0, 1 are the text [d e f 1 a b 1 c 1].
final class DocumentOrders: @unchecked Sendable {
  // `orders` is touched under the lock only; ThreadSanitizer knows this lock, and not that of Synchronization.
  private let stream: TokenStream
  private let key: RandomKey
  private let lock = NSLock()
  private var orders: [Order] = []

  private struct Order: Sendable {
    let pass: Int
    let documents: [Int32]
    /// Where each begins, and at the end where the last one ends.
    let starts: [Int]
  }

  init(_ stream: TokenStream, key: RandomKey) {
    self.stream = stream
    self.key = key
  }

  /// The tokens of a range of the text as the pass has it.
  func tokens(_ range: Range<Int>, ofPass pass: Int) -> [TokenID] {
    let order = order(ofPass: pass)
    var result: [TokenID] = []
    result.reserveCapacity(range.count)
    var place = lastIndex(in: order.starts, notAbove: range.lowerBound)
    while result.count < range.count {
      let document = stream.documentRange(Int(order.documents[place]))
      let start = document.lowerBound + range.lowerBound + result.count - order.starts[place]
      result += stream.tokens(start..<min(document.upperBound, start + range.count - result.count))
      place += 1
    }
    return result
  }

  private func order(ofPass pass: Int) -> Order {
    lock.withLock {
      if let known = orders.first(where: { $0.pass == pass }) { return known }
      let permutation = KeyedPermutation(count: stream.documentCount, key: key.folded(pass).folded("documents"))
      let documents = (0..<stream.documentCount).map { Int32(permutation[$0]) }
      var starts = [0]
      starts.reserveCapacity(documents.count + 1)
      for document in documents { starts.append(starts[starts.count - 1] + stream.documentRange(Int(document)).count) }
      let order = Order(pass: pass, documents: documents, starts: starts)
      orders = [order] + orders.prefix(1)
      return order
    }
  }
}
