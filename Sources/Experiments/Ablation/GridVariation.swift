import Support

extension GridFile {
  /// Named changes of a recipe.
  struct Variation: Sendable {
    /// Empty for none.
    var name: String
    var changes: GridRecipe
    var location: SourceLocation

    /// The section `variations`: names with what they change, or with a list of variations above and changes, one on
    /// top of the other.
    /// - Parameter flag: whether the variations together, and these without each of them, are added.
    static func all(_ section: YAMLValue?, leavingOneOut flag: YAMLValue?, _ alternatives: [[String]])
      throws(GraftError) -> [Variation]
    {
      var (all, single): ([Variation], [Variation]) = ([], [])
      for entry in try section?.entries() ?? [] {
        try entry.location.requireName(entry.key, among: all.map(\.name) + [baseName], kind: "variation")
        guard entry.value.isSequence else {
          guard entry.value.isMapping else {
            throw entry.value.error(
              "expected what '\(entry.key)' changes", hint: "as in `\(entry.key): {learning-rate: 1e-3}`.")
          }
          let made = Variation(name: entry.key, changes: try GridRecipe(entry.value), location: entry.location)
          all.append(made)
          single.append(made)
          continue
        }
        var changes = GridRecipe()
        for value in try entry.value.nonEmptyList() {
          if value.isMapping {
            changes = changes.changed(by: try GridRecipe(value), alternatives: alternatives)
            continue
          }
          let name = try value.name("variation", all.map(\.name))
          for earlier in all where earlier.name == name {
            changes = changes.changed(by: earlier.changes, alternatives: alternatives)
          }
        }
        all.append(Variation(name: entry.key, changes: changes, location: entry.location))
      }
      guard let flag, try flag.boolean() else { return all }
      guard single.count > 1 else {
        throw flag.error(
          "'leave-one-out' needs two variations or more", hint: "it is what all of them change together.")
      }
      func together(_ chosen: [Variation], _ name: String) throws(GraftError) -> Variation {
        guard !all.contains(where: { $0.name == name }) else {
          throw flag.error("the variation '\(name)' stands twice", hint: "'leave-one-out' makes one of this name.")
        }
        let changes = chosen.reduce(GridRecipe()) { $0.changed(by: $1.changes, alternatives: alternatives) }
        return Variation(name: name, changes: changes, location: flag.location)
      }
      try requireDifferentKeys(single)
      var made = [try together(single, "all")]
      // Of two, each is the other left out.
      for left in single where single.count > 2 {
        made.append(try together(single.filter { $0.name != left.name }, "all-but-\(left.name)"))
      }
      return all + made
    }

    /// Changes of the same key cannot stand together.
    private static func requireDifferentKeys(_ variations: [Variation]) throws(GraftError) {
      var owners: [String: String] = [:]
      for variation in variations {
        for setting in variation.changes.settings {
          if let other = owners[setting.key] {
            throw GraftError(
              .badData,
              "both '\(other)' and '\(variation.name)' change '\(setting.key)', so they cannot stand together",
              hint: "leave out 'leave-one-out' and list what stands together: new: [\(other), …].",
              location: setting.location)
          }
          owners[setting.key] = variation.name
        }
      }
    }

    /// The points of an axis: values of its key, or mappings of what they change with a name.
    static func axis(_ key: String, _ list: YAMLValue) throws(GraftError) -> [Variation] {
      var points: [Variation] = []
      for value in try list.nonEmptyList() {
        guard !value.isSequence else {
          throw value.error("a list has no name", hint: "write it as {name: …, \(key): […]}.")
        }
        var changes = GridRecipe([.init(key: key, value: value, location: value.location)])
        if value.isMapping { changes = try GridRecipe(value) }
        let name: String
        if let given = changes["name"], value.isMapping {
          name = try given.string()
          changes = changes.without(["name"])
        } else {
          guard let own = changes[key], let text = try? own.string() else {
            throw value.error("'name' is missing", hint: "or a value of '\(key)', which then is its name.")
          }
          name = text.hasSuffix(".json") ? String(Paths.name(of: text).dropLast(5)) : text
        }
        try value.location.requireName(name, among: points.map(\.name), kind: key)
        points.append(Variation(name: name, changes: changes, location: value.location))
      }
      return points
    }
  }
}
