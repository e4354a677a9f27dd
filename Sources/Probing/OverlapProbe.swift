import Corpus
import Records
import Scoring
import Support
import TaskRegistry

/// Which evaluation examples occur in the training split, or in a corpus that a model has read (Brown et al. 2020,
/// "Language Models are Few-Shot Learners", appendix C).
///
/// Texts are compared in lower case and without punctuation (`OverlapWords`). A field of an example is touched if one
/// of its 13-grams occurs in any field of a training example, or in the corpus (`NGramOverlap` says what is done with
/// shorter texts); an example is touched if one of its fields is. A corpus is read as running text, and texts below
/// eight words are not sought in it. Exact duplicates are counted apart: whole examples, all fields alike, and single
/// fields, in the training split and within the evaluation split; and how many of the whole ones have another label
/// there.
///
/// Where a model's results are given, its score stands by touched and untouched examples: if the score of the touched
/// is much the higher, the test was in part a test of memory.
///
/// Worked example: three test hypotheses of 15, 9 and 4 words. The first shares 13 words in a row with a training
/// premise, the second all its nine, the third is itself a training hypothesis: all three are touched, one is a
/// duplicate.
public struct OverlapProbe: Probe {
  public static let identifier = "overlap"
  public static let reportType: any (ProbeReport & Decodable).Type = OverlapReport.self

  /// There is nothing to choose; `ProbeOptions` has what all probes share.
  public init() {}

  public func report(on input: ProbeInput) throws(GraftError) -> any ProbeReport {
    let splits = input.evaluation.filter { !$0.examples.isEmpty }
    let evaluated = overlap(splits, input)
    let training = overlap([input.training], input).words[0]
    let inTraining = evaluated.found(in: training.joined())
    let inCorpus =
      input.options.corpus.isEmpty
      ? nil : try evaluated.found(inFiles: input.options.corpus.map { ($0, CorpusOptions()) })
    var reports: [OverlapReport.Split] = []
    var subsets: [ExampleSubsets] = []
    for (index, split) in splits.enumerated() {
      var report = OverlapReport.Split(split: split.name, examples: split.examples.count)
      var parts: [String: [Bool]] = [:]
      func add(_ source: String, _ found: [[Bool]]) {
        let touched = found.map { $0.contains(true) }
        report.overlaps.append(overlap(source, "any", touched))
        if input.fields.count > 1 {
          for (field, name) in input.fields.enumerated() {
            report.overlaps.append(overlap(source, name, found.map { $0[field] }))
          }
        }
        parts["in-\(source)"] = touched
        parts["not-in-\(source)"] = touched.map { !$0 }
      }
      if !input.isCrossFitted(split) { add("training", inTraining[index]) }
      if let inCorpus { add("corpus", inCorpus[index]) }
      report.duplicates = duplicates(
        evaluated.words[index], split, in: input.isCrossFitted(split) ? nil : training, input)
      for (name, isIn) in parts.sorted(by: { $0.key < $1.key }) where name.hasPrefix("in-") {
        report.scores += try SplitScores.scores(
          of: split, parts: [name: isIn, "not-\(name)": parts["not-\(name)"] ?? []], input)
      }
      if !parts.isEmpty {
        subsets.append(
          ExampleSubsets(
            task: input.task, split: split.name,
            made: "graft probe --task \(input.task.name): overlap, \(input.options.overlapLength)-grams",
            subsets: parts.mapValues { isIn in zip(split.examples, isIn).filter(\.1).map(\.0.identifier) }))
      }
      reports.append(report)
    }
    return OverlapReport(
      length: input.options.overlapLength, trainingSplit: input.training.name, corpus: input.options.corpus,
      splits: reports, subsets: subsets)
  }

  private func overlap(_ source: String, _ field: String, _ found: [Bool]) -> OverlapReport.Overlap {
    let count = found.count { $0 }
    return OverlapReport.Overlap(
      source: source, field: field, touched: count, share: .proportion(count, of: found.count))
  }

  private func overlap(_ splits: [LabelledSplit], _ input: ProbeInput) -> ExampleOverlap {
    ExampleOverlap(
      splits.map { $0.examples.map { input.texts($0, input.fields) } }, length: input.options.overlapLength)
  }

