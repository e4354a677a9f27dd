extension ForeignKeyMap {
  /// What stands on an encoder in transformers' BERT and ELECTRA.
  public enum EncoderHead: Sendable, Hashable {
    /// Masked language modelling: BertForMaskedLM, BertForPreTraining, ElectraForMaskedLM.
    case vocabulary
    /// Replaced token detection: ElectraForPreTraining.
    case detection
    /// The answers of one task: BertForSequenceClassification, ElectraForSequenceClassification.
    case answers(task: String)
  }

  /// Checkpoints of transformers' BERT. The names of Google's own release, where a norm has `gamma` and `beta`, are read,
  /// too.
  /// - Parameter nextSentence: whether the head for next-sentence prediction is the model's, with BERT's pooler as its
  ///   first layer, or may be left over.
  public static func bert(
    layers: Int, head: EncoderHead = .vocabulary, nextSentence: Bool = false
  ) -> ForeignKeyMap {
    var entries = encoder("bert", layers: layers)
    var copies: [Copy] = []
    switch head {
    case .answers(let task):
      entries += linear("answers.\(task).dense", "bert.pooler.dense", "pooler.dense")
      entries += linear("answers.\(task).output", "classifier")
    case .vocabulary, .detection:
      entries += linear("vocabulary_head.transform", "cls.predictions.transform.dense")
      entries += norm("vocabulary_head.norm", "cls.predictions.transform.LayerNorm")
      entries.append(
        entry("vocabulary_head.bias", "cls.predictions.bias", "cls.predictions.decoder.bias"))
      if nextSentence {
        entries += linear("next_sentence.dense", "bert.pooler.dense")
        entries += linear("next_sentence.output", "cls.seq_relationship")
      }
      copies = [
        Copy(foreign: "cls.predictions.decoder.weight", name: "embedding.weight"),
        Copy(foreign: "cls.predictions.decoder.bias", name: "vocabulary_head.bias"),
      ]
    }
    return ForeignKeyMap(
      family: "BERT", entries: entries, extras: linear("pooler", "bert.pooler.dense", "pooler.dense"),
      copies: copies,
      heads: ["cls.", "classifier.", "qa_outputs.", "bert.pooler.", "pooler."],
      headHint:
        "it is an encoder without its masked language modelling head, which only fine-tuning does without; "
        + "save it from BertForMaskedLM or BertForPreTraining."
    ) { name in
      // A head of next-sentence prediction without its first layer; an index of positions.
      name.hasPrefix("cls.seq_relationship.") || name.hasSuffix("embeddings.position_ids")
    }
  }

  /// Checkpoints of transformers' ELECTRA, discriminator or generator.
  /// - Parameter isProjected: whether the embeddings are of another width than the model.
  public static func electra(layers: Int, isProjected: Bool, head: EncoderHead) -> ForeignKeyMap {
    var entries = encoder("electra", layers: layers)
    if isProjected {
      entries += linear("embedding_projection", "electra.embeddings_project", "embeddings_project")
    }
    var copies: [Copy] = []
    switch head {
    case .vocabulary:
      entries += linear("vocabulary_head.transform", "generator_predictions.dense")
      entries += norm("vocabulary_head.norm", "generator_predictions.LayerNorm")
      entries.append(entry("vocabulary_head.bias", "generator_lm_head.bias"))
      copies = [Copy(foreign: "generator_lm_head.weight", name: "embedding.weight")]
    case .detection:
      entries += linear("detection_head.dense", "discriminator_predictions.dense")
      entries += linear("detection_head.output", "discriminator_predictions.dense_prediction")
    case .answers(let task):
      entries += linear("answers.\(task).dense", "classifier.dense")
      entries += linear("answers.\(task).output", "classifier.out_proj")
    }
    return ForeignKeyMap(
      family: "ELECTRA", entries: entries, copies: copies,
      heads: [
        "discriminator_predictions.", "generator_predictions.", "generator_lm_head.", "classifier.",
        "qa_outputs.",
      ],
      headHint: "it is an encoder without its head, which only fine-tuning does without; save it from "
        + "ElectraForPreTraining or ElectraForMaskedLM."
    ) { $0.hasSuffix("embeddings.position_ids") }
  }

  /// What both have below their heads. A model without a head is saved without the prefix.
  private static func encoder(_ prefix: String, layers: Int) -> [Entry] {
    func both(_ name: String) -> [String] { ["\(prefix).\(name)", name] }
    var entries = [
      entry("embedding.weight", both("embeddings.word_embeddings.weight")),
      entry("position_embedding.weight", both("embeddings.position_embeddings.weight")),
      entry("segment_embedding.weight", both("embeddings.token_type_embeddings.weight")),
    ]
    entries += norm("embedding_norm", both("embeddings.LayerNorm"))
    for layer in 0..<layers {
      let ours = "encoder.blocks.\(layer)"
      let theirs = "encoder.layer.\(layer)"
      for name in ["query", "key", "value"] {
        entries += linear("\(ours).attention.\(name)", both("\(theirs).attention.self.\(name)"))
      }
      entries += linear("\(ours).attention.output", both("\(theirs).attention.output.dense"))
      entries += norm("\(ours).attention_norm", both("\(theirs).attention.output.LayerNorm"))
      entries += linear("\(ours).feed_forward.input", both("\(theirs).intermediate.dense"))
      entries += linear("\(ours).feed_forward.output", both("\(theirs).output.dense"))
      entries += norm("\(ours).feed_forward_norm", both("\(theirs).output.LayerNorm"))
    }
    return entries
  }

  private static func entry(_ name: String, _ foreign: [String]) -> Entry {
    Entry(name: name, foreign: foreign, transform: .identity)
  }

  private static func entry(_ name: String, _ foreign: String...) -> Entry { entry(name, foreign) }

  private static func linear(_ name: String, _ foreign: [String]) -> [Entry] {
    ["weight", "bias"].map { part in entry("\(name).\(part)", foreign.map { "\($0).\(part)" }) }
  }

  private static func linear(_ name: String, _ foreign: String...) -> [Entry] { linear(name, foreign) }

  private static func norm(_ name: String, _ foreign: [String]) -> [Entry] {
    [("weight", "gamma"), ("bias", "beta")].map { part, old in
      entry("\(name).\(part)", foreign.map { "\($0).\(part)" } + foreign.map { "\($0).\(old)" })
    }
  }

  private static func norm(_ name: String, _ foreign: String...) -> [Entry] { norm(name, foreign) }
}
