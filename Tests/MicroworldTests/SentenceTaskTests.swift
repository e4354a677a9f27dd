import Randomness
import TestSupport
import Testing

@testable import Microworld

@Suite struct SentenceTaskTests {
  private let world: Microworld

  init() throws { world = try Microworld(MicroworldOptions(seed: 11)) }

  @Test(.tags(.slow), arguments: [Split.train, .test])
  func acceptabilityIsWhatAnIndependentReaderFinds(_ split: Split) {
    let recognizer = AcceptabilityRecognizer()
    for index in 0..<1000 {
      let example = world.acceptability(split, index)
      #expect(recognizer.accepts(example.sentence) == (example.label == "acceptable"), "\(example.sentence)")
    }
  }

  @Test func theReaderKnowsRightFromWrong() {
    let recognizer = AcceptabilityRecognizer()
    for right in [
      "The dogs chase a small cat.", "Today the poet must read an old novel.", "The fish sleep.",
      "I know that some tired surgeons wait in the kitchen.", "The teacher gave a dentist the rose.",
    ] { #expect(recognizer.accepts(right), "\(right)") }
    for wrong in [
      "The dogs chases a cat.", "The dog chase a cat.", "A old dog sleeps.", "An dog sleeps.",
      "A dogs sleep.", "The poet must reads a novel.", "The hammer reads the novel.", "The dog small sleeps.",
      "The poet drinks the hammer.", "The poet in kitchen sleeps.", "The teacher gave the rose a dentist.",
      "The poet drinks.", "The poet does not drinks the tea.",
    ] { #expect(!recognizer.accepts(wrong), "\(wrong)") }
  }

  @Test func everyViolationOccursAndLabelsAreBalanced() {
    let examples = (0..<800).map { world.acceptability(.train, $0) }
    #expect(examples.filter { $0.violation == nil }.count == 400)
    for violation in AcceptabilityExample.Violation.allCases {
      #expect(examples.filter { $0.violation == violation }.count > 20, "\(violation)")
    }
  }

  @Test(.tags(.slow), arguments: [Split.train, .test])
  func sentimentIsWhatTheWordsSay(_ split: Split) {
    var positive = 0
    for index in 0..<1000 {
      let example = world.sentiment(split, index)
      // The part after "but" decides; "not", "never" and "nobody" turn a part round.
      let deciding = example.sentence.split(separator: ",").last.map(String.init) ?? ""
      let words = deciding.lowercased().split { !$0.isLetter }.map(String.init)
      let isTurned = words.contains { ["not", "never", "nobody"].contains($0) }
      let polarities = Set(words.compactMap(polarity))
      #expect(polarities == [example.isPositive != isTurned], "\(example.sentence)")
      if example.isPositive { positive += 1 }
    }
    #expect(positive == 500)
  }

  private func polarity(_ word: String) -> Bool? {
    for table in [sentimentAdjectiveTable, sentimentVerbTable, sentimentNounTable] {
      for line in table.split(separator: "\n") {
        let cells = line.split(whereSeparator: { $0 == " " || $0 == "*" })
        if cells.dropLast().contains(Substring(word)) { return cells.last == "+" }
      }
    }
    return nil
  }
}
