import Corpus
import Foundation
import Inference
import Records
import Reporting
import StressTesting
import Support
import TaskRegistry

/// What a model was surest of and wrong about, and where it looked.
struct WorstExamplesSection {
  private let material: ReportMaterial
  private let context: ReportContext

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  func section() throws(GraftError) -> ReportSection {
    var parts: [ReportPart] = []
    for system in material.systems { parts += try examples(of: system) }
    return ReportSection(
      anchor: "worst", sectionTitle: "Worst examples",
      sectionLead:
        "Answers that are wrong and that the model gave the most probability. Tints show where it "
        + "looked as it began its answer. That is no explanation of the answer: quite other weights of "
        + "attention can lead to the same one (Jain and Wallace 2019).",
      parts: parts,
      ifEmpty: context.worst == 0
        ? "Left out by `worst:` 0."
        : "No answers with probabilities: `graft finetune`, and `graft evaluate --json FILE`, keep "
          + "those of tasks whose choices are ranked.")
  }

  /// A wrong answer with its probability.
  private struct Wrong {
    var example: AnsweredExample
    var probabilities: [Double]
    var confidence: Double

    /// The choice that the right answer is; nil where the answers are other words than the choices.
    /// - Parameter names: of the choices, if they are known.
    func right(among names: [String]?) -> Int? {
      guard let names else {
        return example.choice == probabilities.firstIndex(of: confidence) ? example.rightChoice : nil
      }
      if let right = example.rightChoice, names.indices.contains(right),
        names[right].isExactly(example.target)
      {
        return right
      }
      return names.exactIndex(of: example.target)
    }
  }

  private func examples(of system: ScoredSystem) throws(GraftError) -> [ReportPart] {
    guard context.worst > 0 else { return [] }
    var groups: [(title: String, parts: [ReportPart])] = []
    let answers = try system.answers()
    let model = ScoredModel(system, context)
    var attention = AttentionSource(model, context)
    var hasMaps = false
    // One split of a task is enough: the test split, else the first.
    let order = ScoredSystem.distinct(
      system.file.results.map { [$0.task, $0.split] } + answers.keys.sorted().map { [$0.task, $0.split] })
    for task in ScoredSystem.distinct(order.map { $0[0] }) {
      let sets = order.compactMap { name in
        answers.keys.first { $0.task == task && [$0.task, $0.split] == name }
      }
      guard let set = sets.first(where: { $0.split == "test" }) ?? sets.first,
        let path = answers[set]?.first
      else { continue }
      let wrong = worst(try PredictionsFile.read(path))
      guard !wrong.isEmpty else { continue }
      let texts = try ExampleTexts(set, system, model, context)
      var parts: [ReportPart] = texts.note.map { [.gap($0)] } ?? []
      let found = wrong.map { texts[$0.example.identifier] }
      let maps = try attention.maps(found.map { $0?.inputs })
      hasMaps = hasMaps || maps.contains { $0 != nil }
      for (index, one) in wrong.enumerated() {
        parts.append(.example(shown(one, found[index], texts, maps[index], system)))
      }
      let seed = (answers[set]?.count ?? 0) > 1 ? ", first of \(answers[set]?.count ?? 0) seeds" : ""
      groups.append(("\(set.task) \(set.split)\(seed)", parts))
    }
    guard !groups.isEmpty else { return [] }
    var parts: [ReportPart] = [.subtitle("Surest and wrong: \(system.path)")]
    if let note = attention.note { parts.append(.gap(note)) }
    if let source = attention.source, hasMaps { parts.append(.paragraph(source)) }
    for (index, group) in groups.enumerated() {
      if index == 0 {
        parts += [.subtitle(group.title)] + group.parts
      } else {
        parts.append(.fold(group.title, group.parts))
      }
    }
    return parts
  }

  private func worst(_ examples: [AnsweredExample]) -> [Wrong] {
    let wrong = examples.compactMap { example -> Wrong? in
      guard let right = example.rightChoice, let choice = example.choice, choice != right,
        let probabilities = Probabilities.of(example.answer),
        let confidence = probabilities.max()
      else { return nil }
      return Wrong(example: example, probabilities: probabilities, confidence: confidence)
    }
    // Of equally sure ones the earlier: a sort by itself does not keep the order.
    return wrong.enumerated().sorted {
      ($1.element.confidence, $0.offset) < ($0.element.confidence, $1.offset)
    }
    .prefix(context.worst).map(\.element)
  }

  private func shown(
    _ wrong: Wrong, _ example: Example?, _ texts: ExampleTexts, _ map: AttentionMap?, _ system: ScoredSystem
  ) -> ReportExample {
    let answered = wrong.example
    var fields = texts.fields.compactMap { name in
      example?.fields[name].map { ReportFact(name, $0) }
    }
    // The tinted tokens are the prompt.
    if let example, map == nil { fields.append(ReportFact("prompt", example.inputs)) }
    let names = example?.candidates?.map(\.targets) ?? texts.choices
    // A suite may have other labels than the task, whose choices the probabilities are of.
    let chosen = wrong.probabilities.firstIndex(of: wrong.confidence)
    let right = wrong.right(among: names)
    if right == nil { fields.append(ReportFact("right answer", answered.target)) }
    let shares = wrong.probabilities.enumerated().map { index, probability -> ReportExample.Choice in
      let name =
        index == chosen
        ? answered.prediction
        : index == right ? answered.target : names.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      return ReportExample.Choice(
        choiceName: name ?? "choice \(index + 1)",
        choiceShare: NumberText.fixed(100 * probability, digits: 1),
        choiceRole: index == chosen ? "answered" : index == right ? "right" : "")
    }
    return ReportExample(
      place: answered.identifier, fields: fields, choices: shares,
      layers: map.map(layers) ?? [], exampleCommand: ShellCommand.words(system.command))
  }

  private func layers(_ map: AttentionMap) -> [ReportExample.Layer] {
    map.layers.enumerated().map { ReportExample.Layer("layer \($0 + 1)", tokens: map.tokens, weights: $1) }
  }
}
