import Corpus
import Foundation
import Support
import TestSupport
import Testing
import Tokenization

@testable import Training

/// Bits per byte are of the text, not of what a tokenizer left of it.
@Suite(.tags(.slow)) struct HeldOutByteTests {
  @Test(arguments: [VocabularyUnit.word, .bpe]) func bitsAreOverTheTextsBytes(_ unit: VocabularyUnit) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    let text = try String(contentsOfFile: laboratory.corpus, encoding: .utf8)
    var options = TokenizerTrainingOptions(vocabularySize: unit == .word ? 60 : 420, sentinelCount: 24)
    options.unit = unit
    let tokenizer = try Tokenizer.train(documents: [text], options: options)
    var plan = laboratory.plan("gpt")
    plan.model.vocabularySize = tokenizer.vocabulary.size
    plan.settings.steps = 1
    plan.heldOutFraction = 0.3
    plan.heldOutWindows = 10_000
    let result = try Pretraining.run(
      plan, tokenizer: tokenizer, directory: "\(folder.path)/run", cache: "\(folder.path)/cache",
      resuming: false, arguments: ["test"], stop: StopRequest()
    ) { _ in }
    var corpus = CorpusOptions()
    corpus.documentBoundary = plan.documentBoundary
    corpus.heldOutFraction = plan.heldOutFraction
    let heldOut = try PreparedCorpus.prepare(
      files: [laboratory.corpus], tokenizer: tokenizer, options: corpus, cacheDirectory: "\(folder.path)/cache"
    ).heldOut
    let report = try #require(result.heldOut.last)
    let bits = report.lossPerToken * Double(report.targetCount) / log(2)
    let bytes = bits / (try #require(report.bitsPerByte))
    // All windows but a rest at the end are measured.
    let expected = Double(heldOut.byteCount * report.targetCount) / Double(heldOut.tokenCount)
    #expect(abs(bytes / expected - 1) < 0.03, "\(bytes) of \(expected)")
  }
}
