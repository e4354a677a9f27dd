import Autograd
import ModelKit
import Records
import Support

/// An encoder as it is fine-tuned: the heads of its tasks stand in place of those of pretraining.
struct AnsweringEncoder: AnsweringBackbone {
  var configuration: TransformerConfiguration { encoder.configuration }
  let layout = BatchLayout.encoder
  var tokenEmbedding: Parameter { encoder.embeddings.tokens }
  private let encoder: BERTEncoder
  private let heads: [AnswerHead]

  init(_ configuration: TransformerConfiguration, in scope: ParameterScope) throws(GraftError) {
    encoder = try BERTEncoder(configuration, in: scope)
    heads = (configuration.answers ?? []).map { format in
      AnswerHead(
        format, width: configuration.width, activation: configuration.family == "bert" ? .tanh : .exactGELU,
        dropout: configuration.dropout, initializer: configuration.initializer,
        in: scope("answers")(format.task))
    }
  }

  func answer(_ batch: Batch, recomputing: Bool, on tape: Tape) -> AnswerOutput {
    let (hidden, rows) = encoder(batch.encoder, recomputing: recomputing, on: tape)
    return AnswerOutput(hidden: hidden, rows: rows, heads: heads)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    encoder.operations(batch.encoder)
      + batch.answers.reduce(0) { $0 + heads[$1.head].operations }
  }
}
