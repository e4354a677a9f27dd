extension ForeignKeyMap {
  /// Checkpoints of transformers' GPT-2, with or without the prefix `transformer.`. Its linear layers are
  /// stored [inputs, outputs], query, key and value joined along the outputs.
  public static func gpt2(layers: Int) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String, _ transform: Transform = .identity) {
      entries.append(Entry(name: name, foreign: ["transformer.\(foreign)", foreign], transform: transform))
    }
    func addNorm(_ name: String, _ foreign: String) {
      add("\(name).weight", "\(foreign).weight")
      add("\(name).bias", "\(foreign).bias")
    }
    func addLinear(_ name: String, _ foreign: String, part: Int = 0, of parts: Int = 1) {
      add("\(name).weight", "\(foreign).weight", .columns(part, of: parts, transposed: true))
      add("\(name).bias", "\(foreign).bias", .columns(part, of: parts, transposed: false))
    }
    add("embedding.weight", "wte.weight")
    add("position_embedding.weight", "wpe.weight")
    for layer in 0..<layers {
      let ours = "decoder.blocks.\(layer)"
      let theirs = "h.\(layer)"
      addNorm("\(ours).attention_norm", "\(theirs).ln_1")
      for (part, name) in ["query", "key", "value"].enumerated() {
        addLinear("\(ours).attention.\(name)", "\(theirs).attn.c_attn", part: part, of: 3)
      }
      addLinear("\(ours).attention.output", "\(theirs).attn.c_proj")
      addNorm("\(ours).feed_forward_norm", "\(theirs).ln_2")
      addLinear("\(ours).feed_forward.input", "\(theirs).mlp.c_fc")
      addLinear("\(ours).feed_forward.output", "\(theirs).mlp.c_proj")
    }
    addNorm("decoder.final_norm", "ln_f")
    return ForeignKeyMap(family: "GPT-2", entries: entries) { name in
      // The tied output embedding, and causal masks that older versions saved.
      name == "lm_head.weight" || name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
    }
  }
}
