import Corpus
import Support

/// Tasks that are learned together, and how often each of them is seen; mixtures inside are in full.
///
/// Worked example: a mixture by size has a task of 100 examples and a mixture of two tasks of 100 and 200, which is
/// equal inside. It counts as 100 and 300, so that the tasks have 1/4, 3/8 and 3/8.
public struct TaskMixture: Sendable, Codable, Hashable {
  /// A task, or a mixture with all that is in it.
  public struct Member: Sendable, Codable, Hashable {
    /// Of the task or the mixture.
    public var name: String
    /// Multiplies the number of examples, before cap and temperature.
    public var scale: Double?
    /// Its rate, where rates are no matter of examples.
    public var weight: Double?
    /// What is in it, if it is a mixture.
    public var mixture: TaskMixture?

    /// - Parameter mixture: what is in it, if it is no task.
    public init(name: String, scale: Double? = nil, weight: Double? = nil, mixture: TaskMixture? = nil) {
      self.name = name
      self.scale = scale
      self.weight = weight
      self.mixture = mixture
    }
  }

  /// Nil for tasks that were put together on the command line.
  public var name: String?
  /// That of the mixture's file; nil where there is none.
  public var version: Int?
  /// How rates come of numbers of examples; nil where they are the members' weights.
  public var rates: MixtureRates?
  /// In the order of the file or the command line.
  public var members: [Member]

  /// A mixture of at least one member; `rates` is nil where the members' weights are the rates.
  public init(name: String? = nil, version: Int? = nil, rates: MixtureRates?, members: [Member]) {
    self.name = name
    self.version = version
    self.rates = rates
    self.members = members
  }

  /// The tasks of all members, each once, in order.
  public var tasks: [String] {
    var found: [String] = []
    for member in members {
      for task in member.mixture?.tasks ?? [member.name] where !found.contains(task) { found.append(task) }
    }
    return found
  }

  /// The names of everything inside, mixtures included.
  public var memberNames: [String] {
    members.flatMap { [$0.name] + ($0.mixture?.memberNames ?? []) }
  }

  /// The rate of every task; only proportions matter. What a mixture inside is given is shared out by its own rates, as
  /// in seqio, where its tasks count for one together; under rates by size it counts for all their examples. A task
  /// that is in several members has the sum.
  ///
  /// - Parameter counts: the number of training examples by task; a task without any has no rate.
  public func weights(counts: [String: Int]) -> [String: Double] {
    let sizes = members.map { member in
      (member.mixture?.tasks ?? [member.name]).reduce(0) { $0 + (counts[$1] ?? 0) }
    }
    let outer =
      rates?.weights(counts: sizes, scales: members.map { $0.scale ?? 1 })
      ?? zip(sizes, members).map { $0 > 0 ? $1.weight ?? 1 : 0 }
    var result: [String: Double] = [:]
    for (member, rate) in zip(members, outer) where rate > 0 {
      let inner = member.mixture?.weights(counts: counts) ?? [member.name: 1]
      let sum = inner.values.sorted().reduce(0, +)
      guard sum > 0 else { continue }
      for (task, weight) in inner { result[task, default: 0] += rate * weight / sum }
    }
    return result
  }

  /// The mixture without these members, wherever they are in it; a mixture inside that is left empty goes, too.
  /// - Throws: `.usage` with the closest name, or if nothing is left.
  public func leavingOut(_ names: [String]) throws(GraftError) -> TaskMixture {
    for name in names where !memberNames.contains(name) {
      throw .unknownName("member of the mixture", name, known: Set(memberNames))
    }
    let left = without(Set(names))
    guard !left.members.isEmpty else {
      throw GraftError(
        .usage, "nothing is left of the mixture\(name.map { " '\($0)'" } ?? "")",
        hint: "its members were \(members.map(\.name).joined(separator: ", ")).")
    }
    return left
  }

  private func without(_ names: Set<String>) -> TaskMixture {
    var result = self
    result.members = members.compactMap { member in
      guard !names.contains(member.name) else { return nil }
      var kept = member
      kept.mixture = member.mixture?.without(names)
      return kept.mixture?.members.isEmpty == true ? nil : kept
    }
    return result
  }

  /// What files know it by: everything here is hashed, and the definitions of the tasks have hashes of their own.
  /// - Throws: `.internalError` if JSON has no form for it.
  public var definitionHash: DefinitionHash {
    get throws(GraftError) {
      DefinitionHash(of: String(decoding: try JSONFile.line(self), as: UTF8.self), former: former)
    }
  }

  /// What was hashed before; see `DefinitionResolver.former`.
  private var former: String {
    let kind = rates.map {
      "cap \($0.cap.map { "\($0)" } ?? "none") temperature \($0.temperature) equal \($0.isEqual)"
    }
    let inside = members.map { member in
      "\(member.name) scale \(member.scale ?? 1) weight \(member.weight ?? 1) {\(member.mixture?.former ?? "")}"
    }
    return
      "mixture \(name ?? "") version \(version ?? 0) rates \(kind ?? "weighted") | \(inside.joined(separator: " | "))"
  }
}
