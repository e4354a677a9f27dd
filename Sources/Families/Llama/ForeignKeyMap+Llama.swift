import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' Llama.
  /// - Parameter isTied: whether the output embedding is the input embedding.
  public static func llama(layers: Int, isTied: Bool) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String) {
      entries.append(
        Entry(name: "\(name).weight", foreign: ["model.\(foreign).weight", "\(foreign).weight"], transform: .identity))
    }
    add("embedding", "embed_tokens")
    for layer in 0..<layers {
      let ours = "decoder.blocks.\(layer)"
      let theirs = "layers.\(layer)"
      add("\(ours).attention_norm", "\(theirs).input_layernorm")
      for (name, foreign) in [("query", "q"), ("key", "k"), ("value", "v"), ("output", "o")] {
        add("\(ours).attention.\(name)", "\(theirs).self_attn.\(foreign)_proj")
      }
      add("\(ours).feed_forward_norm", "\(theirs).post_attention_layernorm")
      for (name, foreign) in [("gate", "gate"), ("input", "up"), ("output", "down")] {
        add("\(ours).feed_forward.\(name)", "\(theirs).mlp.\(foreign)_proj")
      }
    }
    add("decoder.final_norm", "norm")
    if !isTied {
      entries.append(
        Entry(name: "output_embedding.weight", foreign: ["lm_head.weight"], transform: .identity))
    }
    return ForeignKeyMap(
      family: "Llama", entries: entries,
      copies: isTied ? [Copy(foreign: "lm_head.weight", name: "embedding.weight")] : [], heads: ["lm_head."],
      headHint: "it has no output layer, which this Llama does not tie; save it from LlamaForCausalLM."
    ) { name in
      // Frequencies that older versions saved.
      name.hasSuffix(".rotary_emb.inv_freq")
    }
  }
}
