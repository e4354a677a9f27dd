import Randomness
import TestSupport
import Testing

@testable import Microworld

@Suite struct CorpusTests {
  @Test(.tags(.slow)) func storiesAreTrueOfTheirWorlds() throws {
    let evaluator = SceneEvaluator()
    let text = ClaimText()
    for seed in 0..<60 {
      let story = Story(key: RandomKey(seed: UInt64(seed)))
      #expect(!story.assertions.isEmpty)
      for assertion in story.assertions {
        guard let source = assertion.source else {
          #expect(assertion.claim.isTrue(of: story.world.value(of: assertion.claim.slot)))
          continue
        }
        // What is said to follow does, by the reader that goes through the states one by one.
        let found = try evaluator.inference(
          premise: makeSentence(text.clause(source)), hypothesis: makeSentence(text.clause(assertion.claim)))
        #expect(found == assertion.relation, "\(text.clause(source)) / \(text.clause(assertion.claim))")
      }
    }
  }

  @Test(.tags(.slow)) func theCorpusSaysEveryHeldOutWord() throws {
    let world = try Microworld(MicroworldOptions(seed: 5, corpusBytes: 500_000))
    let words = Set(world.corpus().lowercased().split { !$0.isLetter && $0 != "-" }.map(String.init))
    let missing = Microworld.heldOutWords.filter { !words.contains($0) }
    #expect(missing.count * 50 <= Microworld.heldOutWords.count, "\(missing.sorted())")
  }

  @Test(.tags(.slow)) func reviewsKeepOneOpinion() {
    for index in 0..<200 {
      let text = Document(key: RandomKey(seed: 9), index: index).text
      guard let range = text.range(of: "This is a ") else { continue }
      let isPositive = text[range.upperBound...].hasPrefix("positive")
      let last = text[..<range.lowerBound]
      for word in Lexicon.shared.sentimentNouns where last.contains(" a \(word.word).") {
        let clause = last.split(separator: ".").first { $0.hasSuffix(word.word) } ?? ""
        let isDenied = clause.contains(" not ") || clause.contains(" never ")
        #expect(word.isPositive == (isPositive != isDenied), "\(text)")
      }
    }
  }
}
