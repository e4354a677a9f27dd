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
        guard let index = example.choice else { throw dataSet.unscorable(example) }
        references.append(Reference(text: labelText(index) ?? example.targets, choice: index))
      case .number:
        let text = reference.flatMap { example.fields[$0] } ?? example.targets
        guard let number = parsedNumber(text) else { throw dataSet.unscorable(example) }
        references.append(Reference(text: example.targets, number: number))
      case .text:
        guard example.targets != Self.unlabelledTarget else { throw dataSet.unscorable(example) }
        references.append(Reference(text: example.targets, alternatives: example.alternatives ?? []))
      case .preference:
        guard example.targets != Self.unlabelledTarget else { throw dataSet.unscorable(example) }
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
  public func interpreted(_ prediction: Prediction, to example: Example) -> Prediction {
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
    return try dataSet.score(
      JudgedAnswers(
        examples: examples, answers: answers, references: references, invalid: invalid,
        groupMetric: output == .choices ? Accuracy().name : primaryMetric, hasLabels: hasLabels,
        furtherMetrics: rankedMetrics(answers)), bootstrap: bootstrap)
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
}
