import Corpus
import Support

/// A mixture as its YAML file has it, mixtures inside by name; see Docs/MIXTURES.md.
public struct MixtureDefinition: Sendable {
  static let keys = ["mixture", "version", "tags", "members", "rates", "cap", "temperature", "note"]
  private static let kinds = ["proportional", "equal", "weighted"]

  /// A task or a mixture within the mixture.
  public struct Member: Sendable {
    /// The name of the task or the mixture.
    public var name: String
    /// Multiplies the number of its examples, for proportional rates; nil for 1.
    public var scale: Double?
    /// Its rate, for weighted rates; nil for 1.
    public var weight: Double?
    var location: SourceLocation
  }

  /// The mixture's name, unique among tasks, suites and mixtures.
  public let name: String
  /// 1 or more; raised whenever the rates change.
  public let version: Int
  /// Words for `graft list`, such as `sentiment`.
  public let tags: [String]
  /// Nil where the members' weights are the rates.
  public let rates: MixtureRates?
  /// At least one, each once.
  public let members: [Member]
  /// A remark for people.
  public let note: String?
  /// The file it was read from.
  public let path: String
  /// Where its name stands.
  let location: SourceLocation

  /// Whether a file defines a mixture rather than a task or a suite.
  static func isOne(_ root: YAMLValue) throws(GraftError) -> Bool {
    try root.entries().contains { $0.key == "mixture" }
  }

  init(_ root: YAMLValue, path: String) throws(GraftError) {
    self.path = path
    let record = try root.record("a mixture", keys: Self.keys)
    func required(_ key: String) throws(GraftError) -> YAMLValue {
      guard let value = record[key] else {
        throw root.error("the mixture lacks the key '\(key)'", hint: "Docs/MIXTURES.md lists all keys.")
      }
      return value
    }
    let nameValue = try required("mixture")
    name = try nameValue.string()
    location = nameValue.location
    guard DefinitionFile.isName(name) else {
      throw nameValue.error(
        "'\(name)' cannot name a mixture", hint: "use lower-case letters, digits, '-' and '.'.")
    }
    let versionValue = try required("version")
    version = try versionValue.integer()
    guard version >= 1 else { throw versionValue.error("a version is 1 or more") }
    tags = try record["tags"]?.strings() ?? []
    note = try record["note"]?.string()

    let kind = try record["rates"]?.string() ?? "proportional"
    guard Self.kinds.contains(kind) else {
      throw record["rates"]?.unknown("kind of rates", kind, known: Self.kinds) ?? root.error("no rates")
    }
    for key in ["cap", "temperature"] where kind != "proportional" {
      if let value = record[key] {
        throw value.error("'\(key)' is for `rates: proportional`", hint: "these rates are \(kind).")
      }
    }
    let cap = try record["cap"].map(Self.positive)
    let temperature = try record["temperature"].map(Self.positive)
    rates =
      kind == "weighted"
      ? nil : MixtureRates(cap: cap, temperature: temperature ?? 1, isEqual: kind == "equal")

    let memberValues = try required("members")
    var members: [Member] = []
    for value in try memberValues.list() {
      let member = try Self.member(value, kind: kind)
      guard !members.contains(where: { $0.name == member.name }) else {
        throw value.error(
          "'\(member.name)' is a member twice", hint: "`scale` or `weight` says how much it counts.")
      }
      members.append(member)
    }
    guard !members.isEmpty else { throw memberValues.error("a mixture needs at least one member") }
    self.members = members
  }

  /// `sst2`, or `{name: sst2, scale: 2}`.
  private static func member(_ value: YAMLValue, kind: String) throws(GraftError) -> Member {
    guard value.isMapping else { return Member(name: try value.string(), location: value.location) }
    let record = try value.record("a member of a mixture", keys: ["name", "scale", "weight"])
    guard let name = record["name"] else {
      throw value.error("a member of a mixture needs 'name'", hint: "write {name: sst2, scale: 2}.")
    }
    for (key, wanted) in [("scale", "proportional"), ("weight", "weighted")] where kind != wanted {
      if let setting = record[key] {
        throw setting.error("'\(key)' is for `rates: \(wanted)`", hint: "these rates are \(kind).")
      }
    }
    return Member(
      name: try name.string(), scale: try record["scale"].map(positive),
      weight: try record["weight"].map(positive), location: name.location)
  }

  private static func positive(_ value: YAMLValue) throws(GraftError) -> Double {
    let number = try value.number()
    guard number > 0 else { throw value.error("\(number) is not positive") }
    return number
  }
}

extension MixtureDefinition {
  /// The mixture with its members looked up.
  ///
  /// - Parameter others: by name.
  /// - Throws: `.badData` with the place of a member that there is not, that is no task to train on, or that leads back
  ///   here.
  func resolved(
    tasks: [String: TaskDefinition], suites: Set<String>, others: [String: MixtureDefinition],
    from outer: [String] = []
  ) throws(GraftError) -> TaskMixture {
    let path = outer + [name]
    var members: [TaskMixture.Member] = []
    for member in self.members {
      var inner: TaskMixture?
      if let mixture = others[member.name] {
        guard !path.contains(member.name) else {
          throw GraftError(
            .badData,
            "the mixture '\(member.name)' contains itself: \((path + [member.name]).joined(separator: " → "))",
            hint: "take one of them out of the other.", location: member.location)
        }
        inner = try mixture.resolved(tasks: tasks, suites: suites, others: others, from: path)
      } else if let task = tasks[member.name] {
        guard task.splitNames.contains("train") else {
          throw GraftError(
            .badData, "the task '\(member.name)' has no split 'train' to learn from",
            hint: "its splits are \(task.splitNames.joined(separator: ", ")).", location: member.location)
        }
      } else if suites.contains(member.name) {
        throw GraftError(
          .badData, "'\(member.name)' is a suite, and nothing is trained on suites",
          hint: "take a task or another mixture.", location: member.location)
      } else {
        throw .unknownName(
          "task or mixture", member.name, known: Array(tasks.keys) + others.keys, list: "graft list",
          location: member.location, code: .badData)
      }
      members.append(
        TaskMixture.Member(name: member.name, scale: member.scale, weight: member.weight, mixture: inner))
    }
    return TaskMixture(name: name, version: version, rates: rates, members: members)
  }
}
