import Foundation
import Randomness
import TestSupport
import Testing

@testable import Probing

/// Models of words against scikit-learn's, on texts of drawn words (`Tests/Fixtures/baselines/make_baselines.py`).
@Suite struct WordModelTests {
  private struct Fixture: Decodable {
    var texts: [String]
    var labels: [Int]
    var training: Int
    /// By class.
    var svm, nbSVM: [[Double]]
    /// By text.
    var naiveBayes: [[Double]]
  }

  private let fixture: Fixture
  private let rows: FeatureRows
  private let training, test: [Int]

  init() throws {
    let path = RealData.package.appendingPathComponent("Tests/Fixtures/baselines/words.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path))
    var rows = FeatureRows()
    for text in fixture.texts { rows.append(NGramFeatures(order: 2)([text])) }
    self.rows = rows
    training = Array(0..<fixture.training)
    test = Array(fixture.training..<fixture.texts.count)
  }

  private func expectEqual(_ values: [Double], _ expected: [Double], _ tolerance: Double) {
    #expect(values.count == expected.count)
    for (value, wanted) in zip(values, expected) { #expect(abs(value - wanted) < tolerance, "\(value), not \(wanted)") }
  }

  @Test func naiveBayes() {
    let bayes = NaiveBayes(rows, chosen: training, labels: fixture.labels, classCount: 3)
    for (text, expected) in zip(test, fixture.naiveBayes) {
      let scores = bayes.logarithms(rows[text])
      let total = log(scores.reduce(0) { $0 + exp($1) })
      expectEqual(scores.map { $0 - total }, expected, 1e-9)
    }
  }

  @Test(arguments: 0..<3) func supportVectorMachines(_ label: Int) {
    let positive = fixture.labels.map { $0 == label }
    let plain = SupportVectorMachine(
      rows, chosen: training, positive: positive, cost: 1, key: RandomKey(seed: 1), precision: 1e-8)
    expectEqual(test.map { plain.decision(rows[$0]) }, fixture.svm[label], 1e-5)
    let ratios = SupportVectorMachine(
      naiveBayes: rows, chosen: training, positive: positive, WordModelTexts.Options(), precision: 1e-8)
    expectEqual(test.map { ratios.decision(rows[$0]) }, fixture.nbSVM[label], 1e-5)
  }

  /// What is answered is the class of the greatest decision, by models that are less exact.
  @Test func answersAreTheGreatest() {
    let texts = WordModelTexts(fixture.texts.map { [$0] }, labels: fixture.labels, classCount: 3, order: 2)
    let exact = [(WordModel.svm, fixture.svm), (.nbSVM, fixture.nbSVM)]
    for (model, decisions) in exact {
      let answers = texts.answers(model, training: training, test: test)
      let expected = test.indices.map { text in (0..<3).max { decisions[$0][text] < decisions[$1][text] } }
      #expect(zip(answers, expected).count { $0 == $1 } >= test.count - 2)
    }
    let bayes = texts.answers(.naiveBayes, training: training, test: test)
    #expect(bayes == fixture.naiveBayes.map { scores in (0..<3).max { scores[$0] < scores[$1] } })
    // Of labels in turn, the first is as frequent as the others.
    #expect(Set(texts.answers(.majority, training: training, test: test)) == [0])
    for model in WordModel.allCases where model != .majority {
      let right = zip(test, texts.answers(model, training: training, test: test)).count { fixture.labels[$0] == $1 }
      #expect(right > test.count / 2, "\(model.rawValue): \(right) of \(test.count)")
    }
  }
}
