import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' GPT-2, with or without the prefix `transformer.`. Its linear layers are
  /// stored [inputs, outputs], query, key and value joined along the outputs.
  /// - Parameter isTied: whether the output embedding is the input embedding, as in OpenAI's.
  public static func gpt2(layers: Int, isTied: Bool = true) -> ForeignKeyMap {
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
    let output = outputMatrix("lm_head.weight", isTied: isTied)
    return ForeignKeyMap(
      family: "GPT-2", entries: entries + output.entries, copies: output.copies,
      heads: ["lm_head."],
      headHint: "it has no output layer, which this GPT-2 does not tie; save it from GPT2LMHeadModel."
    ) { name in
      // Causal masks that older versions saved.
      name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
    }
  }
}
