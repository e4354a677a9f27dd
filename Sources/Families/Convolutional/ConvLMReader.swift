import Autograd
import ModelKit
import Records

/// A token embedding, blocks of gated convolutions and a final norm, with dropout of embeddings and branches.
struct ConvLMReader: FixedStateReader {
  /// As small as GPT's: of larger ones that are tied to the output every token predicts itself at first, behind a norm.
  static var embedding: Initializer { .normal(standardDeviation: 0.02) }

  let tokenEmbedding: Parameter
  private let blocks: [ConvolutionBlock]
  private let finalNorm: Normalization
  private let dropout: Double

  init(_ sizes: ConvLM, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    let dropout = configuration.dropout
    self.dropout = dropout
    tokenEmbedding = scope("embedding").matrix(
      "weight", rows: configuration.vocabularySize, columns: sizes.width, role: .embedding, Self.embedding)
    let scopeOfDecoder = scope("decoder")
    // Residual branches start smaller the more of them are summed.
    let factor = 1 / Double(sizes.layers).squareRoot()
    blocks = (0..<sizes.layers).map {
      ConvolutionBlock(sizes, dropout: dropout, factor: factor, in: scopeOfDecoder.block($0))
    }
    finalNorm = Normalization(.layer, width: sizes.width, epsilon: sizes.epsilon, in: scopeOfDecoder("final_norm"))
  }

  func states(
    _ sequences: TokenSequences, state kept: (any SequenceState)?, recomputing: Bool, on tape: Tape
  ) -> (hidden: Tensor, rows: SequenceRows) {
    let (x, rows) = stream(
      sequences, through: blocks, dropout: dropout, state: kept, recomputing: recomputing, on: tape)
    return (finalNorm(x, on: tape), rows)
  }

  var stateParts: [[RecurrentStatePart]] { blocks.map(\.stateParts) }

  func forwardOperations(_ batch: Batch) -> Double {
    2 * Double(batch.decoder.tokens.count) * Double(blocks.reduce(0) { $0 + $1.multipliedWeights })
  }
}
