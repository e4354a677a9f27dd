import Records
import Scoring
import Support
import TaskRegistry
import TestSupport
import Testing

/// The NLI pool and the suites on real files.
@Suite(.tags(.data), .enabled(if: RealData.root != nil, Comment(rawValue: RealData.reason)))
struct InferenceTests {
  let data: DataRoot
  let catalog: TaskCatalog
  let nli: TaskDefinition

  init() throws {
    data = try #require(RealData.root)
    catalog = try RealData.catalog()
    nli = try catalog.task(named: "nli")
  }

  func pair(_ example: Example) -> String {
    func letters(_ text: String?) -> String {
      String(decoding: (text ?? "").lowercased().utf8.filter { $0 > 0x2f && $0 != 0x3f }, as: UTF8.self)
    }
    return letters(example.fields["premise"]) + "|" + letters(example.fields["hypothesis"])
  }

  /// SNLI dev 9,842 + MNLI matched 9,815 + SICK 4,500 + ConjNLI 15,000 + counterfactual 8,330 = 47,487, none
  /// of which an evaluation split contains.
  @Test func poolSizeAndOverlap() throws {
    let train = try nli.examples(split: "train", data: data)
    let validation = try nli.examples(split: "validation", data: data)
    #expect(train.count + validation.count == 47_487)
    #expect((1_400...2_500).contains(validation.count))
    let premises = Set(train.compactMap { $0.fields["premise"] })
    #expect(validation.allSatisfy { !premises.contains($0.fields["premise"] ?? "") })

    let seen = Set((train + validation).map(pair))
    for split in ["snli-test", "mnli-mismatched"] {
      #expect(try nli.examples(split: split, data: data).allSatisfy { !seen.contains(pair($0)) }, "\(split)")
    }
    for suite in catalog.suites where suite.through == "nli" {
      let examples = try suite.examples(through: nli, data: data)
      #expect(examples.allSatisfy { !seen.contains(pair($0)) }, "\(suite.name)")
    }
    var labels: [String: Int] = [:]
    for example in train { labels[example.targets, default: 0] += 1 }
    #expect(labels.keys.sorted() == ["contradiction", "entailment", "neutral"])
  }

  @Test func tokenisationIsUndone() throws {
    let example = try #require(try nli.examples(split: "snli-test", data: data).first)
    #expect(example.fields["hypothesis"] == "The church has cracks in the ceiling.")
  }

  /// Always "entailment" is right on exactly the entailed half.
  @Test func constantAnswerOnHans() throws {
    let hans = try catalog.suite(named: "hans")
    let examples = try hans.examples(through: nli, data: data)
    #expect(examples.count == 30_000)
    #expect(
      examples[0].inputs
        == "mnli hypothesis: The professors helped the scientist. premise: The scientist helped the "
        + "professors.")
    #expect(examples[0].targets == "non-entailment")
    let report = try hans.score(
      examples.map { _ in Prediction(text: "entailment") }, examples, through: nli)
    #expect(report.primary?.value == 0.5)
    #expect(report.invalid == 0)
    #expect(report.through == "nli")
    #expect(report.group("label", "entailment")?.score.value == 1)
    #expect(report.group("label", "non-entailment")?.score.value == 0)
    for heuristic in ["lexical_overlap", "subsequence", "constituent"] {
      #expect(report.group("heuristic", heuristic)?.count == 10_000)
      #expect(report.group("heuristic", heuristic, label: "entailment")?.score.value == 1)
      #expect(report.group("heuristic", heuristic, label: "non-entailment")?.score.value == 0)
    }
    let subcases = report.groups.filter { $0.group == "subcase" }
    #expect(subcases.count == 30)
    #expect(subcases.allSatisfy { $0.count == 1000 })
    #expect(subcases.count { $0.score.value == 1 } == 15)
  }

  @Test func collapseAfterTheDecision() throws {
    let hans = try catalog.suite(named: "hans")
    for (answer, label) in [
      ("entailment", 0), ("neutral", 1), ("contradiction", 1), ("Entailment", nil), ("", nil),
      ("non-entailment", nil),
    ] {
      #expect(hans.choice(of: Prediction(text: answer), through: nli) == label, "\(answer)")
    }
  }

  /// The counts of the published set.
  @Test func breakingNLICounts() throws {
    let suite = try catalog.suite(named: "breaking-nli")
    let examples = try suite.examples(through: nli, data: data)
    let report = try suite.score(
      examples.map { _ in Prediction(text: "contradiction") }, examples, through: nli)
    #expect(report.count == 8193)
    let labels = ["entailment": 982, "neutral": 47, "contradiction": 7164]
    for (label, count) in labels { #expect(report.group("label", label)?.count == count) }
    #expect(report.primary?.value == 7164.0 / 8193)
    let categories = [
      "antonyms": 1147, "synonyms": 894, "cardinals": 759, "nationalities": 755, "drinks": 731,
      "antonyms_wordnet": 706, "colors": 699, "ordinals": 663, "countries": 613, "rooms": 595,
      "materials": 397, "vegetables": 109, "instruments": 65, "planets": 60,
    ]
    for (category, count) in categories {
      #expect(report.group("category", category)?.count == count, "\(category)")
    }
    #expect(report.groups.filter { $0.group == "category" && $0.label == nil }.count == 14)
  }

  @Test func aTaskThatCannotAnswerASuiteIsRefused() throws {
    let hans = try catalog.suite(named: "hans")
    let rte = try catalog.task(named: "rte")
    let error = #expect(throws: GraftError.self) {
      try hans.examples(through: rte, data: data)
    }
    #expect(error?.message.contains("non-entailment") == true)
  }
}
