import Autograd
import Compute
import Corpus
import Families
import ModelKit
import Records
import Support
import TaskRegistry

/// A model that is opened once and asked one thing after another.
public struct OpenModel: Sendable {
  /// What a model is given for an example.
  public struct Prompt: Sendable, Hashable {
    /// As text; what a model reads in segments has no other form than its tokens.
    public var text: String
    /// In the order they are read, special ones by name.
    public var tokens: [String]
    /// Whether the model sees a part only.
    public var isCut: Bool
  }

  private let answerer: TaskAnswerer

  /// A model with its parameters.
  public init(model: ShardedModel, codec: TextCodec, lengths: SequenceLengths) {
    answerer = TaskAnswerer(model: model, codec: codec, lengths: lengths)
  }

  /// - Parameters:
  ///   - path: a checkpoint, run directory or folder of transformers, or the name of a model that comes with Graft.
  ///   - lengths: how long texts were in training; nil if that is not known.
  /// - Throws: as `ModelFolder.open`; `.usage` for lengths that the model does not have.
  public init(
    opening path: String, lengths: SequenceLengths? = nil, precision: Precision = .f32, shardCount: Int
  ) throws(GraftError) {
    answerer = try TaskAnswerer(
      opening: path, base: nil, AnswerOptions(), inputLength: lengths?.inputs,
      targetLength: lengths?.targets ?? SequenceLengths.standard.targets, precision: precision, shardCount: shardCount,
      readers: Alone())
  }

  /// What the model was made from.
  public var configuration: ModelConfiguration { answerer.model.backbone.configuration }
  /// What its family says of it.
  public var traits: ModelTraits { answerer.model.backbone.traits }
  /// How many numbers were trained.
  public var parameterCount: Int { answerer.model.store.count }
  /// Whether it can go on with a text, or answer one in words.
  public var writes: Bool { answerer.model.backbone.writer != nil }

  /// What the model answers to examples put as those of `task`.
  /// - Throws: as `Evaluator.predictions`.
  public func predictions(_ examples: [Example], task: TaskDefinition) throws(GraftError) -> [Prediction] {
    try answerer.predictions(examples, task: task)
  }

  /// What the model reads of an example.
  public func prompt(of example: Example, task: TaskDefinition) -> Prompt {
    let read = answerer.readExample(example, task: task)
    let batch = converter.batch([read])
    let tokens = batch.encoder.tokens.isEmpty ? batch.decoder.tokens : batch.encoder.tokens
    return Prompt(
      text: example.candidates?.first?.inputs ?? example.inputs, tokens: tokens.map(answerer.codec.shown),
      isCut: answerer.cutCount([example], task: task) > 0)
  }

  private var converter: any LayoutConverter {
    answerer.model.backbone.layout.converter(vocabulary: answerer.codec.vocabulary, lengths: answerer.lengths)
  }

  /// Where the model looks as it answers an example.
  /// - Throws: as `AttentionReader.maps`.
  public func attention(of example: Example, task: TaskDefinition) throws(GraftError) -> HeadAttention {
    try attentionReader.heads(answerer.readExample(example, task: task))
  }

  private var attentionReader: AttentionReader {
    AttentionReader(model: answerer.model, codec: answerer.codec, lengths: answerer.lengths)
  }

  /// Where the model looks as it goes on with a text.
  /// - Throws: as `AttentionReader.maps`; `.usage` for a text that exceeds the model's positions.
  public func attention(after text: String, _ taken: [TokenID]) throws(GraftError) -> HeadAttention {
    let continuer = try continuer()
    let prompt = continuer.prompt(text)
    // An encoder reads the prompt alone.
    let read = continuer.readsApart ? prompt : prompt + taken
    let example = try codec().promptExample(read, targets: [continuer.end])
    guard continuer.room(after: prompt) > taken.count else {
      throw GraftError(.usage, "the text exceeds the model's positions", hint: "give a shorter one.")
    }
    let lengths = SequenceLengths(inputs: 1 + example.inputs.count, targets: 2)
    return try AttentionReader(model: answerer.model, codec: answerer.codec, lengths: lengths).heads(example)
  }

  /// What goes on with texts as the model was trained to.
  /// - Throws: `.usage` for a model that cannot write.
  public func continuer() throws(GraftError) -> TextContinuer {
    try TextContinuer(model: answerer.model, codec: codec())
  }

  private func codec() throws(GraftError) -> TextCodec { try answerer.codec.laidOut(for: configuration, nil) }
}
