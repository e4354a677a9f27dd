import Foundation
import Scoring
import Testing

@testable import Probing

@Suite struct CueWordsTests {
  @Test func words() {
    #expect(
      ProbeWords.words("The dog's \"Don\u{2019}t\", it 's 3.5 \u{2013} co-op.")
        == ["the", "dog's", "don't", "it", "s", "3", "5", "co", "op"])
    #expect(ProbeWords.words("''A'' dogs' É\u{301}") == ["a", "dogs", "é\u{301}"])
    #expect(ProbeWords.words(" .,' \n") == [])
  }

  /// The worked example of `pointwiseMutualInformation`: counts [3 0; 1 2], one added to each.
  @Test func information() {
    let counts = CueCounts(
      texts: [["a"], ["a", "a"], ["a", "b"], ["b"], ["b", "b"]], labels: [0, 0, 0, 1, 1], classCount: 2)
    #expect(counts.words == ["a", "b"])
    #expect(counts.counts == [3, 0, 1, 2])
    #expect(counts.classTotals == [3, 2])
    let found = counts.pointwiseMutualInformation(smoothing: 1)
    // p(a) = .5, p(b) = .5, p(first class) = .6, p(second) = .4.
    for (value, expected) in zip(found, [0.4 / 0.3, 0.1 / 0.2, 0.2 / 0.3, 0.3 / 0.2]) {
      #expect(abs(value - log(expected)) < 1e-12)
    }
    #expect(counts.pointwiseMutualInformation(smoothing: 0)[1] == -.infinity)
  }

  /// The worked example of `Competency`: 48 of 60 at p₀ = 1/3.
  @Test func competency() {
    let texts = (0..<100).map { $0 < 60 ? ["sleeping"] : ["other"] }
    let labels = (0..<100).map { index in
      index < 48 ? 2 : index < 54 ? 0 : index < 60 ? 1 : index < 80 ? 0 : 1
    }
    let competency = Competency(
      counts: CueCounts(texts: texts, labels: labels, classCount: 3), level: 0.01)
    #expect(abs(competency.z(0, 2) - 7.668) < 1e-3)
    #expect(competency.tests == 6)
    #expect(competency.isArtifact(0, 2) && !competency.isArtifact(0, 0))
    // Of 60 with the word 48 where 28.8 are expected: class 2 has 48 of 100 examples.
    #expect(competency.isExactArtifact(0, 2))
    #expect(
      competency.exactP(0, 2) == BinomialTest.upperTail(48, of: 60, probability: 0.48))
    // Quantiles of the normal table.
    #expect(abs(Competency.normalQuantile(upperTail: 0.025) - 1.959964) < 1e-6)
    #expect(abs(Competency.normalQuantile(upperTail: 0.01 / 3000) - 4.5040) < 1e-3)
    // The curve meets z: at n = 60 the critical share has the critical z.
    let share = Competency.criticalShare(60, null: competency.null, criticalZ: competency.criticalZ)
    let z = (share - 1.0 / 3) / (2.0 / 9 / 60).squareRoot()
    #expect(abs(z - competency.criticalZ) < 1e-9)
  }

  /// The worked example of the probe: a cue in 8 of 200 test examples, 6 of them with its label.
  @Test func coverage() throws {
    let training = (0..<60).map { index in
      ("p", index < 9 ? "he is sleeping" : "he is \(index)", Planted.choices[index < 6 ? 2 : index % 2])
    }
    let test = (0..<200).map { index in
      ("p", index < 8 ? "Sleeping!" : "awake", Planted.choices[index < 6 ? 2 : 0])
    }
    let planted = try Planted(["train": training, "test": test])
    var options = Planted.fast
    options.top = 1
    let report = try #require(
      try CueWordsProbe().report(on: planted.input(options)) as? CueWordsReport)
    #expect(report.fields.map(\.field) == ["hypothesis", "premise"])
    let field = report.fields[0]
    let sleeping = try #require(field.byPMI.first { $0.label == "contradiction" })
    #expect(sleeping.word == "sleeping" && sleeping.count == 6 && sleeping.examples == 9)
    #expect(sleeping.support?.value == 1)
    #expect(abs((sleeping.share?.value ?? 0) - 6.0 / 9) < 1e-12)
    let cue = try #require(field.coverage[0].each.first { $0.word == "sleeping" })
    #expect(cue.applicability == 8 && cue.coverage?.value == 0.04 && cue.productivity?.value == 0.75)
    let curve = try #require(report.plots.first?.series.last)
    #expect(report.plots[0].name == "cue-words-hypothesis" && curve.isLine)
  }
}
