import Records
import TaskRegistry

extension TextCodec {
  /// What a model with heads reads of an example, and is to answer. In the layout `segments` its texts have the tokens
  /// around them that the tokenizer's own post-processor adds, of which batches bring the start token.
  ///
  /// Worked example, start token 0 and end-of-sequence 1: a pair of texts [5 6] and [7] in the layout `segments` is the
  /// inputs [5 6 1 7 1], of which the second text begins at 3; where the post-processor is RoBERTa's, [5 6 1 1 7 1].
  public func example(
    _ example: Example, of task: TaskDefinition, in layout: TextLayout, answer: Answer
  ) -> TokenExample {
    guard layout == .segments else { return TokenExample(inputs: tokens(example.inputs), targets: [], answer: answer) }
    let texts = task.texts(of: example).map(encode)
    let (first, second) = (texts[0], texts.count > 1 ? texts[1] : nil)
    let around = tokenizer.postProcessor.applied(to: first, second).tokens
    let inputs =
      around.first == vocabulary.start && around.last == vocabulary.endOfSequence
      ? Array(around.dropFirst())
      : first + [vocabulary.endOfSequence] + (second.map { $0 + [vocabulary.endOfSequence] } ?? [])
    return TokenExample(
      inputs: inputs, targets: [], answer: answer, secondSegment: second == nil ? nil : first.count + 1)
  }
}
