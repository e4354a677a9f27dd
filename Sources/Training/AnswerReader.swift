import Corpus
import Examples
import ModelKit
import Support
import TaskRegistry

/// Reads the answers of a fine-tuned encoder off its heads.
struct AnswerReader: Sendable {
  private let model: ShardedModel
  private let backbone: any AnsweringBackbone
  private let codec: TextCodec
  private let converter: any LayoutConverter
  /// What is answered, for errors.
  var names = ExampleNames()

  /// Nil if the model has no heads.
  init?(model: ShardedModel, codec: TextCodec, lengths: SequenceLengths) {
    guard let backbone = model.backbone as? any AnsweringBackbone else { return nil }
    self.model = model
    self.backbone = backbone
    self.codec = codec
    converter = backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths)
  }

  /// - Throws: `.usage` if the model was not fine-tuned on the task, `.badData` if the task's choices have changed
  ///   since, `.internalError` naming an input with a score that is not finite.
  func predictions(inputs: [String], task: TaskDefinition) throws(GraftError) -> [Prediction] {
    let formats = backbone.configuration.answers ?? []
    guard let head = formats.firstIndex(where: { $0.task == task.name }) else {
      throw GraftError(
        .usage, "the model has no head for task '\(task.name)'",
        hint: "it was fine-tuned on \(formats.map(\.task).joined(separator: ", ")); `graft finetune --task"
          + " \(task.name)` adds a head.")
    }
    guard formats[head].choices == task.choices else {
      throw GraftError(
        .badData, "the model was trained on other choices of task '\(task.name)' than it has now")
    }
    let encoded = inputs.map { codec.tokens($0) }
    let groups = inputGroups(encoded)
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
        result[index] = task.choices.map { Prediction($0, scores: row) } ?? Prediction(text: "\(row[0])")
      }
    }
    return result
  }
}
