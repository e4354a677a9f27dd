import Dispatch
import Foundation
import Support
import Synchronization
import Testing

@testable import Tokenization

@Suite struct TokenizerTests {
  private static func randomBytes(_ count: Int, _ generator: inout SystemRandomNumberGenerator) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  @Test func decodingUndoesEncodingOfAnyBytes() throws {
    let tokenizer = try Fixture.tokenizer()
    var generator = SystemRandomNumberGenerator()
    var samples = (0..<200).map { Self.randomBytes($0, &generator) }
    // Mostly text with some bytes broken.
    let text = Array(try Fixture.trainingDocuments().joined(separator: "\n").utf8)
    for _ in 0..<20 {
      var broken = text
      for _ in 0..<50 { broken[Int.random(in: 0..<broken.count)] = UInt8.random(in: 0...255) }
      samples.append(broken)
    }
    samples.append(Array(0...255))
    for sample in samples {
      let ids = sample.withUnsafeBytes { tokenizer.encode($0) }
      #expect(ids.allSatisfy { !tokenizer.isSpecial($0) })
      #expect(tokenizer.decode(ids, skippingSpecialTokens: false) == sample)
      #expect(ids.reduce(0) { $0 + tokenizer.byteCount($1) } == sample.count)
    }
  }

  /// "aaab" with merges `a a`, `aa a`, `a b`: the lowest rank first, the leftmost of equals, not the longest.
  @Test func mergesByRankThenFromTheLeft() throws {
    var options = TokenizerTrainingOptions(vocabularySize: 262, sentinelCount: 0)
    options.minimumCount = 1
    let tokenizer = try Tokenizer.train(documents: ["aaaa"], options: options)
    // (a a) three times: id 259. Then (aa aa) once: id 260.
    #expect(tokenizer.vocabulary.size == 261)
    #expect(tokenizer.encode("aaaaa") == [260, tokenizer.encode("a")[0]])
    #expect(tokenizer.encode("aaa") == [259, tokenizer.encode("a")[0]])
  }

  @Test func longWordsMergeLikeShortOnes() throws {
    let tokenizer = try Fixture.tokenizer()
    let model = try #require(tokenizer.pipeline.model as? MergeModel)
    var merger = WordMerger()
    // The same word through the scan (in halves that no merge crosses) and through the heap.
    let word = Array("nobodysaidthatchildrencountedstones".utf8)
    for count in 1...40 {
      let long = Array(repeatElement(word, count: count).joined())
      var ids: [Int32] = []
      long.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        merger.append(base, long.count, model: model, to: &ids)
      }
      #expect(ids == naiveMerge(long, model))
    }
  }

  /// Merges the leftmost pair of lowest rank until there is none.
  private func naiveMerge(_ word: [UInt8], _ model: MergeModel) -> [Int32] {
    var ranks: [UInt64: (Int, Int32)] = [:]
    for (rank, merge) in model.merges.enumerated() {
      ranks[pairKey(merge.left, merge.right)] = (rank, merge.result)
    }
    var ids = word.map { model.byteIDs[Int($0)] }
    while true {
      var best: (rank: Int, position: Int, id: Int32)?
      for position in 0..<max(0, ids.count - 1) {
        if let (rank, id) = ranks[pairKey(ids[position], ids[position + 1])], rank < best?.rank ?? .max {
          best = (rank, position, id)
        }
      }
      guard let best else { return ids }
      ids.replaceSubrange(best.position...(best.position + 1), with: [best.id])
    }
  }

  @Test func specialTokensAreNeverReadFromText() throws {
    let tokenizer = try Fixture.tokenizer()
    let ids = tokenizer.encode("a</s><pad><extra_id_0>")
    #expect(!ids.contains { tokenizer.isSpecial($0) })
    #expect(tokenizer.decodeText(ids) == "a</s><pad><extra_id_0>")
  }

  @Test func layoutOfTheVocabulary() throws {
    let tokenizer = try Fixture.tokenizer()
    let vocabulary = tokenizer.vocabulary
    #expect(vocabulary.size == 700)
    #expect([vocabulary.padding, vocabulary.endOfSequence, vocabulary.unknown] == [0, 1, 2])
    #expect(vocabulary.sentinels == (0..<10).map { 699 - $0 })
    #expect(tokenizer.token(699) == "<extra_id_0>")
    #expect(tokenizer.token(690) == "<extra_id_9>")
    #expect(tokenizer.token(3) == "!")
    #expect(tokenizer.decode([3, 1, 699], skippingSpecialTokens: false) == Array("!</s><extra_id_0>".utf8))
    #expect(tokenizer.decodeText([0, 3, 1, 699, 5000, -1]) == "!")
    #expect(tokenizer.specialToken(named: "<extra_id_3>") == 696)
  }

  @Test func theCacheNeverChangesTheAnswer() throws {
    let tokenizer = try Fixture.tokenizer()
    let encoder = tokenizer.makeEncoder()
    for document in try Fixture.trainingDocuments() {
      let fresh = tokenizer.makeEncoder().encode(document)
      #expect(encoder.encode(document) == fresh)
      #expect(encoder.encode(document) == fresh)
    }
  }

  @Test func encodesFromSeveralThreads() throws {
    let tokenizer = try Fixture.tokenizer()
    let documents = try Fixture.trainingDocuments()
    let expected = documents.map { tokenizer.makeEncoder().encode($0) }
    let mismatches = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for (document, ids) in zip(documents, expected) where tokenizer.encode(document) != ids {
        mismatches.withLock { $0 += 1 }
      }
    }
    #expect(mismatches.withLock { $0 } == 0)
  }

  @Test func normalizationKeepsBytesThatAreNotText() {
    let bytes: [UInt8] = [0x65, 0xCC, 0x81, 0xFF, 0x65, 0xCC, 0x81, 0xC3]
    let normalized = bytes.withUnsafeBytes { NormalForm.nfc.normalized($0) }
    #expect(normalized == [0xC3, 0xA9, 0xFF, 0xC3, 0xA9, 0xC3])
    #expect(Array("plain".utf8).withUnsafeBytes { NormalForm.nfkc.normalized($0) } == nil)
  }

  @Test func missingSentinelsAreNamed() throws {
    let tokenizer = try Fixture.tokenizer()
    try tokenizer.requireSentinels(10, for: "span corruption")
    let error = #expect(throws: GraftError.self) {
      try tokenizer.requireSentinels(27, for: "span corruption")
    }
    #expect(error?.message.contains("needs 27 sentinel tokens") == true)
    #expect(error?.message.contains("only 10") == true)
    #expect(error?.hint?.contains("--sentinels 27") == true)
  }
}
