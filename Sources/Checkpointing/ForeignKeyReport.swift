import Support

/// How the tensors of a foreign checkpoint differ from those its configuration calls for.
struct ForeignKeyReport: Sendable {
  /// Foreign names, in the order of our parameters.
  var missing: [String] = []
  var leftOver: [String] = []
  var misshapen: [(name: String, found: [Int], expected: [Int])] = []

  /// Nil if nothing differs.
  func error(path: String, map: ForeignKeyMap) -> GraftError? {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing \(Self.list(missing))") }
    if !leftOver.isEmpty { parts.append("left over \(Self.list(leftOver))") }
    if !misshapen.isEmpty {
      parts.append(
        Self.list(misshapen.map { $0.name }) { index in
          let tensor = misshapen[index]
          return "'\(tensor.name)' has shape \(tensor.found), expected \(tensor.expected)"
        })
    }
    guard !parts.isEmpty else { return nil }
    var hint = "check the number of layers, the sizes and the variant in config.json."
    if !missing.isEmpty, missing.allSatisfy({ name in map.heads.contains { name.hasPrefix($0) } }) {
      hint = map.headHint
    }
    return GraftError(
      .badData,
      "'\(path)' is not the \(map.family) that its config.json describes: "
        + parts.joined(separator: "; "), hint: hint)
  }

  private static func list(_ names: [String], _ text: ((Int) -> String)? = nil) -> String {
    let shown = names.indices.prefix(4).map { text?($0) ?? "'\(names[$0])'" }.joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}
