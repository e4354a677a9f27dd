import Randomness
import Support

/// Chooses from the members of several sets such that neither text alone tells the label.
///
/// - Every text that is kept as it was has one member of each label. Whatever stands in it, and in what it shares with the
///   hypothesis, says nothing.
/// - Every word that is put in, or taken out, is so about equally often under each label. `Large` stands in hypotheses that
///   follow (`big`), that are contradicted (`small`) and that do not follow (`young`).
///
/// What cannot be matched is left out: a more general word only ever follows, a more special one never does.
struct MatchedSelection {
  private typealias Feature = String

  private struct Option {
    /// In the list of members.
    var index: Int
    var features: [Feature]
  }

  /// The options of one unchanged text, by label.
  private struct Group {
    var options: [[Option]]
    /// One option of each label; nil if the text is left out.
    var chosen: [Int]?
  }

  private let shape: TaskShape
  private let members: [StressMember]
  private var groups: [Group] = []
  private var counts: [Feature: [Int]] = [:]

  /// - Parameter key: decides between options that are equally good.
  init(_ members: [StressMember], shape: TaskShape, key: RandomKey) {
    self.shape = shape
    self.members = members
    let labels = Set(members.flatMap(\.expected)).sorted()
    guard shape.roles.count > 1, labels.count > 1, labels.count == shape.choices.count,
      members.allSatisfy({ $0.expected.count == 1 })
    else { return }
    let kept = shape.field(shape.roles[0])
    let judged = shape.field(shape.roles[1])
    var byText: [String: [[Option]]] = [:]
    var seen: Set<[String]> = []
    for index in members.indices {
      let fields = members[index].changed.fields
      let text = fields[kept] ?? ""
      guard text == members[index].original.fields[kept], !members[index].isPreserved,
        seen.insert([text, fields[judged] ?? ""]).inserted,
        let label = labels.firstIndex(of: members[index].expected[0])
      else { continue }
      byText[text, default: Array(repeating: [], count: labels.count)][label].append(
        Option(index: index, features: Self.features(text, fields[judged] ?? "")))
    }
    groups = byText.filter { $0.value.allSatisfy { !$0.isEmpty } }
      .map { (rank: key.folded($0.key).order, text: $0.key, options: $0.value) }
      .sorted { ($0.rank, $0.text) < ($1.rank, $1.text) }
      .map { Group(options: $0.options) }
  }

  /// Words of the second text that are not in the first, and the other way round.
  private static func features(_ first: String, _ second: String) -> [Feature] {
    func counted(_ text: String) -> [String: Int] {
      WordText(text).lowercasedWords.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    let (before, after) = (counted(first), counted(second))
    return after.filter { $0.value > before[$0.key, default: 0] }.keys.map { "+" + $0 }.sorted()
      + before.filter { $0.value > after[$0.key, default: 0] }.keys.map { "-" + $0 }.sorted()
  }

  /// What is kept, in the order it came in.
  mutating func selected() -> [StressMember] {
    for group in groups.indices { 
      groups[group].chosen = best(group)
      add(group, 1)
    }
    // First the best choice for every text, then without those that do more harm than good.
    for allowance in [.infinity, .infinity, 2, 1, 0.5, 0.5] as [Double] {
      for group in groups.indices {
        if groups[group].chosen != nil { add(group, -1) }
        let without = imbalance(group: group)
        groups[group].chosen = best(group)
        add(group, 1)
        if imbalance(group: group) - without > allowance {
          add(group, -1)
          groups[group].chosen = nil
        }
      }
    }
    let kept = groups.flatMap { group in
      group.chosen.map { zip(group.options, $0).map { $0[$1].index } } ?? []
    }
    return kept.sorted().map { members[$0] }
  }

  /// How unequally a word is spread over the labels: the sum of squares about their mean.
  private static func spread(_ counts: [Int]) -> Double {
    let mean = Double(counts.reduce(0, +)) / Double(counts.count)
    return counts.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  }

  /// The spread of every word that an option of the group has.
  private func imbalance(group: Int) -> Double {
    Set(groups[group].options.joined().flatMap(\.features)).sorted()
      .reduce(0) { $0 + (counts[$1].map(Self.spread) ?? 0) }
  }

  private mutating func add(_ group: Int, _ amount: Int) {
    guard let chosen = groups[group].chosen else { return }
    for (label, option) in chosen.enumerated() {
      count(groups[group].options[label][option], label, amount)
    }
  }

  private mutating func count(_ option: Option, _ label: Int, _ amount: Int) {
    for feature in option.features {
      counts[feature, default: Array(repeating: 0, count: groups.first?.options.count ?? 0)][label] += amount
    }
  }

  /// Options that leave the words most evenly spread, found label by label, twice.
  private mutating func best(_ group: Int) -> [Int] {
    let options = groups[group].options
    var chosen = [Int](repeating: 0, count: options.count)
    for label in options.indices { count(options[label][0], label, 1) }
    for label in [options.indices, options.indices].joined() {
      count(options[label][chosen[label]], label, -1)
      var lowest = Double.infinity
      for (index, option) in options[label].enumerated() {
        let cost = option.features.reduce(0) { sum, feature in
          var with = counts[feature] ?? Array(repeating: 0, count: options.count)
          let without = Self.spread(with)
          with[label] += 1
          return sum + Self.spread(with) - without
        }
        if cost < lowest { (lowest, chosen[label]) = (cost, index) }
      }
      count(options[label][chosen[label]], label, 1)
    }
    for label in options.indices { count(options[label][chosen[label]], label, -1) }
    return chosen
  }
}
