import Corpus
import Support

/// What the text of a pretraining run must not share with what the model is to be evaluated on.
public struct Decontamination: Sendable, Codable, Hashable {
  /// Tasks, suites and files, as they were given.
  public var evaluations: [String]
  /// What is taken out.
  public var part: ContaminatedPart

  /// Of these names, this part.
  public init(evaluations: [String], part: ContaminatedPart = .lines) {
    (self.evaluations, self.part) = (evaluations, part)
  }
}

extension PretrainingPlan {
  /// What is looked for in the corpora; nil for nothing.
  func screening(_ evaluations: [EvaluationTexts]) -> ScreeningOptions? {
    guard deduplication != nil || decontamination != nil else { return nil }
    return ScreeningOptions(
      deduplication: deduplication, evaluations: evaluations, contaminated: decontamination?.part ?? .lines)
  }
}

extension ScreeningReport {
  /// The name of the full report in the run directory.
  static let fileName = "screening.json"

  /// The counts alone, for `results.json`.
  var withoutExamples: ScreeningReport {
    var report = self
    report.duplicates = []
    report.contaminations = []
    return report
  }

  /// For people, a line for each source of which something was taken out and for each set of evaluation texts that was
  /// found.
  public var notes: [String] {
    func size(_ removed: Removed) -> String { "\(removed.documents) (\(removed.bytes) bytes)" }
    var notes: [String] = []
    for source in sources {
      var parts: [String] = []
      if deduplication != nil {
        parts.append("\(size(source.exactDuplicates)) repeated exactly")
        if deduplication?.kind == .near { parts.append("\(size(source.nearDuplicates)) nearly") }
      }
      if contaminatedPart != nil {
        parts.append("\(source.contaminated.documents) with words of evaluation examples")
        if contaminatedPart != ContaminatedPart.none {
          parts.append(
            "of which \(size(source.contaminatedRemoved)) and \(source.linesRemoved) lines of others "
              + "(\(source.lineBytesRemoved) bytes) were taken out")
        }
      }
      notes.append("screening \(source.path): of \(size(source.read)) documents " + parts.joined(separator: ", "))
    }
    for evaluation in evaluations where evaluation.found > 0 {
      let places = zip(sources, evaluation.documents).filter { $0.1 > 0 }.map { "\($0.1) in \($0.0.path)" }
      notes.append(
        "decontamination: \(evaluation.found) of \(evaluation.examples) examples of \(evaluation.name) share words with"
          + " documents: " + places.joined(separator: ", "))
    }
    return notes
  }

  /// What a model card says of it.
  var cardText: String {
    var lines: [String] = []
    if let deduplication {
      let removed = removedDuplicates
      let how = deduplication.kind == .exact ? "exactly" : "similarity \(deduplication.threshold)"
      lines.append(
        "Repeated documents (\(how)) were taken out: \(removed.documents), \(removed.bytes) bytes.")
    }
    if let contaminatedPart {
      lines.append(
        "The text was searched for runs of 13 words (all words of texts of 8 to 12) of these evaluation examples; "
          + (contaminatedPart == ContaminatedPart.none
            ? "nothing was taken out:" : "the \(contaminatedPart.rawValue) they stand in were taken out:"))
      lines.append("")
      lines += evaluations.map { "- \($0.name): \($0.found) of \($0.examples) examples" }
    }
    return lines.joined(separator: "\n")
  }
}
