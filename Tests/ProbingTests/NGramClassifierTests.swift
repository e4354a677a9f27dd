import Foundation
import Randomness
import Records
import Scoring
import Support
import TaskRegistry
import Testing

@testable import Probing

@Suite struct NGramClassifierTests {
  static let texts = (0..<200).map { index in
    let names = ["dog", "cat", "bird", "fish", "horse"]
    let mood = index % 2 == 0 ? "good" : "bad"
    return "the \(names[index % 5]) is \(mood) \(index % 7)"
  }
  static let labels = (0..<200).map { $0 % 2 }

  @Test func learnsAWord() {
    let model = NGramClassifier.train(texts: Self.texts, labels: Self.labels, classCount: 2)
    #expect(model.predict("a good one") == 0)
    #expect(model.predict("A BAD one") == 1)
    let logarithms = model.logarithms(parts: ["the dog is good"])
    #expect(abs(logarithms.reduce(0) { $0 + exp($1) } - 1) < 1e-6)
    #expect(logarithms[0] > -0.4)
  }

  /// Only pairs of words tell these two apart.
  @Test func learnsAPair() {
    let texts = (0..<200).map { $0 % 2 == 0 ? "not good and bad" : "not bad and good" }
    let labels = (0..<200).map { $0 % 2 }
    var options = NGramClassifier.Options()
    let pairs = NGramClassifier.train(texts: texts, labels: labels, classCount: 2, options: options)
    #expect(pairs.predict(texts[0]) == 0 && pairs.predict(texts[1]) == 1)
    options.order = 1
    let words = NGramClassifier.train(texts: texts, labels: labels, classCount: 2, options: options)
    #expect(words.predict(texts[0]) == words.predict(texts[1]))
  }

  @Test func partsAreToldApart() {
    let parts = (0..<200).map { $0 % 2 == 0 ? ["x", "y"] : ["y", "x"] }
    let model = NGramClassifier.train(parts: parts, labels: Self.labels, classCount: 2)
    #expect(model.predict(parts: ["x", "y"]) == 0)
    #expect(model.predict(parts: ["y", "x"]) == 1)
  }

  @Test func sameKeySameModel() {
    var options = NGramClassifier.Options()
    func scores() -> [Double] {
      NGramClassifier.train(texts: Self.texts, labels: Self.labels, classCount: 2, options: options)
        .logarithms(parts: ["the cat is good 3"])
    }
    let first = scores()
    #expect(scores() == first)
    options.key = RandomKey(seed: 1)
    #expect(scores() != first)
  }

  @Test func emptyTextsAndUnknownWords() {
    let model = NGramClassifier.train(
      texts: ["", "a", "", "a"], labels: [2, 0, 2, 0], classCount: 3)
    #expect(model.predict("") == 2)
    #expect(model.predict("never seen") == 2)
    #expect(NGramClassifier.train(texts: [], labels: [], classCount: 2).predict("x") == 0)
  }

  @Test func features() {
    let features = NGramFeatures(order: 2)
    #expect(features(["It's 3."]).count == 5)
    #expect(features(["it's  3 ."]) == features(["IT'S 3."]))
    #expect(Set(features(["a b"])) != Set(features(["b a"])))
    #expect(features([""]) == [])
    #expect(Set(features(["x", ""])).isDisjoint(with: features(["", "x"])))
  }

  @Test func majority() {
    #expect(MajorityBaseline(labels: [0, 2, 2, 1], classCount: 3).label == 2)
    #expect(MajorityBaseline(labels: [1, 0], classCount: 3).label == 0)
  }

  /// Labels that hang on the hypothesis alone are found without the premise.
  @Test func artifactsShowInTheSingleField() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("graft-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let yaml = """
      task: planted
      version: 1
      source: {folder: ., format: jsonl, fields: {premise: premise, hypothesis: hypothesis, label: label}}
      splits: {train: rows.jsonl, test: {file: rows.jsonl, rows: 1-90}}
      inputs: "mnli hypothesis: {hypothesis} premise: {premise}"
      targets: "{label}"
      choices: [entailment, neutral, contradiction]
      metrics: [accuracy]
      """
    let choices = ["entailment", "neutral", "contradiction"]
    let rows = (0..<300).map { index in
      let word = ["is", "may", "never"][index % 3]
      return #"{"premise": "it is \#(index % 4)", "hypothesis": "it \#(word) so \#(index % 5)", "label": ""#
        + choices[index % 3] + #""}"#
    }
    try Data(yaml.utf8).write(to: folder.appendingPathComponent("planted.yaml"))
    try Data(rows.joined(separator: "\n").utf8).write(to: folder.appendingPathComponent("rows.jsonl"))
    let task = try TaskCatalog(directories: [folder.path]).task(named: "planted")
    let data = DataRoot(option: nil, environment: [:])
    let report = try Baselines(task: task, data: data).report(split: "test", data: data)
    #expect(report.scores.map(\.name) == ["majority", "n-grams", "n-grams:hypothesis", "n-grams:premise"])
    #expect(report["n-grams:hypothesis"]?.primary?.value == 1)
    #expect(try #require(report["n-grams:premise"]?.primary?.value) < 0.6)
    #expect(report["majority"]?.primary?.value == 1.0 / 3)
    #expect(report.trainingCount == 300)
  }
}
