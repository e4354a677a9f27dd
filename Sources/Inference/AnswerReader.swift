import Corpus
import ModelKit
import Records
import Support
import TaskRegistry

/// Reads the answers of a model with heads.
struct AnswerReader: Sendable {
  private let model: ShardedModel
  private let backbone: HeadedModel
  private let codec: TextCodec
  private let converter: any LayoutConverter
  private let labels: [String]?
  private let layout: TextLayout
  /// What is answered, for errors.
  var names = ExampleNames()

  /// Nil if the model has no heads.
  /// - Parameters:
  ///   - layout: how examples are put to it.
  ///   - labels: what the outputs of its one head stand for, if not what the model itself says.
  init?(
    model: ShardedModel, codec: TextCodec, lengths: SequenceLengths, layout: TextLayout = .prompt,
    labels: [String]? = nil
  ) {
    guard let backbone = model.backbone.answerer else { return nil }
    self.model = model
    self.backbone = backbone
    self.codec = codec
    self.labels = labels
    self.layout = layout
    converter = backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths)
  }

  /// - Throws: `.usage` if the model was not fine-tuned on the task, `.badData` if its labels are not the task's
  ///   choices,
  ///   `.internalError` naming an input with a score that is not finite.
  func predictions(_ examples: [Example], task: TaskDefinition) throws(GraftError) -> [Prediction] {
    let (head, order) = try choice.head(for: task)
    let encoded = examples.map { tokens($0, task, head: head) }
    let groups = inputGroups(encoded.map(\.inputs), of: model.textsAtOnce)
    let batches = groups.map { group in converter.batch(group.map { encoded[$0] }) }
    let backbone = backbone
    let scores = try model.map(batches) { _, batch, tape in
      backbone.answer(batch, recomputing: false, on: tape).scores(head, on: tape)
    }
    var result = [Prediction](repeating: Prediction(text: ""), count: examples.count)
    for (group, rows) in zip(groups, scores) {
      for (index, row) in zip(group, rows) {
        guard row.allSatisfy(\.isFinite) else {
          throw .notFinite("score", of: names.name(index, text: examples[index].inputs))
        }
        result[index] =
          task.choices.map { choices in Prediction(choices, scores: order.map { row[$0] }) }
          ?? Prediction(text: "\(row[0])")
      }
    }
    return result
  }

  /// How many tokens an example has, the start token aside.
  func length(_ example: Example, task: TaskDefinition) -> Int {
    tokens(example, task, head: choice.index(for: task) ?? 0).inputs.count
  }

  /// What the model reads of an example.
  func tokens(_ example: Example, _ task: TaskDefinition, head: Int) -> TokenExample {
    let layout = formats.indices.contains(head) ? formats[head].layout(or: layout) : layout
    return codec.example(example, of: task, in: layout, answer: Answer(head: head, value: 0))
  }

  private var formats: [AnswerFormat] { backbone.configuration.answers ?? [] }
  private var choice: HeadChoice { HeadChoice(formats, labels: labels) }
}
