import Records
import TaskRegistry

extension TextCodec {
  /// What a model with heads reads of an example, and is to answer.
  ///
  /// Worked example, end-of-sequence 1: a pair of texts [5 6] and [7] in the layout `segments` is the inputs [5 6 1 7 1],
  /// of which the second text begins at 3.
  public func example(
    _ example: Example, of task: TaskDefinition, in layout: TextLayout, answer: Answer
  ) -> TokenExample {
    guard layout == .segments else { return TokenExample(inputs: tokens(example.inputs), targets: [], answer: answer) }
    let texts = task.texts(of: example).map { tokens($0) }
    return TokenExample(
      inputs: Array(texts.joined()), targets: [], answer: answer, secondSegment: texts.count > 1 ? texts[0].count : nil)
  }
}
