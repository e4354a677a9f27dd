import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' ModernBERT, which joins query, key and value, and the two layers of a gated unit.
  /// - Parameter isTied: whether the output embedding is the input embedding.
  public static func modernBERT(
    layers: Int, head: EncoderHead = .vocabulary, isTied: Bool = true
  ) -> ForeignKeyMap {
    func both(_ name: String) -> [String] { ["model.\(name).weight", "\(name).weight"] }
    func parts(_ names: [String], _ foreign: String) -> [Entry] {
      names.enumerated().map { part, name in
        Entry(
          name: "\(name).weight", foreign: both(foreign),
          transform: .rows(part, of: names.count, groups: 1))
      }
    }
    var entries = [
      entry("embedding.weight", both("embeddings.tok_embeddings")),
      entry("embedding_norm.weight", both("embeddings.norm")),
    ]
    for layer in 0..<layers {
      let ours = "encoder.blocks.\(layer)"
      let theirs = "layers.\(layer)"
      if layer > 0 { entries.append(entry("\(ours).attention_norm.weight", both("\(theirs).attn_norm"))) }
      entries += parts(["query", "key", "value"].map { "\(ours).attention.\($0)" }, "\(theirs).attn.Wqkv")
      entries.append(entry("\(ours).attention.output.weight", both("\(theirs).attn.Wo")))
      entries.append(entry("\(ours).feed_forward_norm.weight", both("\(theirs).mlp_norm")))
      // The activated half comes first.
      entries += parts(["gate", "input"].map { "\(ours).feed_forward.\($0)" }, "\(theirs).mlp.Wi")
      entries.append(entry("\(ours).feed_forward.output.weight", both("\(theirs).mlp.Wo")))
    }
    entries.append(entry("encoder.final_norm.weight", both("final_norm")))
    let transformation = [("dense", "transform"), ("norm", "norm")]
    var copies: [Copy] = []
    switch head {
    case .answers(let task):
      entries += transformation.map { entry("answers.\(task).\($0.0).weight", "head.\($0.0).weight") }
      entries += linear("answers.\(task).output", "classifier")
    case .vocabulary, .detection:
      entries += transformation.map { entry("vocabulary_head.\($0.1).weight", "head.\($0.0).weight") }
      let output = vocabularyLayer("decoder", isTied: isTied)
      entries += output.entries
      copies = output.copies
    }
    return ForeignKeyMap(
      family: "ModernBERT", entries: entries,
      extras: [entry("pooler.weight", "head.dense.weight"), entry("pooler_norm.weight", "head.norm.weight")],
      copies: copies, heads: ["head.", "decoder.", "classifier."],
      headHint: headHint(head, savedFrom: "ModernBertForMaskedLM")
    ) { _ in false }
  }
}
