import Randomness
import Records
import Support
import Testing

@testable import Objectives

/// The objectives of table 3 of Raffel et al. (2020), on its sentence, with its noise.
@Suite struct ObjectiveTableTests {
  private static let words = "Thank you for inviting me to your party last week .".split(separator: " ").map(
    String.init)
  private static let tokens = words.indices.map { TokenID(10 + $0) }
  private static let sentinels: [TokenID] = [99, 98, 97]

  private func text(_ ids: [TokenID]) -> String {
    let names = ["<X>", "<Y>", "<Z>"]
    return ids.map { id in
      Self.sentinels.firstIndex(of: id).map { names[$0] } ?? (id == 50 ? "apple" : Self.words[Int(id) - 10])
    }.joined(separator: " ")
  }

  private func mask(_ noise: [String]) -> [Bool] { Self.words.map { noise.contains($0) } }

  private static let single = ["for", "inviting", "last"]

  @Test func bertStyle() {
    var inputs = Corruption.replacing(Self.tokens, mask(Self.single), by: 99)
    inputs[8] = 50
    #expect(text(inputs) == "Thank you <X> <X> me to your party apple week .")
  }

  @Test func massStyle() {
    let inputs = Corruption.replacing(Self.tokens, mask(Self.single), by: 99)
    #expect(text(inputs) == "Thank you <X> <X> me to your party <X> week .")
  }

  @Test func replaceSpans() {
    let mask = mask(Self.single)
    #expect(
      text(Corruption.replacingRuns(Self.tokens, mask, Self.sentinels))
        == "Thank you <X> me to your party <Y> week .")
    #expect(text(Corruption.runs(Self.tokens, mask, Self.sentinels)) == "<X> for inviting <Y> last <Z>")
  }

  @Test func dropTokens() {
    let mask = mask(Self.single)
    #expect(
      text(Corruption.keeping(noise: false, of: Self.tokens, mask)) == "Thank you me to your party week .")
    #expect(text(Corruption.keeping(noise: true, of: Self.tokens, mask)) == "for inviting last")
  }

  @Test func randomSpans() {
    let mask = mask(["for", "inviting", "me", "your", "party", "last"])
    // "party" and "last" are neighbours: the table's second span ends where the third would begin.
    #expect(
      text(Corruption.replacingRuns(Self.tokens, mask, Self.sentinels)) == "Thank you <X> to <Y> week .")
    #expect(
      text(Corruption.runs(Self.tokens, mask, Self.sentinels))
        == "<X> for inviting me <Y> your party last <Z>")
  }

  /// The whole objectives: what stands where follows from the example itself.
  private static let vocabulary = Vocabulary(size: 400, sentinels: (0..<100).map { TokenID(399 - $0) })

  private func examples(_ name: String, _ parameters: [String: Double] = [:], length: Int = 60) throws
    -> [(tokens: [TokenID], example: TokenExample)]
  {
    let objective = try Objectives.make(name, parameters, vocabulary: Self.vocabulary)
    return try (0..<100).map { index in
      let tokens = (0..<length).map { TokenID(10 + ($0 * 3 + index) % 200) }
      return (tokens, try #require(objective.example(from: tokens, key: RandomKey(seed: 5).folded(index))))
    }
  }

  @Test func prefixLanguageModelingCutsAnywhere() throws {
    var cuts: Set<Int> = []
    for (tokens, example) in try examples("prefix-lm", length: 6) {
      #expect(example.inputs.last == 1 && example.targets.last == 1)
      #expect(example.inputs.dropLast() + example.targets.dropLast() == tokens)
      cuts.insert(example.inputs.count - 1)
    }
    #expect(cuts == [1, 2, 3, 4, 5])
  }

  @Test func deshufflingKeepsTheTokens() throws {
    for (tokens, example) in try examples("deshuffling") {
      #expect(example.targets == tokens + [1])
      #expect(example.inputs != example.targets)
      #expect(example.inputs.dropLast().sorted() == tokens.sorted())
    }
  }

  @Test(arguments: ["bert-style", "mass-style"]) func wholeTextsArePredicted(_ name: String) throws {
    var (masked, random, total) = (0, 0, 0)
    for (tokens, example) in try examples(name) {
      #expect(example.targets == tokens + [1])
      #expect(example.inputs.count == tokens.count + 1)
      for (input, token) in zip(example.inputs, tokens) {
        total += 1
        if input == 399 { masked += 1 } else if input != token { random += 1 }
      }
    }
    // 15 % of 6000 tokens, within four standard deviations; one in ten of them random in BERT's style.
    #expect(abs(masked + random - 900) < 111)
    #expect(name == "bert-style" ? (45...140).contains(random) : random == 0)
  }

  @Test func droppedAndKeptTokensMakeUpTheText() throws {
    for (tokens, example) in try examples("drop-tokens") {
      #expect((example.inputs + example.targets).filter { $0 != 1 }.sorted() == tokens.sorted())
      #expect(example.inputs.count >= 2 && example.targets.count >= 2)
    }
  }

  @Test func replacedSpansCanBePutBack() throws {
    for (tokens, example) in try examples("replace-spans", ["noise-density": 0.5]) {
      var runs: [TokenID: [TokenID]] = [:]
      var current: TokenID?
      for target in example.targets.dropLast() {
        if target >= 300 {
          current = target
        } else if let current {
          runs[current, default: []].append(target)
        }
      }
      #expect(example.inputs.dropLast().flatMap { $0 >= 300 ? runs[$0] ?? [] : [$0] } == tokens)
    }
  }

  /// Noise beyond the last sentinel is left as it is.
  @Test func fewSentinelsMakeFewRuns() throws {
    let few = Vocabulary(size: 400, sentinels: [399, 398])
    let objective = try Objectives.make("replace-spans", ["noise-density": 0.5], vocabulary: few)
    let example = try #require(
      objective.example(from: (10..<60).map { TokenID($0) }, key: RandomKey(seed: 2)))
    #expect(example.inputs.filter { $0 >= 398 }.count == 2)
  }
}
