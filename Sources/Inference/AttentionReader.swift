import Autograd
import Corpus
import ModelKit
import Records
import Support

/// How strongly a model looks at each token it reads as it begins its answer.
public struct AttentionMap: Sendable, Hashable {
  /// What each token stands for, in the order they are read; a special token by its name.
  public var tokens: [String]
  /// By layer, the lowest first: the weight of each token, the mean over the heads, which sums up to 1.
  public var layers: [[Double]]
}

/// Reads attention off a model: of an encoder-decoder the cross-attention of the first position that is answered over
/// the input, of a decoder the attention of the prompt's last position, which predicts the answer's first token, and of
/// an encoder that of the first position, where its answer is read.
///
/// Weights of attention are no explanation of an answer: quite other weights can lead to the same one (Jain and Wallace
/// 2019, "Attention is not Explanation").
public struct AttentionReader: Sendable {
  private let model: ShardedModel
  private let codec: TextCodec
  private let converter: any LayoutConverter

  public init(model: ShardedModel, codec: TextCodec, lengths: SequenceLengths) {
    self.model = model
    self.codec = codec
    converter = model.backbone.layout.converter(vocabulary: codec.vocabulary, lengths: lengths)
  }

  /// A map for every input.
  /// - Throws: `.usage` for a model that gives no answers; `.internalError` naming an input with a weight that is not
  ///   finite.
  public func maps(inputs: [String]) throws(GraftError) -> [AttentionMap] {
    let read = try pass()
    let answers = model.backbone.answerer != nil
    let batches = inputs.map { input in
      var example = codec.promptExample(
        codec.prompt(input), targets: answers ? [] : [codec.vocabulary.endOfSequence])
      if answers { example.answer = Answer(head: 0, value: 0) }
      return converter.batch([example])
    }
    let layers = try model.map(batches) { _, batch, tape in read(batch, tape) }
    for (index, layers) in layers.enumerated() where !layers.joined().allSatisfy(\.isFinite) {
      throw .notFinite("attention", of: ExampleNames().name(index, text: inputs[index]))
    }
    return zip(batches, layers).map { batch, layers in
      let sequence = batch.encoder.tokens.isEmpty ? batch.decoder.tokens : batch.encoder.tokens
      return AttentionMap(tokens: sequence.map(text), layers: layers)
    }
  }

  /// A forward pass of a batch of one sequence, and what its layers looked at.
  private func pass() throws(GraftError) -> @Sendable (_ batch: Batch, _ tape: Tape) -> [[Double]] {
    if let backbone = model.backbone.answerer {
      return { batch, tape in
        tape.observingAttention { _ = backbone.answer(batch, recomputing: false, on: tape) }
          .map { weights in
            switch backbone.pooling {
            case .first: weights.mean(query: 0)
            case .last: weights.mean(query: weights.queries - 1)
            case .mean: weights.mean()
            }
          }
      }
    }
    let backbone = try model.generativeBackbone()
    return { batch, tape in
      let memory = backbone.encode(batch.encoder, recomputing: false, on: tape)
      let seen = tape.observingAttention {
        _ = backbone.decode(batch.decoder, memory: memory, recomputing: false, on: tape)
      }
      // Over an encoder's states a decoder's attention is not causal, over itself it is.
      guard memory == nil else { return seen.filter { !$0.isCausal }.map { $0.mean(query: 0) } }
      let first = batch.targets.firstIndex { $0 != Batch.ignored } ?? 0
      return seen.map { $0.mean(query: first) }
    }
  }

  /// A token by itself; half a character has no text but its place in the vocabulary.
  private func text(_ id: TokenID) -> String {
    let text = codec.tokenizer.decodeText([id])
    return text.isEmpty || text.contains("\u{FFFD}") ? codec.tokenizer.token(id) : text
  }
}

extension Tape {
  /// The weights of the attention operations of `body`.
  fileprivate func observingAttention(_ body: () -> Void) -> [AttentionWeights] {
    var seen: [AttentionWeights] = []
    attentionObserver = { seen.append($0) }
    defer { attentionObserver = nil }
    body()
    return seen
  }
}
