import Checkpointing

/// Relatives of GPT-2 that keep query, key and value apart.
extension ForeignKeyMap {
  /// Checkpoints of transformers' GPT-Neo.
  static func gptNeo(_ gpt: GPT) -> ForeignKeyMap {
    relative(
      of: gpt, "GPT-Neo", savedFrom: "GPTNeoForCausalLM", prefixes: ["transformer.", ""],
      RelativeNames(
        embedding: "wte", positions: "wpe", layers: "h", attentionNorm: "ln_1", attention: "attn.attention",
        feedForwardNorm: "ln_2", input: "mlp.c_fc", output: "mlp.c_proj",
        finalNorm: "ln_f")
    ) { name in
      // Causal masks that older versions saved.
      name.hasSuffix(".attn.attention.bias") || name.hasSuffix(".attn.attention.masked_bias")
    }
  }

  /// Checkpoints of transformers' OPT.
  static func opt(_ gpt: GPT) -> ForeignKeyMap {
    relative(
      of: gpt, "OPT", savedFrom: "OPTForCausalLM", prefixes: ["model.decoder.", "decoder.", ""],
      RelativeNames(
        embedding: "embed_tokens", positions: "embed_positions", layers: "layers",
        attentionNorm: "self_attn_layer_norm", attention: "self_attn",
        feedForwardNorm: "final_layer_norm", input: "fc1", output: "fc2", finalNorm: "final_layer_norm")
    ) { _ in false }
  }

  /// What a relative calls its parts: those of a layer below `layers`, projections below `attention`.
  private struct RelativeNames {
    var embedding, positions, layers: String
    var attentionNorm, attention, feedForwardNorm, input, output: String
    var finalNorm: String
  }

  /// - Parameters:
  ///   - prefixes: what may stand before all names but that of the output layer, the usual one first.
  ///   - className: the class of transformers that has an output layer.
  private static func relative(
    of gpt: GPT, _ family: String, savedFrom className: String, prefixes: [String], _ names: RelativeNames,
    ignoring isIgnored: @escaping @Sendable (String) -> Bool
  ) -> ForeignKeyMap {
    func places(_ name: String) -> [String] { prefixes.map { $0 + name } }
    var entries = [
      entry("embedding.weight", places("\(names.embedding).weight")),
      entry("position_embedding.weight", places("\(names.positions).weight")),
    ]
    for layer in 0..<gpt.layers {
      let ours = "decoder.blocks.\(layer)"
      let theirs = "\(names.layers).\(layer)"
      entries += linear("\(ours).attention_norm", places("\(theirs).\(names.attentionNorm)"))
      for (name, foreign) in [("query", "q_proj"), ("key", "k_proj"), ("value", "v_proj")] {
        let parts = linear("\(ours).attention.\(name)", places("\(theirs).\(names.attention).\(foreign)"))
        entries += gpt.hasInputBiases ? parts : [parts[0]]
      }
      entries += linear(
        "\(ours).attention.output", places("\(theirs).\(names.attention).out_proj"))
      entries += linear("\(ours).feed_forward_norm", places("\(theirs).\(names.feedForwardNorm)"))
      entries += linear("\(ours).feed_forward.input", places("\(theirs).\(names.input)"))
      entries += linear("\(ours).feed_forward.output", places("\(theirs).\(names.output)"))
    }
    entries += linear("decoder.final_norm", places(names.finalNorm))
    let output = outputMatrix("lm_head.weight", isTied: gpt.blocks.isTied)
    return ForeignKeyMap(
      family: family, entries: entries + output.entries, copies: output.copies, heads: ["lm_head."],
      headHint: "it has no output layer, which this \(family) does not tie; save it from \(className).",
      ignoring: isIgnored)
  }
}
