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
  /// What is answered, for errors.
  var names = ExampleNames()

  /// Nil if the model has no heads.
  /// - Parameter labels: what the outputs of its one head stand for, if not what the model itself says.
  init?(model: ShardedModel, codec: TextCodec, lengths: SequenceLengths, labels: [String]? = nil) {
    guard let backbone = model.backbone.answerer else { return nil }
    self.model = model
    self.backbone = backbone
    self.codec = codec
    self.labels = labels
    converter = backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths)
  }

  /// - Throws: `.usage` if the model was not fine-tuned on the task, `.badData` if its labels are not the task's
  ///   choices,
  ///   `.internalError` naming an input with a score that is not finite.
  func predictions(inputs: [String], task: TaskDefinition) throws(GraftError) -> [Prediction] {
    let (head, order) = try HeadChoice(backbone.configuration.answers ?? [], labels: labels).head(for: task)
    let encoded = inputs.map { codec.tokens($0) }
    let groups = inputGroups(encoded, of: model.textsAtOnce)
    let batches = groups.map { group in
      converter.batch(
        group.map { TokenExample(inputs: encoded[$0], targets: [], answer: Answer(head: head, value: 0)) })
    }
    let backbone = backbone
    let scores = try model.map(batches) { _, batch, tape in
      backbone.answer(batch, recomputing: false, on: tape).scores(head, on: tape)
    }
    var result = [Prediction](repeating: Prediction(text: ""), count: inputs.count)
    for (group, rows) in zip(groups, scores) {
      for (index, row) in zip(group, rows) {
        guard row.allSatisfy(\.isFinite) else {
          throw .notFinite("score", of: names.name(index, text: inputs[index]))
        }
        result[index] =
          task.choices.map { choices in Prediction(choices, scores: order.map { row[$0] }) }
          ?? Prediction(text: "\(row[0])")
      }
    }
    return result
  }
}