  private func duplicates(
    _ own: [[[UInt64]]], _ split: LabelledSplit, in training: [[[UInt64]]]?, _ input: ProbeInput
  ) -> [OverlapReport.Duplicates] {
    // All fields of an example, apart.
    func whole(_ words: [[[UInt64]]]) -> [[UInt64]] { words.map { Array($0.joined(separator: [0])) } }
    var result = [
      duplicates(
        "example", whole(own), split.labels, in: training.map(whole), labels: input.training.labels)
    ]
    guard input.fields.count > 1 else { return result }
    for (field, name) in input.fields.enumerated() {
      result.append(
        duplicates(
          name, own.map { $0[field] }, split.labels, in: training?.map { $0[field] },
          labels: input.training.labels))
    }
    return result
  }

  private func duplicates(
    _ what: String, _ texts: [[UInt64]], _ labels: [Int], in training: [[UInt64]]?,
    labels trainingLabels: [Int]
  ) -> OverlapReport.Duplicates {
    var known: [[UInt64]: Set<Int>] = [:]
    for (text, label) in zip(training ?? [], trainingLabels) { known[text, default: []].insert(label) }
    var counts: [[UInt64]: Int] = [:]
    for text in texts { counts[text, default: 0] += 1 }
    var (inTraining, otherLabel, repeated) = (0, 0, 0)
    for (text, label) in zip(texts, labels) {
      if let found = known[text] {
        inTraining += 1
        otherLabel += found.contains(label) ? 0 : 1
      }
      repeated += (counts[text] ?? 0) > 1 ? 1 : 0
    }
    return OverlapReport.Duplicates(
      what: what, inTraining: training == nil ? nil : .proportion(inTraining, of: texts.count),
      withOtherLabelOnly: training == nil ? nil : otherLabel,
      repeatedWithinSplit: .proportion(repeated, of: texts.count))
  }
}

/// What `OverlapProbe` found.
public struct OverlapReport: ProbeReport, Decodable {
  /// How many examples of a split are touched by one source in one field.
  public struct Overlap: Codable, Sendable {
    /// `training` or `corpus`.
    public var source: String
    /// A field, or `any`.
    public var field: String
    /// How many examples are touched.
    public var touched: Int
    /// The same as a share of the split.
    public var share: Estimate?
  }

  /// How many examples of a split have an exact duplicate.
  public struct Duplicates: Codable, Sendable {
    /// `example` or a field.
    public var what: String
    /// Nil if the split is the training split.
    public var inTraining: Estimate?
    /// Of those, how many never have the split's label there.
    public var withOtherLabelOnly: Int?
    /// Examples that have their like in the split.
    public var repeatedWithinSplit: Estimate?
  }

  /// What was found of one split.
  public struct Split: Codable, Sendable {
    /// The split's name.
    public var split: String
    /// How many examples it has.
    public var examples: Int
    /// By source, for all fields together and for each of several.
    public var overlaps: [Overlap] = []
    /// Of whole examples and of each of several fields.
    public var duplicates: [Duplicates] = []
    /// The score of the model whose results were given, by touched and untouched.
    public var scores: [SplitScores] = []
  }

  /// Words of the n-grams.
  public var length: Int
  /// The split that examples are looked for in.
  public var trainingSplit: String
  /// The files that examples are looked for in; none unless some were given.
  public var corpus: [String]
  /// The evaluation splits, empty ones left out.
  public var splits: [Split]
  public var subsets: [ExampleSubsets] = []

  private enum CodingKeys: String, CodingKey { case length, trainingSplit, corpus, splits }

  public var tables: [ProbeTable] {
    var overlaps = ProbeTable(
      title: "Overlap by \(length)-grams",
      note: "Examples of which a run of \(length) words occurs in \(trainingSplit)"
        + (corpus.isEmpty
          ? "." : " or in the corpus of \(corpus.count) file\(corpus.count == 1 ? "" : "s")."),
      columns: [.text("split"), .text("in"), .text("field"), .number("touched"), .number("share")])
    var duplicates = ProbeTable(
      title: "Exact duplicates",
      columns: [
        .text("split"), .text("of"), .number("in \(trainingSplit)"), .number("only with another label"),
        .number("repeated within the split"),
      ])
    for split in splits {
      for overlap in split.overlaps {
        overlaps.append([
          .text(split.split), .text(overlap.source), .text(overlap.field), .count(overlap.touched),
          .estimatedShare(overlap.share),
        ])
      }
      for duplicate in split.duplicates {
        duplicates.append([
          .text(split.split), .text(duplicate.what), .estimatedShare(duplicate.inTraining),
          duplicate.withOtherLabelOnly.map { .count($0) } ?? .missing,
          .estimatedShare(duplicate.repeatedWithinSplit),
        ])
      }
    }
    return (overlaps.rows.isEmpty ? [] : [overlaps]) + [duplicates]
      + SplitScores.tables(splits.flatMap(\.scores), title: "Score of the given results by overlap")
  }
}
