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

/// Where a model looks as it writes each token of an answer.
public struct AlignmentMap: Sendable, Hashable {
  /// What was read, in its order; a special token by its name.
  public var tokens: [String]
  /// What was written, the end among it.
  public var written: [String]
  /// For each token that was written the weights of those that were read, the mean over heads and layers.
  public var weights: [[Double]]
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
    let answers = model.backbone.answerer != nil
    let examples = inputs.map { input in
      codec.promptExample(codec.prompt(input), targets: answers ? [] : [codec.vocabulary.endOfSequence])
    }
    let passes = try passes(examples)
    var maps: [AttentionMap] = []
    for (index, pass) in passes.enumerated() {
      let layers = pass.layers.map { weights in pass.query.map { weights.mean(query: $0) } ?? weights.mean() }
      guard layers.joined().allSatisfy(\.isFinite) else {
        throw .notFinite("attention", of: ExampleNames().name(index, text: inputs[index]))
      }
      maps.append(AttentionMap(tokens: pass.keys.map(codec.shown), layers: layers))
    }
    return maps
  }

  /// Where every head looks.
  /// - Parameter example: as the model reads it.
  /// - Throws: as `maps`.
  func heads(_ example: TokenExample) throws(GraftError) -> HeadAttention {
    guard let pass = try passes([example]).first else { preconditionFailure("a pass without a result") }
    guard pass.layers.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      throw .notFinite("attention", of: "a text of \(pass.keys.count) tokens")
    }
    return HeadAttention(
      tokens: pass.keys.map(codec.shown), readers: pass.queries.map(codec.shown), reader: pass.query,
      layers: pass.layers)
  }

  /// Where a model that writes looks in an input for each token of an answer: an encoder-decoder by cross-attention,
  /// of a decoder what it gives to the prompt. The mean over all heads and layers is the plainest of alignments by
  /// attention.
  /// - Returns: nil for an input that fills the model's positions, so that nothing of the answer is left.
  /// - Throws: `.usage` for a model that writes no answers; `.internalError` for a weight that is not finite.
  public func alignment(input: String, answer: String) throws(GraftError) -> AlignmentMap? {
    _ = try model.generativeBackbone()
    let targets = codec.targetTokens(answer)
    guard let pass = try passes([codec.promptExample(codec.prompt(input), targets: targets)]).first,
      let start = pass.query, !pass.layers.isEmpty
    else { return nil }
    let readsItself = pass.keys == pass.queries
    let count = min(targets.count, pass.queries.count - start)
    // What a decoder reads of its own answer is not of the prompt; the position that begins it is the prompt's last.
    let keys = readsItself ? min(start + 1, pass.keys.count) : pass.keys.count
    guard count > 0, keys > 0 else { return nil }
    let weights = (0..<count).map { written in
      let layers = pass.layers.map { $0.mean(query: start + written) }
      return (0..<keys).map { key in layers.reduce(0) { $0 + $1[key] } / Double(layers.count) }
    }
    guard weights.joined().allSatisfy(\.isFinite) else { throw .notFinite("attention", of: "'\(input)'") }
    return AlignmentMap(
      tokens: pass.keys.prefix(keys).map(codec.shown), written: targets.prefix(count).map(codec.shown), weights: weights
    )
  }

  private func passes(_ examples: [TokenExample]) throws(GraftError) -> [Pass] {
    let read = try pass()
    let answers = model.backbone.answerer != nil
    let batches = examples.map { example in
      var example = example
      if answers, example.answer == nil { example.answer = Answer(head: 0, value: 0) }
      return converter.batch([example])
    }
    return zip(batches, try model.map(batches) { _, batch, tape in read(batch, tape) }).map { batch, found in
      let keys = batch.encoder.tokens.isEmpty ? batch.decoder.tokens : batch.encoder.tokens
      let queries = batch.decoder.tokens.isEmpty ? batch.encoder.tokens : batch.decoder.tokens
      return Pass(keys: keys, queries: queries, query: found.query, layers: found.layers)
    }
  }

  /// What the layers looked at, and from which position the answer is read; nil for the mean of all.
  private struct Reading: Codable, Sendable {
    var layers: [AttentionWeights]
    var query: Int?
  }

  private struct Pass {
    var keys, queries: [TokenID]
    var query: Int?
    var layers: [AttentionWeights]
  }

  /// A forward pass of a batch of one sequence.
  private func pass() throws(GraftError) -> @Sendable (_ batch: Batch, _ tape: Tape) -> Reading {
    if let backbone = model.backbone.answerer {
      return { batch, tape in
        let layers = tape.observingAttention { _ = backbone.answer(batch, recomputing: false, on: tape) }
        return switch backbone.pooling {
        case .first: Reading(layers: layers, query: 0)
        case .last: Reading(layers: layers, query: (layers.first?.queries ?? 1) - 1)
        case .mean: Reading(layers: layers, query: nil)
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
      guard memory == nil else { return Reading(layers: seen.filter { !$0.isCausal }, query: 0) }
      return Reading(layers: seen, query: batch.targets.firstIndex { $0 != Batch.ignored } ?? 0)
    }
  }
}

/// Where each head of a model looks.
public struct HeadAttention: Sendable, Hashable {
  /// What is looked at, in the order it is read; a special token by its name.
  public var tokens: [String]
  /// Who looks: the same tokens, or those that a decoder writes beside an encoder.
  public var readers: [String]
  /// The place among `readers` where the answer is read; nil where that is all of them.
  public var reader: Int?
  /// By layer, the lowest first; none in a family without attention.
  public var layers: [AttentionWeights]

  /// The weight that one head gives to each token as the answer is read; it sums up to 1.
  public func weights(layer: Int, head: Int) -> [Double] {
    let weights = layers[layer]
    let readers = reader.map { $0..<$0 + 1 } ?? 0..<weights.queries
    return (0..<weights.keys).map { key in
      readers.reduce(0) { $0 + Double(weights[head, $1, key]) } / Double(max(1, readers.count))
    }
  }
}

extension TextCodec {
  /// A token by itself; half a character has no text but its place in the vocabulary.
  func shown(_ id: TokenID) -> String {
    let text = tokenizer.decodeText([id])
    return text.isEmpty || text.contains("\u{FFFD}") ? tokenizer.token(id) : text
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
