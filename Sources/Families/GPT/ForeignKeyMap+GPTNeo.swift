import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' GPT-Neo.
  static func gptNeo(_ gpt: GPT) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String, kinds: [String] = ["weight", "bias"]) {
      for kind in kinds {
        entries.append(
          Entry(
            name: "\(name).\(kind)", foreign: ["transformer.\(foreign).\(kind)", "\(foreign).\(kind)"],
            transform: .identity))
      }
    }
    add("embedding", "wte", kinds: ["weight"])
    add("position_embedding", "wpe", kinds: ["weight"])
    for layer in 0..<gpt.layers {
      let ours = "decoder.blocks.\(layer)"
      let theirs = "h.\(layer)"
      add("\(ours).attention_norm", "\(theirs).ln_1")
      for (name, foreign) in [("query", "q"), ("key", "k"), ("value", "v")] {
        add("\(ours).attention.\(name)", "\(theirs).attn.attention.\(foreign)_proj", kinds: ["weight"])
      }
      add("\(ours).attention.output", "\(theirs).attn.attention.out_proj")
      add("\(ours).feed_forward_norm", "\(theirs).ln_2")
      add("\(ours).feed_forward.input", "\(theirs).mlp.c_fc")
      add("\(ours).feed_forward.output", "\(theirs).mlp.c_proj")
    }
    add("decoder.final_norm", "ln_f")
    let output = outputMatrix("lm_head.weight", isTied: gpt.blocks.isTied)
    return ForeignKeyMap(
      family: "GPT-Neo", entries: entries + output.entries, copies: output.copies, heads: ["lm_head."],
      headHint: "it has no output layer, which this GPT-Neo does not tie; save it from GPTNeoForCausalLM."
    ) { name in
      // Causal masks that older versions saved.
      name.hasSuffix(".attn.attention.bias") || name.hasSuffix(".attn.attention.masked_bias")
    }
  }
}
