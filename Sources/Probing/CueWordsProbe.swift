import Foundation
import Records
import Scoring
import Support

/// Which words give a label away, by three measures: pointwise mutual information (`CueCounts`; Gururangan et al.
/// 2018), competency z-statistics (`Competency`; Gardner et al. 2021), and the productivity and coverage of cues (Niven
/// and Kao 2019, "Probing Neural Network Comprehension of Natural Language Arguments").
///
/// Words are those of one field, in lower case without punctuation (`ProbeWords`), counted once an example. PMI has 100
/// added to every count, so that its lists are of frequent words; with each stand the support, the share of the class's
/// examples that contain the word, and the share of the examples with the word that are of the class.
///
/// Productivity and coverage are Niven and Kao's, for classes in place of warrants: a cue k is applicable to the α_k
/// examples that contain it; its productivity π_k is the share of them whose label it goes with, and its coverage
/// ξ_k = α_k / n. A cue is of use to a model if π_k > 1 / |Y|. Labels of cues are learnt on the training split, π and ξ
/// measured on each evaluation split; a set of cues decides by the cue with the greatest share in training.
///
/// Worked example: three of four training examples with "sleeping" are contradictions. Of 200 test examples 8 contain
/// it, 6 of them contradictions: applicability 8, coverage .04, productivity .75.
public struct CueWordsProbe: Probe {
  public static let identifier = "cue-words"
  public static let reportType: any (ProbeReport & Decodable).Type = CueWordsReport.self
  /// Added to every count of a word and a class for PMI.
  static let smoothing = 100.0
  /// Cues in fewer training examples are not taken into the set whose coverage is measured.
  static let leastSupport = 5

  /// There is nothing to choose; `ProbeOptions` has what all probes share.
  public init() {}

  public func report(on input: ProbeInput) throws(GraftError) -> any ProbeReport {
    CueWordsReport(
      smoothing: Self.smoothing, level: input.options.level, trainingSplit: input.training.name,
      classes: input.classes, fields: input.fields.map { field($0, of: input) })
  }

  static func counts(_ split: LabelledSplit, field: String, classCount: Int) -> CueCounts {
    CueCounts(
      texts: split.examples.map { ProbeWords.words($0.fields[field] ?? "") }, labels: split.labels,
      classCount: classCount)
  }

  private func field(_ name: String, of input: ProbeInput) -> CueWordsReport.Field {
    let counts = Self.counts(input.training, field: name, classCount: input.classes.count)
    let competency = Competency(counts: counts, level: input.options.level)
    let information = counts.pointwiseMutualInformation(smoothing: Self.smoothing)
    func cue(_ word: Int, _ label: Int) -> CueWordsReport.Cue {
      let (n, k) = (counts.count(word), counts.count(word, label))
      return CueWordsReport.Cue(
        word: counts.words[word], label: input.classes[label], count: k, examples: n,
        pmi: information[word * counts.classCount + label],
        support: .proportion(k, of: counts.classTotals[label]), share: .proportion(k, of: n),
        z: competency.z(word, label), exactP: competency.exactP(word, label),
        isBeyondCriticalCurve: competency.isArtifact(word, label))
    }
    /// The words of a class with the greatest values of a measure, ties in alphabetical order.
    func top(_ label: Int, _ measure: (Int) -> Double) -> [CueWordsReport.Cue] {
      let ranked = counts.words.indices.map { (measure($0), ByteString(counts.words[$0]), $0) }
        .sorted { ($1.0, $0.1) < ($0.0, $1.1) }
      return ranked.prefix(input.options.top).map { cue($0.2, label) }
    }
    let labels = counts.classTotals.indices.filter { counts.classTotals[$0] > 0 }
    let artifacts = counts.words.indices.flatMap { word in
      labels.filter { competency.isArtifact(word, $0) }.map { (word, $0) }
    }
    let exact = counts.words.indices.reduce(0) { sum, word in
      sum + labels.count { competency.isExactArtifact(word, $0) }
    }
    let byPMI = labels.flatMap { label in top(label) { information[$0 * counts.classCount + label] } }
    let byZ = labels.flatMap { label in top(label) { competency.z($0, label) } }
    return CueWordsReport.Field(
      field: name, vocabulary: counts.words.count, tests: competency.tests,
      correctedLevel: competency.correctedLevel, null: competency.null, criticalZ: competency.criticalZ,
      wordsBeyondCriticalCurve: Set(artifacts.map(\.0)).count, exactlySignificant: exact, byPMI: byPMI,
      byZ: byZ,
      coverage: coverage(of: byPMI, name, counts, input),
      scatter: scatter(competency, labels))
  }

  /// Productivity and coverage of the cues of all classes together and of each on the evaluation splits.
  private func coverage(
    of cues: [CueWordsReport.Cue], _ field: String, _ counts: CueCounts, _ input: ProbeInput
  ) -> [CueWordsReport.Coverage] {
    let chosen = cues.filter { $0.examples >= Self.leastSupport }
    // The surest first; it decides where an example has several.
    let ranked = chosen.sorted {
      ($1.shareValue, ByteString($0.word)) < ($0.shareValue, ByteString($1.word))
    }
    return input.evaluation.filter { !$0.examples.isEmpty }.map { split in
      var applicable = [Int](repeating: 0, count: ranked.count)
      var right = applicable
      var (anyApplicable, anyRight) = (0, 0)
      for (example, label) in zip(split.examples, split.labels) {
        let words = Set(ProbeWords.words(example.fields[field] ?? "").map { ByteString($0) })
        var isDecided = false
        for (index, cue) in ranked.enumerated() where words.contains(ByteString(cue.word)) {
          let isRight = input.classes[label].isExactly(cue.label)
          applicable[index] += 1
          right[index] += isRight ? 1 : 0
          if !isDecided {
            anyApplicable += 1
            anyRight += isRight ? 1 : 0
            isDecided = true
          }
        }
      }
      let n = split.examples.count
      let single = ranked.indices.map { index in
        CueWordsReport.CueCoverage(
          word: ranked[index].word, label: ranked[index].label, applicability: applicable[index],
          productivity: .proportion(right[index], of: applicable[index]),
          coverage: .proportion(applicable[index], of: n))
      }
      return CueWordsReport.Coverage(
        split: split.name, isOnTrainingSplit: input.isCrossFitted(split), cues: ranked.count,
        applicability: anyApplicable,
        productivity: .proportion(anyRight, of: anyApplicable), coverage: .proportion(anyApplicable, of: n),
        each: single)
    }
  }

  /// Each word at its most frequent label.
  private func scatter(_ competency: Competency, _ labels: [Int]) -> [CueWordsReport.Point] {
    let counts = competency.counts
    return counts.words.indices.map { word in
      let best = labels.max { counts.count(word, $0) < counts.count(word, $1) } ?? 0
      return CueWordsReport.Point(
        word: counts.words[word], label: best, n: counts.count(word),
        share: Double(counts.count(word, best)) / Double(counts.count(word)),
        isArtifact: competency.isArtifact(word, best))
    }
  }
}
