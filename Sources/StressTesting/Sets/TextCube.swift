import Randomness
import Records
import Support
import TaskRegistry

/// Texts that differ by exchanged words, such that each has one neighbour for every label, in both directions: a cube,
/// if there are three labels. Every text is the premise of one pair of each label and the hypothesis of one pair of
/// each, so that whoever sees one text alone is right about a third of the pairs, whatever was learned from whatever
/// pairs.
///
/// Worked example, with `child` for `kid`, `large` for `small` and `old` for `new`, each along one edge:
///
/// ```
/// a kid, a small car, a new hat    entails       a child, a small car, a new hat   and the other way round
/// a kid, a small car, a new hat    contradicts   a kid, a large car, a new hat
/// a kid, a small car, a new hat    is neutral to a kid, a small car, a wet hat
/// a child, a small car, a new hat  contradicts   a child, a large car, a new hat   …
/// ```
///
/// Only relations that hold both ways make cubes: a more general word follows from a special one and never the other
/// way round, so that what is general is a hypothesis of entailments more often than of others, however it is chosen.
struct TextCube {
  struct Edge {
    var premise: String
    var hypothesis: String
    var relation: InferenceLabels.Relation
    var transform: String
  }

  var edges: [Edge] = []
}

/// Looks for cubes around texts.
struct CubeFinder {
  /// What one changed word makes of a text, and by which transform.
  typealias Neighbours = [InferenceLabels.Relation: [String: String]]

  /// How often another corner is tried.
  static let tries = 30

  private let transforms: [(name: String, transform: any StressTransform)]
  private let resources: StressResources
  /// One for each label of the task.
  private let relations: [InferenceLabels.Relation]
  private var known: [String: Neighbours] = [:]

  init(
    _ transforms: [(name: String, transform: any StressTransform)], resources: StressResources,
    labels: InferenceLabels
  ) {
    self.transforms = transforms
    self.resources = resources
    relations = labels.isThreeWay ? [.entailment, .contradiction, .neutral] : [.entailment, .contradiction]
  }

  private mutating func neighbours(_ text: String) throws(GraftError) -> Neighbours {
    if let found = known[text] { return found }
    var found: Neighbours = [:]
    for (name, transform) in transforms {
      for (relation, texts) in try transform.exchanges(of: text, resources) {
        for other in texts where found[relation]?[other] == nil { found[relation, default: [:]][other] = name }
      }
    }
    known[text] = found
    return found
  }

  /// Texts that are in one relation to another, both ways, and in no other to it.
  private mutating func partners(
    _ text: String, _ relation: InferenceLabels.Relation, among candidates: [String]? = nil
  ) throws(GraftError) -> [String] {
    let own = try neighbours(text)
    var result: [String] = []
    for other in (candidates ?? own[relation].map { $0.keys.sorted() } ?? []) {
      guard own[relation]?[other] != nil, relations.allSatisfy({ $0 == relation || own[$0]?[other] == nil }),
        try neighbours(other)[relation]?[text] != nil
      else { continue }
      result.append(other)
    }
    return result
  }

  /// A cube one of whose corners is a text; nil if none was found.
  mutating func cube(at text: String, key: RandomKey) throws(GraftError) -> TextCube? {
    known = [:]
    let own = try neighbours(text)
    guard relations.allSatisfy({ own[$0]?.isEmpty == false }) else { return nil }
    var generator = key.generator()
    for _ in 0..<Self.tries {
      // Corner 5 has bits 0 and 2: it is what the first and the third relation make of the text.
      var corners = [text]
      for corner in 1..<(1 << relations.count) {
        var candidates: [String]?
        for (bit, relation) in relations.enumerated() where corner & (1 << bit) != 0 {
          if candidates == nil {
            // One is looked into before its way back is.
            let all = try neighbours(corners[corner ^ (1 << bit)])[relation].map { $0.keys.sorted() } ?? []
            candidates = corner == 1 << bit && !all.isEmpty ? [all[generator.below(all.count)]] : all
          }
          candidates = try partners(corners[corner ^ (1 << bit)], relation, among: candidates)
        }
        let free = (candidates ?? []).filter { !corners.contains($0) }
        guard !free.isEmpty else { break }
        corners.append(free[generator.below(free.count)])
      }
      if corners.count == 1 << relations.count { return try cube(corners) }
    }
    return nil
  }

  private mutating func cube(_ corners: [String]) throws(GraftError) -> TextCube {
    var cube = TextCube()
    for (corner, text) in corners.enumerated() {
      for (bit, relation) in relations.enumerated() {
        let other = corners[corner ^ (1 << bit)]
        cube.edges.append(
          TextCube.Edge(
            premise: text, hypothesis: other, relation: relation,
            transform: try neighbours(text)[relation]?[other] ?? ""))
      }
    }
    return cube
  }
}

extension StressSetMaker {
  /// A set of cubes around the premises of examples, each premise once.
  func cubes(_ names: [String], from examples: [Example], name: String) throws(GraftError) -> StressSet {
    var set = StressSet(name: name, members: [], offered: examples.count, notApplicable: [:])
    var transforms: [(name: String, transform: any StressTransform)] = []
    for name in names { transforms.append((name, try transform(named: name))) }
    guard let labels = shape.labels else { return set }
    var finder = CubeFinder(transforms, resources: resources, labels: labels)
    var seen: Set<ByteString> = []
    for example in examples {
      try check(example)
      let premise = StressInput(example, shape: shape)[.premise]
      guard seen.insert(ByteString(premise)).inserted else {
        set.notApplicable["the premise was offered before", default: 0] += 1
        continue
      }
      guard let cube = try finder.cube(at: premise, key: key.folded("cube").folded(premise)) else {
        set.notApplicable["no words to exchange for every label", default: 0] += 1
        continue
      }
      for (index, edge) in cube.edges.enumerated() {
        let category = try transform(named: edge.transform).category
        set.members.append(
          try member(
            example, [.premise: edge.premise, .hypothesis: edge.hypothesis],
            .labelBecomes(labels[edge.relation]), edge.transform, category: category,
            suffix: "\(name).\(index + 1)"))
      }
    }
    set.design = "every text is the premise, and the hypothesis, of as many pairs of each label"
    return set
  }
}
