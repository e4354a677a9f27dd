import Foundation

/// The list of allowed edges in Docs/ARCHITECTURE.md.
struct ArchitecturePage {
  var edges: [String: Set<String>] = [:]

  init(_ text: String) {
    let marker = text.range(of: "<!-- edges -->\n```\n")
    guard let start = marker?.upperBound, let end = text.range(of: "\n```", range: start..<text.endIndex)
    else {
      return
    }
    for line in text[start..<end.lowerBound].split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      edges[String(parts[0])] = Set((parts.count > 1 ? parts[1] : "").split(separator: " ").map(String.init))
    }
  }

  static func read() throws -> ArchitecturePage {
    let page = packageRoot.appendingPathComponent("Docs/ARCHITECTURE.md")
    return ArchitecturePage(try String(contentsOf: page, encoding: .utf8))
  }

  /// A circle of edges, if there is one: targets that cannot stand in layers.
  var circle: [String]? {
    var finished: Set<String> = []
    func visit(_ target: String, _ path: [String]) -> [String]? {
      if let start = path.firstIndex(of: target) { return Array(path[start...]) + [target] }
      if finished.contains(target) { return nil }
      for next in (edges[target] ?? []).sorted() {
        if let found = visit(next, path + [target]) { return found }
      }
      finished.insert(target)
      return nil
    }
    for target in edges.keys.sorted() {
      if let found = visit(target, []) { return found }
    }
    return nil
  }
}
