import Records
import Scoring
import Support

/// Answers beside what is right, as a definition understands them: what its metrics read.
struct JudgedAnswers {
  var examples: [Example]
  var answers: [Prediction]
  var references: [Reference]
  /// Which answers are none of the choices, or no number.
  var invalid: [Bool]
  /// The metric of the scores by label and group.
  var groupMetric: String
  /// Whether examples fall into classes, the same for all of them.
  var hasLabels: Bool
  /// Metrics beside those of the definition.
  var furtherMetrics: [String] = []
  /// Answers by another decision, of which accuracy is given under a name of its own.
  var otherDecision: (name: String, answers: [Prediction])?
}

extension DataSet {
  /// Every metric with its 95 % interval, the invalid answers, and the breakdown by label and group.
  ///
  /// - Throws: `.badData` if there is not one answer per example.
  func score(
    _ judged: JudgedAnswers, through: String? = nil, collapse: [ByteString: String] = [:], bootstrap: BootstrapOptions
  ) throws(GraftError) -> ScoreReport {
    let (answers, references, examples) = (judged.answers, judged.references, judged.examples)
    var scores: [MetricScore] = []
    for name in metricNames + judged.furtherMetrics {
      scores.append(try Metrics.registry(name).measure(answers, references, bootstrap: bootstrap))
    }
    var breakdown = Breakdown(metric: judged.groupMetric, hasLabels: judged.hasLabels, bootstrap: bootstrap)
    var groups = try breakdown.scores(answers, references, judged.invalid, examples)
    if let (name, others) = judged.otherDecision {
      var score = try Accuracy().measure(others, references, bootstrap: bootstrap)
      score.name = name
      scores.append(score)
      breakdown.metric = Accuracy().name
      for var group in try breakdown.scores(others, references, others.map { _ in false }, examples) {
        group.score.name = name
        groups.append(group)
      }
    }
    scores += try RelatedScores(
      contrasts: contrasts, averages: averages, primaryMetric: metricNames[0], bootstrap: bootstrap
    ).scores(answers, references, examples)
    return ScoreReport(
      answers: answers, references: references, name: name, version: version, definitionHash: hash.text,
      through: through, collapse: collapse, count: examples.count, invalid: judged.invalid.count { $0 },
      primaryMetric: metricNames[0], metrics: scores, groups: groups)
  }

  /// The error for an example whose right answer is not known.
  func unscorable(_ example: Example) -> GraftError {
    GraftError(
      .badData, "example '\(example.identifier)' of \(source.owner) has no label to score against",
      hint: "the split is unlabelled; score on another: \(source.splitNames.joined(separator: ", ")).")
  }
}
