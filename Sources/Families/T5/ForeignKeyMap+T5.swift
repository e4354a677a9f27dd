import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' T5 (v1.0 and v1.1).
  /// - Parameters:
  ///   - isGated: v1.1's feed-forward, whose `wi_0` goes through GELU (our gate) and `wi_1` does not.
  ///   - isTied: whether the output embedding is the input embedding, as in v1.0.
  ///   - hasOwnBiases: whether every layer has a table for relative positions, as in UMT5.
  ///   - outputMayBeShared: whether an output embedding of its own that the file lacks is read from the shared one.
  public static func t5(
    encoderLayers: Int, decoderLayers: Int, isGated: Bool, isTied: Bool, hasOwnBiases: Bool = false,
    outputMayBeShared: Bool = false
  ) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String...) {
      entries.append(
        Entry(name: "\(name).weight", foreign: foreign.map { "\($0).weight" }, transform: .identity))
    }
    func addAttention(_ name: String, _ foreign: String) {
      for (ours, theirs) in [("query", "q"), ("key", "k"), ("value", "v"), ("output", "o")] {
        add("\(name).\(ours)", "\(foreign).\(theirs)")
      }
    }
    add("embedding", "shared", "encoder.embed_tokens", "decoder.embed_tokens")
    for (stack, layers) in [("encoder", encoderLayers), ("decoder", decoderLayers)] {
      for layer in 0..<layers {
        let ours = "\(stack).blocks.\(layer)"
        let theirs = "\(stack).block.\(layer).layer"
        if hasOwnBiases || layer == 0 {
          add(
            "\(hasOwnBiases ? ours : stack).relative_attention_bias",
            "\(theirs).0.SelfAttention.relative_attention_bias")
        }
        add("\(ours).attention_norm", "\(theirs).0.layer_norm")
        addAttention("\(ours).attention", "\(theirs).0.SelfAttention")
        if stack == "decoder" {
          add("\(ours).cross_attention_norm", "\(theirs).1.layer_norm")
          addAttention("\(ours).cross_attention", "\(theirs).1.EncDecAttention")
        }
        let last = "\(theirs).\(stack == "decoder" ? 2 : 1)"
        add("\(ours).feed_forward_norm", "\(last).layer_norm")
        if isGated {
          add("\(ours).feed_forward.gate", "\(last).DenseReluDense.wi_0")
          add("\(ours).feed_forward.input", "\(last).DenseReluDense.wi_1")
        } else {
          add("\(ours).feed_forward.input", "\(last).DenseReluDense.wi")
        }
        add("\(ours).feed_forward.output", "\(last).DenseReluDense.wo")
      }
      add("\(stack).final_norm", "\(stack).final_layer_norm")
    }
    if !isTied {
      entries.append(
        Entry(
          name: "output_embedding.weight",
          foreign: ["lm_head.weight"] + (outputMayBeShared ? ["shared.weight"] : []), transform: .identity))
    }
    var copies = ["encoder", "decoder"].map {
      Copy(foreign: "\($0).embed_tokens.weight", name: "embedding.weight")
    }
    if isTied { copies.append(Copy(foreign: "lm_head.weight", name: "embedding.weight")) }
    return ForeignKeyMap(
      family: "T5", entries: entries, copies: copies,
      heads: ["lm_head."],
      headHint: "it has no output layer, which this T5 does not tie; save it from T5ForConditionalGeneration."
    ) { name in
      // A table that early checkpoints carry but no model reads.
      name == "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    }
  }
}
