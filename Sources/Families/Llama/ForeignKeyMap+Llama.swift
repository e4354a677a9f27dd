import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' Llama, Mistral and Qwen.
  static func llama(_ llama: Llama) -> ForeignKeyMap {
    let isTied = llama.blocks.isTied
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String, _ kind: String = "weight") {
      entries.append(
        Entry(
          name: "\(name).\(kind)", foreign: ["model.\(foreign).\(kind)", "\(foreign).\(kind)"], transform: .identity))
    }
    add("embedding", "embed_tokens")
    for layer in 0..<llama.layers {
      let ours = "decoder.blocks.\(layer)"
      let theirs = "layers.\(layer)"
      add("\(ours).attention_norm", "\(theirs).input_layernorm")
      for (name, foreign) in [("query", "q"), ("key", "k"), ("value", "v"), ("output", "o")] {
        add("\(ours).attention.\(name)", "\(theirs).self_attn.\(foreign)_proj")
        if llama.attentionBiases == .all || llama.attentionBiases == .inputs && name != "output" {
          add("\(ours).attention.\(name)", "\(theirs).self_attn.\(foreign)_proj", "bias")
        }
      }
      if llama.normalizesHeads {
        add("\(ours).attention.query_norm", "\(theirs).self_attn.q_norm")
        add("\(ours).attention.key_norm", "\(theirs).self_attn.k_norm")
      }
      add("\(ours).feed_forward_norm", "\(theirs).post_attention_layernorm")
      for (name, foreign) in [("gate", "gate"), ("input", "up"), ("output", "down")] {
        add("\(ours).feed_forward.\(name)", "\(theirs).mlp.\(foreign)_proj")
        if llama.hasFeedForwardBiases { add("\(ours).feed_forward.\(name)", "\(theirs).mlp.\(foreign)_proj", "bias") }
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

  /// Checkpoints of transformers' GPT-NeoX. Query, key and value are joined head by head.
  static func gptNeoX(_ llama: Llama) -> ForeignKeyMap {
    let isTied = llama.blocks.isTied
    var entries: [Entry] = []
    func add(
      _ name: String, _ foreign: String, _ kinds: [String] = ["weight", "bias"], _ transform: Transform = .identity
    ) {
      for kind in kinds {
        entries.append(
          Entry(
            name: "\(name).\(kind)", foreign: ["gpt_neox.\(foreign).\(kind)", "\(foreign).\(kind)"],
            transform: transform))
      }
    }
    let attentionKinds = llama.attentionBiases == .all ? ["weight", "bias"] : ["weight"]
    add("embedding", "embed_in", ["weight"])
    for layer in 0..<llama.layers {
      let ours = "decoder.blocks.\(layer)"
      let theirs = "layers.\(layer)"
      add("\(ours).attention_norm", "\(theirs).input_layernorm")
      for (part, name) in ["query", "key", "value"].enumerated() {
        add(
          "\(ours).attention.\(name)", "\(theirs).attention.query_key_value", attentionKinds,
          .rows(part, of: 3, groups: llama.blocks.heads))
      }
      add("\(ours).attention.output", "\(theirs).attention.dense", attentionKinds)
      add("\(ours).feed_forward_norm", "\(theirs).post_attention_layernorm")
      add("\(ours).feed_forward.input", "\(theirs).mlp.dense_h_to_4h")
      add("\(ours).feed_forward.output", "\(theirs).mlp.dense_4h_to_h")
    }
    add("decoder.final_norm", "final_layer_norm")
    if !isTied {
      entries.append(
        Entry(
          name: "output_embedding.weight", foreign: ["embed_out.weight", "lm_head.weight"], transform: .identity))
    }
    return ForeignKeyMap(
      family: "GPT-NeoX", entries: entries,
      copies: isTied
        ? [
          Copy(foreign: "embed_out.weight", name: "embedding.weight"),
          Copy(foreign: "lm_head.weight", name: "embedding.weight"),
        ] : [],
      heads: ["embed_out.", "lm_head."],
      headHint: "it has no output layer, which this GPT-NeoX does not tie; save it from GPTNeoXForCausalLM."
    ) { name in
      // Masks and frequencies that older versions saved.
      [".rotary_emb.inv_freq", ".attention.bias", ".attention.masked_bias"].contains { name.hasSuffix($0) }
    }
  }
}
