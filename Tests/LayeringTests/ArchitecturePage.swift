import Foundation

/// The list of allowed edges in Docs/ARCHITECTURE.md.
struct ArchitecturePage {
  var edges: [String: Set<String>] = [:]
  /// The layer of each target in the table of targets; C is -1.
  var layers: [String: Int] = [:]
  /// The layer of each target in the drawing above it.
  var drawnLayers: [String: Int] = [:]

  init(_ text: String) {
    for row in text.matches(of: /(?m)^\| `(\w+)` \| (C|\d+) \|/) {
      layers[String(row.output.1)] = Int(row.output.2) ?? -1
    }
    for line in text.matches(of: /(?m)^(?:layer (\d+)|C) +(.+)$/) {
      for name in line.output.2.split(separator: " ") {
        drawnLayers[String(name)] = line.output.1.flatMap { Int($0) } ?? -1
      }
    }
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

  /// Edges between targets of the table that do not lead to a lower layer.
  var edgesUpwards: [String] {
    edges.keys.sorted().flatMap { target -> [String] in
      guard let layer = layers[target] else { return [] }
      return (edges[target] ?? []).sorted().filter { (layers[$0] ?? -1) >= layer }.map { "\(target) → \($0)" }
    }
  }
}
