@testable import Microworld

/// Decides what follows from a premise by reading the English text and going through the states of the world
/// one by one. It shares the word tables with the generator and nothing else: no sets, no claims.
struct SceneEvaluator {
  /// A sentence as a condition on one aspect of the world.
  struct Statement {
    var aspect: String
    var values: [[String]]
    var holds: ([String]) -> Bool
  }

  struct Unreadable: Error, CustomStringConvertible {
    var description: String
  }

  private var nounParent: [String: String] = [:]
  private var placeParent: [String: String] = [:]
  private var activityParent: [String: String] = [:]
  private var synonym: [String: String] = [:]
  private var colourParent: [String: String] = [:]
  private var scaleOf: [String: (scale: String, low: Int, high: Int)] = [:]
  private var baseOfComparative: [String: String] = [:]
  private var attitudes: [String: ClosedRange<Int>] = [:]
  private var transfers: [String: (types: [Int], takes: Bool)] = [:]

  init() {
    func rows(_ table: String) -> [[String]] {
      table.split(separator: "\n").map { line in
        line.split(separator: " ").map { cell in
          String(cell.first == "*" ? cell.dropFirst() : cell)
        }
      }
    }
    for row in rows(nounTable) { nounParent[row[0]] = row[2] }
    for row in rows(placeTable) { placeParent[row[0]] = row[2] }
    for row in rows(colourTable) { colourParent[row[0]] = row[1] }
    for row in rows(activityTable) {
      if row[1].hasPrefix("=") {
        synonym[row[0]] = String(row[1].dropFirst())
      } else {
        activityParent[row[0]] = row[1]
      }
    }
    for row in rows(adjectiveTable) {
      let ends = row[3].split(separator: "-").compactMap { Int($0) }
      scaleOf[row[0]] = (row[2], ends[0], ends[1])
      if row[1] != "-" { baseOfComparative[row[1]] = row[0] }
    }
    for row in rows(attitudeTable) {
      let ends = row[2].split(separator: "-").compactMap { Int($0) }
      attitudes[row[0]] = ends[0]...ends[1]
      attitudes[row[1]] = ends[0]...ends[1]
    }
    for row in rows(transferTable) {
      let meaning = (types: Int(row[2]).map { [$0] } ?? [0, 1, 2], takes: row[3] == "takes")
      transfers[row[0]] = meaning
      transfers[row[1]] = meaning
    }
  }

  /// What follows from the premise's sentences for the hypothesis. Aspects are independent, so only the
  /// hypothesis's own matters; the premise must be possible.
  func inference(premise: String, hypothesis: String) throws -> Inference {
    let target = try read(hypothesis)
    let given = try premise.split(separator: ".").map { try read(String($0)) }
    for statement in given where !statement.values.contains(where: statement.holds) {
      throw Unreadable(description: "impossible premise: \(premise)")
    }
    let states = target.values.filter { state in
      given.allSatisfy { $0.aspect != target.aspect || $0.holds(state) }
    }
    let holding = states.filter(target.holds).count
    return holding == states.count ? .entailment : holding == 0 ? .contradiction : .neutral
  }

  /// Reads a sentence; a marker in front ("Well, …") is passed over.
  func read(_ text: String) throws -> Statement {
    var body = text.split(separator: ",").last.map(String.init) ?? text
    body.removeAll { $0 == "." }
    var words = body.split(separator: " ").map(String.init)
    func entity() throws -> String {
      guard let first = words.first else { throw Unreadable(description: text) }
      words.removeFirst()
      guard first.lowercased() == "the" else { return first }
      return "the " + words.removeFirst()
    }
    let subject = try entity()
    let verb = words.removeFirst()
    let isNegated = words.first == "not"
    if isNegated { words.removeFirst() }
    let plain: Statement
    switch verb {
    case "is": plain = try predication(subject, words, text)
    case "does": plain = try relation(subject, words.removeFirst(), words, text)
    case "did": plain = try transfer(subject, words.removeFirst(), words, text)
    default:
      plain =
        attitudes[verb] != nil
        ? try relation(subject, verb, words, text) : try transfer(subject, verb, words, text)
    }
    guard isNegated else { return plain }
    return Statement(aspect: plain.aspect, values: plain.values) { !plain.holds($0) }
  }

