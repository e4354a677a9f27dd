import Autograd
import ModelKit
import Records
import Support

/// BART (Lewis et al. 2020): an encoder-decoder with LayerNorm behind its branches, biases, and learned positions in
/// each stack; one embedding for both stacks and the output. Marian has sinusoidal positions.
struct BARTBackbone: GenerativeBackbone {
  let configuration: ModelConfiguration
  let traits: ModelTraits
  var tokenEmbedding: Parameter { reader.tokenEmbedding }
  private let reader: BARTReader
  private let head: VocabularyHead

  init(_ sizes: BART, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    self.configuration = configuration
    traits = sizes.traits(configuration)
    reader = BARTReader(sizes, configuration, in: scope)
    // As transformers has it, with a row.
    let bias =
      sizes.hasOutputBias
      ? scope.head("output").matrix(
        "bias", rows: 1, columns: configuration.vocabularySize, role: .bias, .constant(0)) : nil
    head = VocabularyHead(embedding: reader.tokenEmbedding, fixedBias: bias)
  }

  func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape) -> EncodedInputs? {
    reader.encode(sequences, recomputing: recomputing, on: tape)
  }

  func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, state: (any SequenceState)?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    let rows = SequenceRows(sequences, following: state)
    let hidden = reader.decode(rows, memory: memory, state: state, recomputing: recomputing, on: tape)
    return BackboneOutput(hidden: hidden, rows: rows, vocabularyHead: head)
  }

  func forwardOperations(_ batch: Batch) -> Double {
    reader.operations(batch.decoder, over: batch.encoder) + Double(batch.targetCount) * head.operations
  }
}
