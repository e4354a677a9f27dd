import Records

/// The byte strings of a vocabulary as a tree, one node per prefix. Node 0 is the empty prefix.
final class ByteTrie: @unchecked Sendable {
  // Written while its owner is made, read only afterwards, hence safe to share.
  private var children = PairTable(capacity: 1 << 12)
  /// The token that ends at each node, -1 if none does.
  private var tokens: [TokenID] = [-1]

  /// A later insertion of the same bytes takes the place of the earlier one.
  func insert(_ bytes: some Collection<UInt8>, _ token: TokenID) {
    var node: Int32 = 0
    for byte in bytes {
      var next = child(node, byte)
      if next < 0 {
        next = Int32(tokens.count)
        tokens.append(-1)
        children.insert(pairKey(node, Int32(byte)), UInt64(next))
      }
      node = next
    }
    tokens[Int(node)] = token
  }

  /// The node one byte further, or -1.
  @inline(__always)
  func child(_ node: Int32, _ byte: UInt8) -> Int32 {
    // The absent value is all ones, hence -1.
    Int32(truncatingIfNeeded: children.value(pairKey(node, Int32(byte))))
  }

  /// The token whose bytes lead to a node, or -1.
  @inline(__always)
  func token(at node: Int32) -> TokenID { tokens[Int(node)] }

  /// The node that some bytes lead to, nil if no string begins with them.
  func node(of bytes: some Sequence<UInt8>) -> Int32? {
    var node: Int32 = 0
    for byte in bytes {
      node = child(node, byte)
      if node < 0 { return nil }
    }
    return node
  }

  /// The token of a whole string, nil if it is none.
  func token(of bytes: some Sequence<UInt8>) -> TokenID? {
    node(of: bytes).map { token(at: $0) }.flatMap { $0 < 0 ? nil : $0 }
  }

  /// The longest string that `bytes` has at `start` and its length; its token is -1 if there is none.
  @inline(__always)
  func longestMatch(
    in bytes: UnsafePointer<UInt8>, _ count: Int, from start: Int, at root: Int32 = 0
  ) -> (token: TokenID, length: Int) {
    var (node, offset) = (root, start)
    var best: (token: TokenID, length: Int) = (-1, 0)
    while offset < count {
      node = child(node, bytes[offset])
      if node < 0 { break }
      offset += 1
      let token = tokens[Int(node)]
      if token >= 0 { best = (token, offset - start) }
    }
    return best
  }
}
