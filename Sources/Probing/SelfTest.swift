import Foundation
import Randomness
import Records
import Scoring
import Support
import TaskRegistry

/// Do the probes find a cue that is there, and none where there is none?
///
/// A cue of known strength s is planted: each label has words of its own, each example gets one word, with probability
/// s one of its label's and otherwise one of any label's, so that s = 0 tells nothing. The probes' tests run on many
/// such data sets; the share of them in which a test finds something is its power at s > 0 and its rate of false alarms
/// at s = 0, which must not be above the stated level. A share over k data sets has Wilson's interval.
///
/// Two kinds of data set: the microworld, whose generator has such a cue built in and nothing else that a hypothesis
/// alone could tell; and any real task, whose texts stay and whose labels are dealt out anew at random, so that
/// whatever the real labels would give away is gone.
///
/// The tests, each at level α for a data set as a whole:
/// - `cue-words`: a word with more examples of a label than the exact binomial test allows, α divided by the number of
///   words and labels (`Competency.isExactArtifact`).
/// - `partial-input`: a model of one field is right more often on the test examples than the greatest class's share of
///   them, by the exact binomial test at α.
/// - `surface`: the same for the best threshold of a surface feature, α divided by the number of features.
///
/// Worked example: at s = .5 with three labels, an example has its own label's word with probability .5 + .5 / 3 =
/// .667. Among 500 examples about 167 have the word of the first label, 111 of them with that label where 56 are
/// expected: p is below 1e-15, and both other tests follow.
public struct SelfTest: Sendable {
  /// One data set with a planted cue: a training split and a test split.
  public struct DataSet: Sendable {
    /// The labels' names; `label` of an example is an index into them.
    public var classes: [String]
    /// The field that the cue stands in comes first.
    public var fields: [String]
    /// Examples with their labels to train on and to count words in.
    public var training: [(example: Example, label: Int)]
    /// Examples with their labels that what was trained is scored on.
    public var test: [(example: Example, label: Int)]

    /// - Parameter fields: that with the cue first; the tests look at no other.
    public init(
      classes: [String], fields: [String], training: [(example: Example, label: Int)],
      test: [(example: Example, label: Int)]
    ) {
      self.classes = classes
      self.fields = fields
      self.training = training
      self.test = test
    }
  }

  /// Whether each test found something.
  struct Outcome: Sendable, Hashable {
    var cueWords: Bool
    var partialInput: Bool
    var surface: Bool

    subscript(name: String) -> Bool {
      switch name {
      case CueWordsProbe.identifier: cueWords
      case PartialInputProbe.identifier: partialInput
      default: surface
      }
    }
  }

  /// The probes that are tested, as `graft list probes` has them.
  public static let testNames = [
    CueWordsProbe.identifier, PartialInputProbe.identifier, SurfaceProbe.identifier,
  ]
  /// 0, .1, .2 … .9.
  public static let defaultStrengths = (0...9).map { Double($0) / 10 }

  /// Strengths of the planted cue, from 0 (none) to 1, in ascending order.
  public var strengths: [Double]
  /// Data sets of each strength.
  public var repetitions: Int
  /// α.
  public var level: Double
  /// Determines the data sets and all that is random in the tests.
  public var key: RandomKey

  /// - Throws: `.usage` for strengths outside 0…1, no repetitions, or a level outside 0…1.
  public init(
    strengths: [Double] = defaultStrengths, repetitions: Int = 20, level: Double = 0.01,
    key: RandomKey = RandomKey(seed: 0)
  ) throws(GraftError) {
    guard !strengths.isEmpty, strengths.allSatisfy({ (0...1).contains($0) }), repetitions >= 1, level > 0,
      level < 1
    else {
      throw GraftError(
        .usage, "a self-test needs strengths from 0 to 1, at least one data set, and a level between 0 and 1")
    }
    self.strengths = strengths.sorted()
    self.repetitions = repetitions
    self.level = level
    self.key = key
  }

  /// Runs every test on every data set.
  ///
  /// - Parameter dataSet: of a strength, a pure function of it and the key.
  public func run(
    name: String, dataSet: (_ strength: Double, _ key: RandomKey) throws(GraftError) -> DataSet
  ) throws(GraftError) -> SelfTestReport {
    var points: [SelfTestReport.Point] = []
    var examples = (training: 0, test: 0)
    for strength in strengths {
      var outcomes: [Outcome] = []
      for repetition in 0..<repetitions {
        let key = key.folded("self-test").folded(name).folded(Int(strength * 1e6)).folded(repetition)
        let data = try dataSet(strength, key)
        examples = (data.training.count, data.test.count)
        outcomes.append(outcome(data, key))
      }
      for test in Self.testNames {
        let detected = outcomes.count { $0[test] }
        points.append(
          SelfTestReport.Point(
            test: test, strength: strength, detected: detected, dataSets: repetitions,
            rate: .proportion(detected, of: repetitions)))
      }
    }
    return SelfTestReport(
      data: name, level: level, dataSets: repetitions, trainingExamples: examples.training,
      testExamples: examples.test, points: points)
  }

  func outcome(_ data: DataSet, _ key: RandomKey) -> Outcome {
    let classCount = data.classes.count
    let field = data.fields[0]
    let labels = data.training.map(\.label)
    let counts = CueCounts(
      texts: data.training.map { ProbeWords.words($0.example.fields[field] ?? "") }, labels: labels,
      classCount: classCount)
    let competency = Competency(counts: counts, level: level)
    let cueWords = counts.words.indices.contains { word in
      (0..<classCount).contains { competency.isExactArtifact(word, $0) }
    }

    var options = NGramClassifier.Options()
    options.key = key
    let model = NGramClassifier.train(
      texts: data.training.map { $0.example.fields[field] ?? "" }, labels: labels, classCount: classCount,
      options: options)
    let right = data.test.count { model.predict($0.example.fields[field] ?? "") == $0.label }

    // The field alone, for a relation of the fields may tell the label without any artifact.
    let features = SurfaceFeatures(fields: [field], training: data.training.map(\.example))
    let training = data.training.map { features($0.example, isInTraining: true) }
    let test = data.test.map { features($0.example, isInTraining: false) }
    let corrected = level / Double(features.names.count)
    let surface = features.names.indices.contains { column in
      let stump = DecisionStump(values: training.map { $0[column] }, labels: labels, classCount: classCount)
      let right = zip(test, data.test).count { stump($0[column]) == $1.label }
      return isAboveChance(right, data.test.map(\.label), classCount, level: corrected)
    }
    return Outcome(
      cueWords: cueWords,
      partialInput: isAboveChance(right, data.test.map(\.label), classCount, level: level), surface: surface)
  }

  /// Whether so many right answers are more than the greatest class's share explains. A model that knows nothing of the
  /// labels is right with at most that probability.
  private func isAboveChance(_ right: Int, _ labels: [Int], _ classCount: Int, level: Double) -> Bool {
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels { counts[label] += 1 }
    let share = Double(counts.max() ?? 0) / Double(max(1, labels.count))
    return BinomialTest.upperTail(right, of: labels.count, probability: share) < level
  }
}
