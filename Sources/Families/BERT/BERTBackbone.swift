import Autograd
import ModelKit
import Records
import Support

/// BERT (Devlin et al. 2019) as it is pretrained: its encoder and a transformation before the output embedding, which
/// is tied unless the configuration says otherwise.
/// With `embeddingWidth` it is ELECTRA's generator.
public struct BERTBackbone: NextSentencePredictor {
  public var configuration: TransformerConfiguration { encoder.configuration }
  public let layout = BatchLayout.encoder
  public var tokenEmbedding: Parameter { encoder.embeddings.tokens }
  private let encoder: BERTEncoder
  private let vocabularyHead: VocabularyHead
  public let nextSentenceHead: AnswerHead?

  public init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError) {
    try self.init(configuration, sharing: nil, in: scope)
  }

  init(
    _ configuration: TransformerConfiguration, sharing embeddings: BERTEncoder.Embeddings?,
    in scope: ParameterScope
  ) throws(GraftError) {
    encoder = try BERTEncoder(configuration, sharing: embeddings, in: scope)
    let entering = encoder.embeddings.tokens
    let leaving =
      configuration.tied
      ? entering
      : scope("vocabulary_head")("output_embedding").matrix(
        "weight", rows: entering.rows, columns: entering.columns, role: .head, configuration.initializer)
    vocabularyHead = VocabularyHead(
      embedding: leaving, width: configuration.width, activation: configuration.activation,
      epsilon: configuration.epsilon, initializer: configuration.initializer, in: scope("vocabulary_head"))
    nextSentenceHead =
      configuration.nextSentence == true
      ? AnswerHead(
        AnswerFormat(task: "next-sentence", choices: ["next", "other"]), width: configuration.width,
        activation: .tanh, dropout: 0, initializer: configuration.initializer, in: scope("next_sentence"))
      : nil
  }

  public func forward(_ batch: Batch, recomputing: Bool, on tape: Tape) -> BackboneOutput {
    let (hidden, rows) = encoder(batch.encoder, recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: vocabularyHead)
  }

  public func forwardOperations(_ batch: Batch) -> Double {
    encoder.operations(batch.encoder) + Double(batch.targetCount) * vocabularyHead.operations
      + (nextSentenceHead.map { $0.operations * Double(batch.answers.count) } ?? 0)
  }
}