  private func isBelow(_ word: String, _ ancestor: String, _ parents: [String: String]) -> Bool {
    var node: String? = word
    while let current = node, current != "-" {
      if current == ancestor { return true }
      node = parents[current]
    }
    return false
  }

  private func hierarchy(_ aspect: String, _ word: String, _ parents: [String: String]) -> Statement {
    Statement(aspect: aspect, values: parents.keys.map { [$0] } + [["something else"]]) {
      isBelow($0[0], word, parents)
    }
  }

  private func predication(_ subject: String, _ words: [String], _ text: String) throws -> Statement {
    if let than = words.firstIndex(of: "than"), let adjective = baseOfComparative[words[0]],
      let (scale, _, high) = scaleOf[adjective]
    {
      let object = words[(than + 1)...].joined(separator: " ")
      // The sign of subject minus object, seen from the name that comes first in the alphabet.
      let sign = (high == 4) == (subject < object) ? "more" : "less"
      return Statement(
        aspect: "comparison \(min(subject, object)) \(max(subject, object)) \(scale)",
        values: [["more"], ["equal"], ["less"]]
      ) { $0[0] == sign }
    }
    if ["a", "an"].contains(words[0]), words.count == 2, nounParent[words[1]] != nil {
      return hierarchy("kind \(subject)", words[1], nounParent)
    }
    if words.count == 3, words[1] == "the", placeParent[words[2]] != nil {
      return hierarchy("place \(subject)", words[2], placeParent)
    }
    guard words.count == 1 else { throw Unreadable(description: text) }
    let word = synonym[words[0]] ?? words[0]
    if activityParent[word] != nil { return hierarchy("activity \(subject)", word, activityParent) }
    if colourParent[word] != nil { return hierarchy("colour \(subject)", word, colourParent) }
    guard let (scale, low, high) = scaleOf[word] else { throw Unreadable(description: text) }
    return Statement(aspect: "quality \(subject) \(scale)", values: (0...4).map { [String($0)] }) {
      (low...high).contains(Int($0[0]) ?? -1)
    }
  }

  private func relation(
    _ subject: String, _ verb: String, _ words: [String], _ text: String
  ) throws -> Statement {
    guard let interval = attitudes[verb], words.count == 1 else { throw Unreadable(description: text) }
    return Statement(aspect: "attitude \(subject) \(words[0])", values: (0...4).map { [String($0)] }) {
      interval.contains(Int($0[0]) ?? -1)
    }
  }

  private func transfer(
    _ subject: String, _ verb: String, _ words: [String], _ text: String
  ) throws -> Statement {
    guard let meaning = transfers[verb], words.count >= 3 else { throw Unreadable(description: text) }
    // "a drill to Jonas" or "Jonas a drill".
    let isObjectFirst = ["a", "an"].contains(words[0])
    let partner = isObjectFirst ? words[3] : words[0]
    let thing = isObjectFirst ? words[1] : words[2]
    let giver = meaning.takes ? partner : subject
    let receiver = meaning.takes ? subject : partner
    var values: [[String]] = []
    for type in ["0", "1", "2"] {
      for (from, to) in [(giver, receiver), (receiver, giver)] {
        for noun in nounParent.keys { values.append([type, from, to, noun]) }
      }
    }
    return Statement(
      aspect: "transfer \(min(giver, receiver)) \(max(giver, receiver))", values: values
    ) {
      meaning.types.contains(Int($0[0]) ?? -1) && $0[1] == giver && $0[2] == receiver
        && isBelow($0[3], thing, nounParent)
    }
  }
}
