import Records
import Scoring
import Support

extension TaskDefinition {
  /// What the answers are compared with.
  ///
  /// - Throws: `.badData` for an unlabelled example or one whose answer is not of the task's kind.
  public func references(_ examples: [Example]) throws(GraftError) -> [Reference] {
    var references: [Reference] = []
    references.reserveCapacity(examples.count)
    for example in examples {
      switch output {
      case .choices:
        guard let index = example.choice else { throw unscorable(example) }
        references.append(Reference(text: labelText(index) ?? example.targets, choice: index))
      case .number:
        let text = reference.flatMap { example.fields[$0] } ?? example.targets
        guard let number = parsedNumber(text) else { throw unscorable(example) }
        references.append(Reference(text: example.targets, number: number))
      case .text:
        guard example.targets != Self.unlabelledTarget else { throw unscorable(example) }
        references.append(Reference(text: example.targets, alternatives: example.alternatives ?? []))
      case .preference:
        guard example.targets != Self.unlabelledTarget else { throw unscorable(example) }
        references.append(Reference(text: example.targets, choice: 0))
      }
    }
    return references
  }

  /// A prediction with its choice filled in from its text, where the text is one of the task's choices.
  public func interpreted(_ prediction: Prediction) -> Prediction {
    var result = prediction
    result.choice = prediction.choice ?? choice(of: prediction.text)
    return result
  }

  /// As `interpreted(_:)`, where what the text means depends on the row.
  private func interpreted(_ prediction: Prediction, to example: Example) -> Prediction {
    var result = interpreted(prediction)
    guard result.choice == nil else { return result }
    switch answering {
    case .free, .fixed: break
    case .candidates where isForRankingOnly: break
    case .candidates:
      result.choice = example.candidates?.firstIndex { $0.targets.utf8.elementsEqual(prediction.text.utf8) }
    case .judged(_, let postprocessor):
      result.choice = postprocessor.choice(prediction.text, fields: example.fields)
    }
    return result
  }

  /// The label a choice stands for, where results are broken down by it.
  private func labelText(_ choice: Int) -> String? {
    if case .judged(let classes, _) = answering { classes[choice] } else { nil }
  }

  /// Every metric with its 95 % interval, the invalid answers, and the breakdown by label and group.
  ///
  /// - Throws: `.badData` if there is not one prediction per example or an example has no label.
  public func score(
    _ predictions: [Prediction], _ examples: [Example], bootstrap: BootstrapOptions = BootstrapOptions()
  ) throws(GraftError) -> ScoreReport {
    let references = try references(examples)
    // Metrics say so if there is not one prediction for each example.
    let answers =
      predictions.count == examples.count
      ? zip(predictions, examples).map { interpreted($0, to: $1) } : predictions
    let invalid = answers.map { answer in
      switch output {
      case .choices, .preference: answer.choice == nil
      case .number: parsedNumber(answer.text) == nil
      case .text: false
      }
    }
    var scores: [MetricScore] = []
    for name in metricNames + rankedMetrics(answers) {
      scores.append(try Metrics.registry(name).measure(answers, references, bootstrap: bootstrap))
    }
    scores += try RelatedScores(contrasts: contrasts, primaryMetric: primaryMetric, bootstrap: bootstrap)
      .scores(answers, references, examples)
    return ScoreReport(
      answers: answers, references: references,
      name: name, version: version, definitionHash: definitionHash, count: examples.count,
      invalid: invalid.count { $0 }, primaryMetric: primaryMetric, metrics: scores,
      groups: try Breakdown(
        metric: output == .choices ? "accuracy" : primaryMetric, hasLabels: hasLabels, bootstrap: bootstrap
      ).scores(answers, references, invalid, examples))
  }

  /// Long and short candidates are ranked differently by their log-probability, its mean over tokens and that over
  /// bytes; all are given where candidates are the rows' own.
  private func rankedMetrics(_ answers: [Prediction]) -> [String] {
    guard choicesVary, !answers.isEmpty, answers.allSatisfy({ $0.choiceScoresPerByte != nil }) else {
      return []
    }
    return NormalizedAccuracy.Unit.allCases.map { NormalizedAccuracy($0).name }
  }

  /// Whether examples fall into classes, the same for all of them.
  private var hasLabels: Bool {
    switch answering {
    case .fixed, .judged: true
    case .free, .candidates: false
    }
  }

  private func unscorable(_ example: Example) -> GraftError {
    GraftError(
      .badData, "example '\(example.identifier)' of task '\(name)' has no label to score against",
      hint: "the split is unlabelled; score on another: \(splitNames.joined(separator: ", ")).")
  }
}

/// Scores by label, by each group's values, and by both.
struct Breakdown {
  var metric: String
  var hasLabels: Bool
  var bootstrap: BootstrapOptions

  private struct Cell: Hashable {
    var group: String
    var value: ByteString
    var label: ByteString?
  }

  func scores(
    _ answers: [Prediction], _ references: [Reference], _ invalid: [Bool], _ examples: [Example]
  ) throws(GraftError) -> [GroupScore] {
    let metric = try Metrics.registry(metric)
    var members: [Cell: [Int]] = [:]
    var order: [Cell] = []
    func add(_ index: Int, to cell: Cell) {
      if members[cell] == nil { order.append(cell) }
      members[cell, default: []].append(index)
    }
    for (index, example) in examples.enumerated() where index < answers.count {
      if hasLabels {
        add(index, to: Cell(group: "label", value: ByteString(references[index].text), label: nil))
      }
      for group in example.groups.keys {
        for value in example.values(ofGroup: group) {
          let value = ByteString(value)
          add(index, to: Cell(group: group, value: value, label: nil))
          if hasLabels {
            add(index, to: Cell(group: group, value: value, label: ByteString(references[index].text)))
          }
        }
      }
    }
    // A value with only one label needs no second line for that label.
    order.removeAll { cell in
      cell.label != nil
        && members[cell]?.count
          == members[Cell(group: cell.group, value: cell.value, label: nil)]?.count
    }
    order.sort {
      ($0.group == "label" ? "" : $0.group, $0.value, $0.label ?? "")
        < ($1.group == "label" ? "" : $1.group, $1.value, $1.label ?? "")
    }
    var result: [GroupScore] = []
    for cell in order {
      let indices = members[cell] ?? []
      let score = try metric.measure(
        indices.map { answers[$0] }, indices.map { references[$0] }, bootstrap: bootstrap)
      result.append(
        GroupScore(
          group: cell.group, value: cell.value.text, label: cell.label?.text, count: indices.count,
          invalid: indices.count { invalid[$0] }, score: score))
    }
    return result
  }
}
