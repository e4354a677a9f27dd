import Autograd
import ModelKit
import Records

/// A recurrent encoder-decoder. Each layer of the decoder begins with what the encoder's layer of the same height,
/// counted from the top, ended with (Luong et al. 2015), and with zeros where there is none; of a bidirectional layer
/// both directions have half the width, and stand side by side (as in OpenNMT, Klein et al. 2017). Dropout is that of
/// embeddings, between layers and of the last states (Zaremba et al. 2014).
struct Seq2SeqBackbone: GenerativeBackbone {
  let configuration: ModelConfiguration
  let traits: ModelTraits
  let tokenEmbedding: Parameter
  private let outputEmbedding: Parameter
  /// The directions of each layer.
  private let encoder: [[RecurrentWeights]]
  private let decoder: [RecurrentWeights]
  /// Nil where the decoder has what the encoder ended with, and nothing else.
  private let attention: GlobalAttention?

  private var dropout: Double { configuration.dropout }

  init(_ sizes: Seq2Seq, _ configuration: ModelConfiguration, in scope: ParameterScope) {
    self.configuration = configuration
    traits = sizes.traits(configuration)
    let width = sizes.width
    func embedding(_ scope: ParameterScope, _ role: ParameterRole) -> Parameter {
      scope.matrix(
        "weight", rows: configuration.vocabularySize, columns: width, role: role, .normal(standardDeviation: 0.05))
    }
    tokenEmbedding = embedding(scope("embedding"), .embedding)
    let directions = sizes.isBidirectional ? ["forward", "backward"] : ["forward"]
    encoder = (0..<sizes.encoderLayers).map { layer in
      directions.map {
        sizes.cell.weights(
          inputs: width, width: width / directions.count, in: scope("encoder").block(layer)($0))
      }
    }
    decoder = (0..<sizes.decoderLayers).map {
      sizes.cell.weights(inputs: width, width: width, in: scope("decoder").block($0))
    }
    attention =
      sizes.attention == .none ? nil : GlobalAttention(sizes.attention, width: width, in: scope("attention"))
    outputEmbedding = sizes.isTied ? tokenEmbedding : embedding(scope.head("output_embedding"), .head)
  }

  /// The states of the encoder's last layer, with attention as its memory, and what all its layers end with.
  func encode(_ sequences: TokenSequences, recomputing: Bool, on tape: Tape) -> EncodedInputs? {
    let rows = SequenceRows(sequences)
    var x = embedded(rows, on: tape)
    tape.show(x, rows, as: "embedding")
    var ends: [[Tensor]] = []
    for (index, directions) in encoder.enumerated() {
      let input = x
      let isLast = index == encoder.count - 1
      func read() -> [Tensor] {
        let (states, end) = tape.inLayer("\(index)") { layer(input, rows, directions, on: tape) }
        return [isLast ? states : dropped(states, on: tape)] + end
      }
      let outputs: [Tensor] = recomputing ? tape.recomputed([input], read) : read()
      x = outputs[0]
      tape.show(x, rows, as: "\(index)")
      ends.append(Array(outputs.dropFirst()))
    }
    return EncodedInputs(states: attention?.memory(of: x, on: tape) ?? x, rows: rows, ends: ends)
  }

  /// A layer of the encoder. Gradients of the states and of the end are f32.
  private func layer(
    _ x: Tensor, _ rows: SequenceRows, _ directions: [RecurrentWeights], on tape: Tape
  ) -> (states: Tensor, end: [Tensor]) {
    let scans = directions.enumerated().map { index, weights in
      tape.inLayer(index > 0 ? "backward" : "forward") { tape.recurrent(x, rows, weights, reversed: index > 0) }
    }
    let parts = scans[0].end.indices.map { part in tape.joined(scans.map { $0.end[part] }, shared: true) }
    return (tape.joined(scans.map(\.states), shared: true), parts)
  }

  func makeState(sequences: Int, rowsPerSequence: Int) -> any SequenceState {
    Seq2SeqState(sequences: sequences, parts: decoder.map { $0.cell.stateParts(width: $0.width) })
  }

  func decode(
    _ sequences: TokenSequences, memory: EncodedInputs?, state kept: (any SequenceState)?, recomputing: Bool,
    on tape: Tape
  ) -> BackboneOutput {
    guard let memory else { preconditionFailure("a recurrent decoder without what its encoder ended with") }
    let state = kept?.own(Seq2SeqState.self)
    let rows = SequenceRows(sequences, following: state)
    var x = embedded(rows, on: tape)
    for (index, weights) in decoder.enumerated() {
      let input = x
      let isLast = index == decoder.count - 1
      let start = start(of: index, memory, state, on: tape)
      func read() -> Tensor {
        let (states, end) = tape.recurrent(input, rows, weights, from: start, shared: isLast)
        // What is computed again in the backward pass ends with the same.
        state?.layers.keep(end, layer: index)
        return isLast ? states : dropped(states, on: tape)
      }
      x = recomputing ? tape.recomputed([input] + (start ?? []), read) : read()
    }
    state?.advance(by: rows.lengths)
    if let attention { x = attention(x, rows, over: memory, sources: state?.sources, on: tape) }
    return BackboneOutput(
      hidden: dropped(x, on: tape), rows: rows, vocabularyHead: VocabularyHead(embedding: outputEmbedding))
  }

  /// What a layer of the decoder begins with; nil for zeros.
  private func start(
    of layer: Int, _ memory: EncodedInputs, _ state: Seq2SeqState?, on tape: Tape
  ) -> [Tensor]? {
    if let state, state.hasBegun { return state.layers.state(layer: layer, on: tape) }
    let below = layer + memory.ends.count - decoder.count
    return below >= 0 ? memory.ends[below] : nil
  }

  /// The embeddings in the operand type.
  private func embedded(_ rows: SequenceRows, on tape: Tape) -> Tensor {
    tape.narrowed(tape.dropout(tape.embed(rows, tokenEmbedding), dropout))
  }

  /// Dropout is computed in f32.
  private func dropped(_ states: Tensor, on tape: Tape) -> Tensor {
    guard tape.isTraining, dropout > 0 else { return states }
    return tape.narrowed(tape.dropout(tape.widened(states), dropout))
  }

  func forwardOperations(_ batch: Batch) -> Double {
    func weights(_ layers: [RecurrentWeights]) -> Double {
      Double(layers.reduce(0) { $0 + $1.input.count + $1.recurrent.count })
    }
    return 2 * Double(batch.encoder.tokens.count) * weights(encoder.flatMap { $0 })
      + 2 * Double(batch.decoder.tokens.count) * weights(decoder)
      + (attention?.operations(batch.decoder.lengths, over: batch.encoder.lengths) ?? 0)
      + 2 * Double(batch.targetCount) * Double(outputEmbedding.count)
  }
}
