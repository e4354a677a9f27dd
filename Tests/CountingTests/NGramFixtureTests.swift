import Foundation
import Support
import TestSupport
import Testing

@testable import Counting

/// `Tests/Fixtures/ngrams`: a small text, probabilities computed from the definitions in Python, and KenLM's.
struct NGramFixture: Decodable {
  struct Model: Decodable {
    var order: Int
    var cutOffs: [Int]
    var discounts: [[Double]]
    /// log10, by held-out sentence and word, its end the last.
    var scores: [[Double]]
  }

  var models: [Model]
  /// Of `model.arpa`.
  var kenlm: [[Double]]

  static let folder = RealData.package.appendingPathComponent("Tests/Fixtures/ngrams").path
  static let train = "\(folder)/train.txt"
  static let heldOut = "\(folder)/held-out.txt"
  static let arpa = "\(folder)/model.arpa"

  static func read() throws -> NGramFixture { try JSONFile.read(NGramFixture.self, from: "\(folder)/scores.json") }

  /// log10 of every held-out word by a model.
  static func scores(_ model: NGramModel) throws -> [[Double]] {
    var (scorer, result) = (NGramScorer(model), [[Double]]())
    try model.unit.forEachSentence(of: heldOut, model.vocabulary) { sentence in
      result.append(scorer.score(sentence).map { $0.logProbability / log(10) })
    }
    return result
  }
}

@Suite struct NGramFixtureTests {
  private func options(_ order: Int, _ cutOffs: [Int] = [0]) -> NGramTrainingOptions {
    var options = NGramTrainingOptions()
    options.order = order
    options.cutOffs = cutOffs.isEmpty ? [0] : cutOffs
    return options
  }

  private func expectEqual(_ found: [[Double]], _ expected: [[Double]], _ comment: Comment) {
    #expect(found.map(\.count) == expected.map(\.count), comment)
    for (found, expected) in zip(found.joined(), expected.joined()) {
      #expect(abs(found - expected) < 2e-6, comment)
    }
  }

  @Test func probabilitiesAreThoseOfTheDefinition() throws {
    for expected in try NGramFixture.read().models {
      let model = try NGramModel.train([NGramFixture.train], options(expected.order, expected.cutOffs))
      for (found, wanted) in zip(model.description.parts[0].parameters.joined(), expected.discounts.joined()) {
        #expect(abs(found - wanted) < 1e-12)
      }
      expectEqual(try NGramFixture.scores(model), expected.scores, "order \(expected.order), \(expected.cutOffs)")
    }
  }

  @Test func scoresOfAnotherToolsFileAreItsOwn() throws {
    let model = try NGramModel(opening: NGramFixture.arpa)
    expectEqual(try NGramFixture.scores(model), try NGramFixture.read().kenlm, "KenLM")
  }

  @Test func aFolderAndAnARPAFileAreReadBack() throws {
    let folder = try TestFolder()
    let model = try NGramModel.train([NGramFixture.train], options(4, [0, 0, 1]))
    try model.write(to: "\(folder.path)/model")
    let again = try NGramModel(opening: "\(folder.path)/model")
    #expect(again.description == model.description)
    #expect(try NGramFixture.scores(again) == NGramFixture.scores(model))
    try ARPAFile.write(model, to: "\(folder.path)/model.arpa")
    expectEqual(
      try NGramFixture.scores(try NGramModel(opening: "\(folder.path)/model.arpa")), try NGramFixture.scores(model),
      "ARPA")
  }

  /// What is predicted after any context adds up to 1, and a distribution has the probabilities of single words.
  @Test func distributionsAddUpToOne() throws {
    var mixtureOptions = options(3)
    mixtureOptions.smoothing = .mixture
    mixtureOptions.heldOut = [NGramFixture.heldOut]
    let kneserNey = try NGramModel.train([NGramFixture.train], options(4, [0, 0, 1]))
    let mixture = try NGramModel.train([NGramFixture.train], mixtureOptions)
    let both = try NGramModel.mixing([kneserNey, mixture], weights: [1, 3])
    for model in [kneserNey, mixture, both] {
      var (state, length) = (model.start, 0)
      for word in try model.unit.ids("w1 w9 w64 nobody w2", model.vocabulary) {
        let distribution = model.distribution(state)
        #expect(abs(distribution.reduce(0, +) - 1) < 1e-4)
        let logarithm = model.logProbability(of: word, &state, length: &length)
        #expect(abs(log(distribution[Int(word)]) - logarithm) < 1e-5)
      }
    }
  }

  /// The weights that expectation maximisation finds are better than those around them.
  @Test func weightsOfAMixtureAreTheBest() throws {
    var options = options(3)
    options.smoothing = .mixture
    options.heldOut = [NGramFixture.heldOut]
    let model = try NGramModel.train([NGramFixture.train], options)
    let trained = try NGramModel.train([NGramFixture.train], self.options(3))
    #expect(model.description.parts[0].parameters.joined().allSatisfy { $0 > 0 && $0 < 1 })
    let weights = try NGramModel.weights(ofMixing: [model, trained], heldOut: [NGramFixture.heldOut])
    func nats(_ weight: Double) throws -> Double {
      var scorer = NGramScorer(try NGramModel.mixing([model, trained], weights: [weight, 1 - weight]))
      return try scorer.scores(ofFile: NGramFixture.heldOut).nats
    }
    #expect(abs(weights[0] + weights[1] - 1) < 1e-9)
    let best = try nats(weights[0])
    for other in [weights[0] - 0.05, weights[0] + 0.05, 0, 1] where (0...1).contains(other) {
      #expect(try nats(other) >= best - 1e-6)
    }
  }
}
