import Foundation
import TestSupport
import Testing

@testable import Tokenization

@Suite struct ReferenceTests {
  @Test(.tags(.slow)) func encodesLikeHuggingFace() throws {
    let tokenizer = try Fixture.tokenizer()
    for example in try Fixture.load().cases {
      #expect(tokenizer.encode(example.text) == example.none, "\(example.text.debugDescription)")
      #expect(tokenizer.decode(example.none, skippingSpecialTokens: true) == Array(example.text.utf8))
    }
  }

  @Test(arguments: [Normalization.nfc, .nfkc])
  func normalizesLikeHuggingFace(_ normalization: Normalization) throws {
    let type = try #require(normalization.jsonTypes.first)
    let tokenizer = try Tokenizer.parse(
      altered(Fixture.tokenizer(), "\"normalizer\": null", "\"normalizer\": {\"type\": \"\(type)\"}"))
    #expect(tokenizer.normalizationName == normalization.rawValue)
    for example in try Fixture.load().cases {
      let expected = normalization == .nfc ? example.nfc : example.nfkc
      #expect(tokenizer.encode(example.text) == expected, "\(example.text.debugDescription)")
    }
  }

  @Test func learnsTheMergesOfHuggingFace() throws {
    let tokenizer = try Tokenizer.train(
      documents: Fixture.trainingDocuments(), options: Fixture.trainingOptions)
    let learned = tokenizer.merges.map { [tokenizer.token($0.left), tokenizer.token($0.right)] }
    #expect(try learned == Fixture.load().merges)
  }

  @Test func trainingGivesTheCommittedFile() throws {
    let tokenizer = try Tokenizer.train(
      documents: Fixture.trainingDocuments(), options: Fixture.trainingOptions)
    let committed = try Data(contentsOf: URL(fileURLWithPath: Fixture.folder + "/tokenizer.json"))
    #expect(tokenizer.jsonData() == Array(committed))
  }

  /// The table against the categories of the standard library, for all characters that both know.
  @Test func classifiesCharactersByCategory() {
    let table = CharacterClasses.shared.table
    for point: UInt32 in 0..<0x110000 {
      guard let properties = Unicode.Scalar(point)?.properties,
        let age = properties.age, (age.major, age.minor) <= (16, 0)
      else {
        #expect(table[Int(point)] == CharacterClasses.other)
        continue
      }
      let kind =
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
          CharacterClasses.letter
        case .decimalNumber, .letterNumber, .otherNumber: CharacterClasses.number
        default: properties.isWhitespace ? CharacterClasses.space : CharacterClasses.other
        }
      if table[Int(point)] != kind {
        Issue.record("U+\(String(point, radix: 16)) is \(table[Int(point)]), not \(kind)")
      }
    }
  }
}
