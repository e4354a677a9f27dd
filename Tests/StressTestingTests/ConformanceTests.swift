import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import StressTesting

/// What is true of every transform of the table.
@Suite struct ConformanceTests {
  static let texts = [
    "They are not in Paris.", "A dog is asleep.", "The dogs aren't here, are they?",
    "Five men saw Tom in Paris.", "", " ", ".",
    "é 世界 \u{1F600}",
    "No dog is here.", "A man is holding a ball.", "it 's not good , but it is n't bad .", "The dog is big",
    "a\u{301}a\u{301}", "II", "99999999999999999999 dogs run.", "the the the the", "A man is eating.",
    "\"'’-", "A big red car is in the kitchen.", "A man from Italy drinks coffee.",
    "The second Italian boy plays a piano.", "Children eat carrots.", "A probe lands on Mars.",
    "A wooden bench is near a couch.", "The second man wins.",
  ]

  static let shapes: [(TaskShape.Kind, @Sendable () throws -> StressedTask)] = [
    (.inference, { try .inference() }),
    (.inference, { try .inference(choices: ["entailment", "not_entailment"]) }),
    (.paraphrase, { try .paraphrase() }), (.sentence, { try .sentence() }),
    (.pair, { try StressedTask(fields: ["title", "body"], choices: ["x", "y", "z"]) }),
  ]

  @Test(.tags(.slow), arguments: StressTransforms.registry.names) func transform(_ name: String) throws {
    let transform = try StressTransforms.registry(name)
    #expect(!transform.fits.isEmpty)
    let resources = StressResources(wordNet: try WordNetTests.tiny.get())
    for (kind, make) in Self.shapes where transform.fits.contains(kind) {
      let shape = try TaskShape(make().task)
      var applied = 0
      for first in Self.texts {
        for second in kind == .sentence ? [""] : [first] + Self.texts.prefix(4) {
          for label in shape.choices {
            var texts = [shape.roles[0]: first]
            if kind != .sentence { texts[shape.roles[1]] = second }
            let input = StressInput(shape: shape, texts: texts, label: label)
            let key = RandomKey(seed: 3).folded(first)
            let result = try transform(input, resources, at: key)
            let again = try transform(input, resources, at: key)
            #expect(result == again, "the same key, the same outcome")
            switch result {
            case .notApplicable(let reason):
              #expect(!reason.isEmpty && reason.count < 80 && reason.last != ".", "\(reason)")
            case .changed(let changed, let expectation):
              applied += 1
              #expect(!changed.isEmpty)
              #expect(Set(changed.keys).isSubset(of: shape.roles))
              if kind != .sentence, name != "swap-pair" {
                #expect(
                  changed.contains { $0.value != texts[$0.key] },
                  "\(name) says it changed \(first) | \(second)")
              }
              switch expectation {
              case .labelPreserved: break
              case .labelBecomes(let label): #expect(shape.choices.contains(label))
              case .labelIn(let labels):
                #expect(labels.count > 1 && labels.count < shape.choices.count)
                #expect(Set(labels).isSubset(of: shape.choices))
              }
            }
          }
        }
      }
      let expected = !(name == "swap-pair" && shape.labels?.isThreeWay == false)
      #expect(applied > 0 || !expected, "\(name) applies to nothing of \(kind)")
    }
  }

  @Test func everyTransformOfTheSixIsInTheTable() throws {
    for name in StressTransforms.naik { _ = try StressTransforms.registry(name) }
    #expect(throws: GraftError.self) { try StressTransforms.registry("negatoin") }
    do {
      _ = try StressTransforms.registry("negatoin")
    } catch {
      #expect(error.hint?.contains("did you mean 'negation'?") == true)
    }
  }
}
