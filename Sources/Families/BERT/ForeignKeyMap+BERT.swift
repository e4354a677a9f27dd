import Checkpointing

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

  /// Checkpoints of transformers' BERT. The names of Google's own release, where a norm has `gamma` and `beta`, are
  /// read, too.
  /// - Parameters:
  ///   - nextSentence: whether the head for next-sentence prediction is the model's, with BERT's pooler as its
  ///     first layer, or may be left over.
  ///   - isTied: whether the output embedding is the input embedding.
  public static func bert(
    layers: Int, head: EncoderHead = .vocabulary, nextSentence: Bool = false, isTied: Bool = true
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
      let leaving = "cls.predictions.decoder.weight"
      copies = [Copy(foreign: "cls.predictions.decoder.bias", name: "vocabulary_head.bias")]
      if isTied {
        copies.append(Copy(foreign: leaving, name: "embedding.weight"))
      } else {
        entries.append(entry("vocabulary_head.output_embedding.weight", leaving))
      }
    }
    return ForeignKeyMap(
      family: "BERT", entries: entries, extras: linear("pooler", "bert.pooler.dense", "pooler.dense"),
      copies: copies,
      heads: ["cls.", "classifier.", "qa_outputs.", "bert.pooler.", "pooler."],
      headHint: headHint(head, savedFrom: "BertForMaskedLM or BertForPreTraining")
    ) { name in
      // A head of next-sentence prediction without its first layer.
      name.hasPrefix("cls.seq_relationship.") || isIndex(name)
    }
  }

  /// Checkpoints of transformers' RoBERTa and XLM-RoBERTa: BERT's layers, with positions that begin behind the padding
  /// token's and a head of other names.
  /// - Parameter firstPosition: the row of the first token's position.
  public static func roberta(
    layers: Int, head: EncoderHead = .vocabulary, isTied: Bool = true, firstPosition: Int = 2
  ) -> ForeignKeyMap {
    var entries = encoder("roberta", layers: layers).map { entry in
      entry.name == "position_embedding.weight"
        ? Entry(name: entry.name, foreign: entry.foreign, transform: .rows(from: firstPosition)) : entry
    }
    var copies: [Copy] = []
    switch head {
    case .answers(let task):
      entries += linear("answers.\(task).dense", "classifier.dense")
      entries += linear("answers.\(task).output", "classifier.out_proj")
    case .vocabulary, .detection:
      entries += linear("vocabulary_head.transform", "lm_head.dense")
      entries += norm("vocabulary_head.norm", "lm_head.layer_norm")
      entries.append(entry("vocabulary_head.bias", "lm_head.bias", "lm_head.decoder.bias"))
      copies = [Copy(foreign: "lm_head.decoder.bias", name: "vocabulary_head.bias")]
      if isTied {
        copies.append(Copy(foreign: "lm_head.decoder.weight", name: "embedding.weight"))
      } else {
        entries.append(entry("vocabulary_head.output_embedding.weight", "lm_head.decoder.weight"))
      }
    }
    return ForeignKeyMap(
      family: "RoBERTa", entries: entries, extras: linear("pooler", "roberta.pooler.dense", "pooler.dense"),
      copies: copies,
      heads: ["lm_head.", "classifier.", "qa_outputs.", "roberta.pooler.", "pooler."],
      headHint: headHint(head, savedFrom: "RobertaForMaskedLM"), ignoring: isIndex)
  }

  /// Indices of positions and segments that older versions saved; nothing that is learned.
  static func isIndex(_ name: String) -> Bool {
    name.hasSuffix("embeddings.position_ids") || name.hasSuffix("embeddings.token_type_ids")
  }

  static func headHint(_ head: EncoderHead, savedFrom classes: String) -> String {
    if case .answers = head {
      return "it is a classifier without all of its head; `graft finetune --checkpoint` gives it one."
    }
    return
      "it is an encoder without its masked language modelling head, which only fine-tuning does without; "
      + "save it from \(classes)."
  }

  /// What both have below their heads. A model without a head is saved without the prefix.
  static func encoder(_ prefix: String, layers: Int) -> [Entry] {
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

  static func entry(_ name: String, _ foreign: [String]) -> Entry {
    Entry(name: name, foreign: foreign, transform: .identity)
  }

  static func entry(_ name: String, _ foreign: String...) -> Entry { entry(name, foreign) }

  static func linear(_ name: String, _ foreign: [String]) -> [Entry] {
    ["weight", "bias"].map { part in entry("\(name).\(part)", foreign.map { "\($0).\(part)" }) }
  }

  static func linear(_ name: String, _ foreign: String...) -> [Entry] { linear(name, foreign) }

  static func norm(_ name: String, _ foreign: [String]) -> [Entry] {
    [("weight", "gamma"), ("bias", "beta")].map { part, old in
      entry("\(name).\(part)", foreign.map { "\($0).\(part)" } + foreign.map { "\($0).\(old)" })
    }
  }

  static func norm(_ name: String, _ foreign: String...) -> [Entry] { norm(name, foreign) }
}
