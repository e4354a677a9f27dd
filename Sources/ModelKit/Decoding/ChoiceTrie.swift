import Records

/// Token sequences by their common beginnings: which tokens may follow what was written so far.
///
/// Worked example: the choices [5 6] and [5] with end-of-sequence 1 allow 5 at the root, 6 and 1 after [5], and 1 after
/// [5 6].
struct ChoiceTrie: Sendable, Hashable {
  private struct Node: Sendable, Hashable {
    /// Ascending.
    var tokens: [TokenID] = []
    var children: [TokenID: Int] = [:]
  }

  /// The node of an empty answer.
  static let root = 0
  private var nodes = [Node()]

  init(_ choices: [[TokenID]], end: TokenID) {
    for choice in choices {
      var node = ChoiceTrie.root
      for token in choice + [end] {
        if let child = nodes[node].children[token] {
          node = child
        } else {
          nodes.append(Node())
          nodes[node].children[token] = nodes.count - 1
          node = nodes.count - 1
        }
      }
    }
    for i in nodes.indices { nodes[i].tokens = nodes[i].children.keys.sorted() }
  }

  func tokens(after node: Int) -> [TokenID] { nodes[node].tokens }

  /// - Precondition: `token` may follow `node`.
  func child(of node: Int, _ token: TokenID) -> Int {
    guard let child = nodes[node].children[token] else {
      preconditionFailure("token \(token) does not continue any choice")
    }
    return child
  }
}
