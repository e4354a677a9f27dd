import Autograd
import ModelKit
import Records

/// BERT (Devlin et al. 2019) as it is pretrained: its encoder and a transformation before the output embedding, which
/// is tied unless the sizes say otherwise. With `embeddingWidth` it is ELECTRA's generator.
struct BERTBackbone: TokenPredictor {
  let configuration: ModelConfiguration
  let traits: ModelTraits
  var tokenEmbedding: Parameter { encoder.tokenEmbedding }
  let nextSentenceHead: AnswerHead?
  private let encoder: BERTEncoder
  private let vocabularyHead: VocabularyHead

  init(_ sizes: BERT, _ configuration: ModelConfiguration, _ encoder: BERTEncoder, in scope: ParameterScope) {
    self.configuration = configuration
    self.encoder = encoder
    traits = sizes.traits(configuration)
    let blocks = sizes.encoder.blocks
    let initializer = sizes.encoder.initializer
    let entering = encoder.tokenEmbedding
    let scopeOfHead = scope.head("vocabulary_head")
    let leaving = blocks.outputEmbedding(entering, initializer, in: scopeOfHead)
    vocabularyHead = VocabularyHead(
      embedding: leaving, width: blocks.width, activation: blocks.activation, epsilon: blocks.epsilon,
      initializer: initializer, in: scopeOfHead)
    nextSentenceHead =
      sizes.predictsNextSentences
      ? AnswerHead(
        AnswerFormat(task: "next-sentence", choices: ["next", "other"]), width: blocks.width,
        activation: .tanh, dropout: 0, initializer: initializer, in: scope.head("next_sentence"))
      : nil
  }

  func forward(
    _ batch: Batch, following state: (any CarriedState)?, recomputing: Bool, on tape: Tape
  ) -> BackboneOutput {
    precondition(state == nil, "an encoder keeps nothing of what it has read")
    let (hidden, rows) = encoder.read(batch, recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: vocabularyHead)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    encoder.forwardOperations(batch) + Double(batch.targetCount) * vocabularyHead.operations
      + (nextSentenceHead.map { $0.operations * Double(batch.answers.count) } ?? 0)
  }
}
