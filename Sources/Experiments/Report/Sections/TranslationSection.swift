import Inference
import Records
import Reporting
import Scoring
import Support

/// What a model wrote that translates: scores with their signatures, samples from the best to the worst, and where it
/// looked for the words.
struct TranslationSection {
  private let material: ReportMaterial
  private let context: ReportContext
  /// By what samples are put in order; it is defined for one sentence, too.
  private let order = ChrF()

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  /// Samples of a set, and tokens of a sentence that an alignment is shown of.
  private static let (samples, longest) = (5, 40)

  /// Nil where nothing translated.
  func section() throws(GraftError) -> ReportSection? {
    var parts: [ReportPart] = []
    for system in material.systems { parts += try translations(system) }
    guard !parts.isEmpty else { return nil }
    return ReportSection(
      anchor: "translations", sectionTitle: "Translations",
      sectionLead:
        "A signature says how a score was computed, so that it can be compared with others' of the same signature "
        + "only. Samples stand at equal distances in the order of their own chrF, the best first.",
      parts: parts)
  }

  private static func isOfTranslation(_ metric: String) -> Bool { metric.hasPrefix("bleu") || metric.hasPrefix("chrf") }

  private func translations(_ system: ScoredSystem) throws(GraftError) -> [ReportPart] {
    guard let model = system.modelSystems.first else { return [] }
    let columns = system.columns().filter { Self.isOfTranslation($0.metric) }
    guard !columns.isEmpty else { return [] }
    var table = Table([.init("set"), .init("metric"), .init("score", .right), .init("signature")])
    for column in columns {
      let entries = system.entries(column, system: model)
      guard let score = entries.estimate() else { continue }
      table.append([
        "\(column.task) \(column.split)", column.metric, score.scoreText, entries.first?.signature ?? "–",
      ])
    }
    var parts: [ReportPart] = [
      .subtitle("Written by \(system.path)"),
      .table("Scores and signatures of \(system.name)", table, command: system.command),
    ]
    let answers = try system.answers()
    let scored = ScoredModel(system, context)
    var attention = AttentionSource(scored, context)
    for task in ScoredSystem.distinct(columns.map(\.task)) {
      let splits = columns.filter { $0.task == task }.map(\.split)
      guard
        let split = splits.first(where: { $0.hasPrefix("test") }) ?? splits.first,
        let set = answers.keys.first(where: { $0.task == task && $0.split == split }), let path = answers[set]?.first
      else { continue }
      let texts = try ExampleTexts(set, system, scored, context)
      if let note = texts.note { parts.append(.gap(note)) }
      let found = try samples(try PredictionsFile.read(path))
      if !found.isEmpty { parts.append(.subtitle("\(task) \(split): from the best to the worst")) }
      for (rank, sample) in found.enumerated() {
        let example = texts[sample.example.identifier]
        // One picture of where it looked is enough; the middle one is neither learned by heart nor lost.
        let isShown = rank == found.count / 2
        let map =
          isShown
          ? try example.flatMap { example throws(GraftError) in
            try alignment(example, sample.example.prediction, &attention)
          } : nil
        parts.append(.example(shown(sample, example, texts.fields, map, system)))
      }
    }
    if let note = attention.note { parts.append(.gap(note)) }
    return parts
  }

  private struct Sample {
    var example: AnsweredExample
    /// Of the one sentence.
    var chrF: Double
  }

  /// At equal distances in the order of their scores.
  private func samples(_ examples: [AnsweredExample]) throws(GraftError) -> [Sample] {
    var all: [(index: Int, sample: Sample)] = []
    for (index, example) in examples.enumerated() {
      let score = try order.score([example.answer], [example.reference])
      all.append((index, Sample(example: example, chrF: score.isFinite ? score : 0)))
    }
    all.sort { ($1.sample.chrF, $0.index) < ($0.sample.chrF, $1.index) }
    guard all.count > Self.samples else { return all.map(\.sample) }
    return (0..<Self.samples).map { all[$0 * (all.count - 1) / (Self.samples - 1)].sample }
  }

  private func alignment(
    _ example: Example, _ answer: String, _ attention: inout AttentionSource
  ) throws(GraftError) -> AlignmentMap? {
    guard let map = try attention.alignment(example.inputs, answer), map.written.count <= Self.longest,
      map.tokens.count <= 2 * Self.longest
    else { return nil }
    return map
  }

  private func shown(
    _ sample: Sample, _ example: Example?, _ fields: [String], _ map: AlignmentMap?, _ system: ScoredSystem
  ) -> ReportExample {
    let answered = sample.example
    var facts = fields.compactMap { name in example?.fields[name].map { ReportFact(name, $0) } }
    facts.append(ReportFact("written", answered.prediction.isEmpty ? "(nothing)" : answered.prediction))
    facts.append(ReportFact("reference", answered.target))
    facts += (answered.alternatives ?? []).map { ReportFact("or", $0) }
    if map != nil {
      facts.append(
        ReportFact(
          "alignment",
          "For each token written, what it looked at as it wrote: attention over the input, the mean over heads "
            + "and layers, tinted by the row's greatest."))
    }
    return ReportExample(
      place: "\(answered.identifier): chrF \(NumberText.fixed(sample.chrF, digits: 1))", fields: facts, choices: [],
      layers: map.map(ReportExample.Layer.rows) ?? [], exampleCommand: ShellCommand.words(system.command))
  }
}

extension ReportExample.Layer {
  /// A row for each token that was written.
  fileprivate static func rows(_ map: AlignmentMap) -> [ReportExample.Layer] {
    zip(map.written, map.weights).map { ReportExample.Layer($0, tokens: map.tokens, weights: $1) }
  }

  /// - Parameter name: what looked.
  init(_ name: String, tokens: [String], weights: [Double]) {
    let greatest = max(weights.max() ?? 0, .leastNormalMagnitude)
    func percent(_ weight: Double) -> String { NumberText.fixed(100 * weight, digits: 1) }
    let strongest = weights.indices.sorted { (-weights[$0], $0) < (-weights[$1], $1) }.prefix(5)
    layerName = name
    layerText = strongest.map { "“\(tokens[$0])” \(percent(weights[$0])) %" }.joined(separator: ", ")
    self.tokens = zip(tokens, weights).map { token, weight in
      ReportExample.Token(
        tokenText: token, tint: NumberText.fixed(weight / greatest, digits: 2), tokenShare: percent(weight))
    }
  }
}
