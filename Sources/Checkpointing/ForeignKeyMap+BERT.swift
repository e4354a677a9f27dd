extension ForeignKeyMap {
  /// Checkpoints of transformers' BertForMaskedLM and BertForPreTraining. The names of Google's own release, where a
  /// norm has `gamma` and `beta`, are read, too.
  public static func bert(layers: Int) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String...) {
      entries.append(Entry(name: name, foreign: foreign, transform: .identity))
    }
    func addLinear(_ name: String, _ foreign: String) {
      add("\(name).weight", "\(foreign).weight")
      add("\(name).bias", "\(foreign).bias")
    }
    func addNorm(_ name: String, _ foreign: String) {
      add("\(name).weight", "\(foreign).weight", "\(foreign).gamma")
      add("\(name).bias", "\(foreign).bias", "\(foreign).beta")
    }
    add("embedding.weight", "bert.embeddings.word_embeddings.weight")
    add("position_embedding.weight", "bert.embeddings.position_embeddings.weight")
    add("segment_embedding.weight", "bert.embeddings.token_type_embeddings.weight")
    addNorm("embedding_norm", "bert.embeddings.LayerNorm")
    for layer in 0..<layers {
      let ours = "encoder.blocks.\(layer)"
      let theirs = "bert.encoder.layer.\(layer)"
      for name in ["query", "key", "value"] {
        addLinear("\(ours).attention.\(name)", "\(theirs).attention.self.\(name)")
      }
      addLinear("\(ours).attention.output", "\(theirs).attention.output.dense")
      addNorm("\(ours).attention_norm", "\(theirs).attention.output.LayerNorm")
      addLinear("\(ours).feed_forward.input", "\(theirs).intermediate.dense")
      addLinear("\(ours).feed_forward.output", "\(theirs).output.dense")
      addNorm("\(ours).feed_forward_norm", "\(theirs).output.LayerNorm")
    }
    addLinear("vocabulary_head.transform", "cls.predictions.transform.dense")
    addNorm("vocabulary_head.norm", "cls.predictions.transform.LayerNorm")
    add("vocabulary_head.bias", "cls.predictions.bias", "cls.predictions.decoder.bias")
    // A model without its head is saved without the prefix.
    entries = entries.map { entry in
      let plain = entry.foreign.filter { $0.hasPrefix("bert.") }.map { String($0.dropFirst("bert.".count)) }
      return Entry(name: entry.name, foreign: entry.foreign + plain, transform: entry.transform)
    }
    let extras = ["weight", "bias"].map { part in
      Entry(
        name: "pooler.\(part)", foreign: ["bert.pooler.dense.\(part)", "pooler.dense.\(part)"],
        transform: .identity)
    }
    return ForeignKeyMap(
      family: "BERT", entries: entries, extras: extras,
      copies: [
        Copy(foreign: "cls.predictions.decoder.weight", name: "embedding.weight"),
        Copy(foreign: "cls.predictions.decoder.bias", name: "vocabulary_head.bias"),
      ],
      head: (
        "cls.predictions.",
        "it is an encoder without its masked language modelling head; save it from BertForMaskedLM or "
          + "BertForPreTraining."
      )
    ) { name in
      // What next-sentence prediction reads; an index of positions.
      name.hasPrefix("cls.seq_relationship.") || name.hasSuffix("embeddings.position_ids")
    }
  }
}
