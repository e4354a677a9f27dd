import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' OPT.
  static func opt(_ gpt: GPT) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String, kinds: [String] = ["weight", "bias"]) {
      for kind in kinds {
        let places = ["model.decoder.", "decoder.", ""].map { "\($0)\(foreign).\(kind)" }
        entries.append(Entry(name: "\(name).\(kind)", foreign: places, transform: .identity))
      }
    }
    add("embedding", "embed_tokens", kinds: ["weight"])
    add("position_embedding", "embed_positions", kinds: ["weight"])
    for layer in 0..<gpt.layers {
      let ours = "decoder.blocks.\(layer)"
      let theirs = "layers.\(layer)"
      add("\(ours).attention_norm", "\(theirs).self_attn_layer_norm")
      for (name, foreign) in [("query", "q"), ("key", "k"), ("value", "v"), ("output", "out")] {
        add("\(ours).attention.\(name)", "\(theirs).self_attn.\(foreign)_proj")
      }
      add("\(ours).feed_forward_norm", "\(theirs).final_layer_norm")
      add("\(ours).feed_forward.input", "\(theirs).fc1")
      add("\(ours).feed_forward.output", "\(theirs).fc2")
    }
    add("decoder.final_norm", "final_layer_norm")
    let output = outputMatrix("lm_head.weight", isTied: gpt.blocks.isTied)
    return ForeignKeyMap(
      family: "OPT", entries: entries + output.entries, copies: output.copies, heads: ["lm_head."],
      headHint: "it has no output layer, which this OPT does not tie; save it from OPTForCausalLM."
    ) { _ in false }
  }
}
