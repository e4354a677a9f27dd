extension ForeignKeyMap {
  /// Checkpoints of transformers' BertForMaskedLM and BertForPreTraining.
  public static func bert(layers: Int) -> ForeignKeyMap {
    var entries: [Entry] = []
    func add(_ name: String, _ foreign: String) {
      entries.append(Entry(name: name, foreign: [foreign], transform: .identity))
    }
    func addBoth(_ name: String, _ foreign: String) {
      add("\(name).weight", "\(foreign).weight")
      add("\(name).bias", "\(foreign).bias")
    }
    add("embedding.weight", "bert.embeddings.word_embeddings.weight")
    add("position_embedding.weight", "bert.embeddings.position_embeddings.weight")
    add("segment_embedding.weight", "bert.embeddings.token_type_embeddings.weight")
    addBoth("embedding_norm", "bert.embeddings.LayerNorm")
    for layer in 0..<layers {
      let ours = "encoder.blocks.\(layer)"
      let theirs = "bert.encoder.layer.\(layer)"
      for name in ["query", "key", "value"] {
        addBoth("\(ours).attention.\(name)", "\(theirs).attention.self.\(name)")
      }
      addBoth("\(ours).attention.output", "\(theirs).attention.output.dense")
      addBoth("\(ours).attention_norm", "\(theirs).attention.output.LayerNorm")
      addBoth("\(ours).feed_forward.input", "\(theirs).intermediate.dense")
      addBoth("\(ours).feed_forward.output", "\(theirs).output.dense")
      addBoth("\(ours).feed_forward_norm", "\(theirs).output.LayerNorm")
    }
    addBoth("vocabulary_head.transform", "cls.predictions.transform.dense")
    addBoth("vocabulary_head.norm", "cls.predictions.transform.LayerNorm")
    add("vocabulary_head.bias", "cls.predictions.bias")
    return ForeignKeyMap(family: "BERT", entries: entries) { name in
      // The tied output embedding and its bias again; what next-sentence prediction reads; an index of positions.
      name.hasPrefix("cls.predictions.decoder.") || name.hasPrefix("cls.seq_relationship.")
        || name.hasPrefix("bert.pooler.") || name == "bert.embeddings.position_ids"
    }
  }
}
