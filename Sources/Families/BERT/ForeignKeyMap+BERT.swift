import Checkpointing
import ModelKit

extension ForeignKeyMap {
  /// What stands on an encoder in transformers' BERT, its variants and ELECTRA.
  public enum EncoderHead: Sendable, Hashable {
    /// Masked language modelling: BertForMaskedLM, BertForPreTraining, RobertaForMaskedLM, ElectraForMaskedLM.
    case vocabulary
    /// Replaced token detection: ElectraForPreTraining.
    case detection
    /// The answers of one task: BertForSequenceClassification, ElectraForSequenceClassification.
    case answers(task: String)

    /// Of a model that is pretrained by masking, or answers.
    static func of(_ answers: [AnswerFormat]?) -> EncoderHead {
      answers?.first.map { .answers(task: $0.task) } ?? .vocabulary
    }
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
      let own = vocabularyHead(
        dense: ["cls.predictions.transform.dense"], norm: ["cls.predictions.transform.LayerNorm"],
        layer: "cls.predictions.decoder", biases: ["cls.predictions.bias"], isTied: isTied)
      entries += own.entries
      copies = own.copies
      if nextSentence {
        entries += linear("next_sentence.dense", "bert.pooler.dense")
        entries += linear("next_sentence.output", "cls.seq_relationship")
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

  /// Checkpoints of transformers' RoBERTa and XLM-RoBERTa: BERT's layers, and a head of other names.
  /// - Parameter isMPNet: whether it is an MPNet, which has the same heads on layers of other names.
  public static func roberta(
    layers: Int, head: EncoderHead = .vocabulary, isTied: Bool = true, isMPNet: Bool = false
  ) -> ForeignKeyMap {
    let prefix = isMPNet ? "mpnet" : "roberta"
    var entries = encoder(prefix, layers: layers, isMPNet ? .mpnet : .bert)
    if isMPNet {
      let name = "encoder.relative_attention_bias.weight"
      entries.append(entry("relative_bias.weight", "\(prefix).\(name)", name))
    }
    var copies: [Copy] = []
    switch head {
    case .answers(let task):
      entries += linear("answers.\(task).dense", "classifier.dense")
      entries += linear("answers.\(task).output", "classifier.out_proj")
    case .vocabulary, .detection:
      let own = vocabularyHead(
        dense: ["lm_head.dense"], norm: ["lm_head.layer_norm"], layer: "lm_head.decoder", biases: ["lm_head.bias"],
        isTied: isTied)
      entries += own.entries
      copies = own.copies
    }
    return ForeignKeyMap(
      family: isMPNet ? "MPNet" : "RoBERTa", entries: entries,
      extras: linear("pooler", "\(prefix).pooler.dense", "pooler.dense"),
      copies: copies,
      heads: ["lm_head.", "classifier.", "qa_outputs.", "\(prefix).pooler.", "pooler."],
      headHint: headHint(head, savedFrom: isMPNet ? "MPNetForMaskedLM" : "RobertaForMaskedLM"), ignoring: isIndex)
  }

  /// Checkpoints of transformers' ALBERT, whose layers are one.
  public static func albert(head: EncoderHead = .vocabulary, isTied: Bool = true) -> ForeignKeyMap {
    let mapping = "encoder.embedding_hidden_mapping_in"
    var entries = encoder("albert", layers: 1, .albert)
    entries += linear("embedding_projection", "albert.\(mapping)", mapping)
    var copies: [Copy] = []
    switch head {
    case .answers(let task):
      entries += linear("answers.\(task).dense", "albert.pooler", "pooler")
      entries += linear("answers.\(task).output", "classifier")
    case .vocabulary, .detection:
      let own = vocabularyHead(
        dense: ["predictions.dense"], norm: ["predictions.LayerNorm"], layer: "predictions.decoder",
        biases: ["predictions.bias"], isTied: isTied)
      entries += own.entries
      copies = own.copies
    }
    return ForeignKeyMap(
      family: "ALBERT", entries: entries, extras: linear("pooler", "albert.pooler", "pooler"), copies: copies,
      heads: ["predictions.", "sop_classifier.", "classifier.", "qa_outputs.", "albert.pooler.", "pooler."],
      headHint: headHint(head, savedFrom: "AlbertForMaskedLM or AlbertForPreTraining")
    ) { name in
      // A head that tells the order of sentences.
      name.hasPrefix("sop_classifier.") || isIndex(name)
    }
  }

  /// Checkpoints of transformers' DistilBERT: BERT's layers without segments, all under other names.
  public static func distilBERT(layers: Int, head: EncoderHead = .vocabulary, isTied: Bool = true) -> ForeignKeyMap {
    var entries = encoder("distilbert", layers: layers, .distilBERT)
    var copies: [Copy] = []
    switch head {
    case .answers(let task):
      entries += linear("answers.\(task).dense", "pre_classifier")
      entries += linear("answers.\(task).output", "classifier")
    case .vocabulary, .detection:
      let own = vocabularyHead(
        dense: ["vocab_transform"], norm: ["vocab_layer_norm"], layer: "vocab_projector", isTied: isTied)
      entries += own.entries
      copies = own.copies
    }
    return ForeignKeyMap(
      family: "DistilBERT", entries: entries, copies: copies,
      heads: ["vocab_", "pre_classifier.", "classifier.", "qa_outputs."],
      headHint: headHint(head, savedFrom: "DistilBertForMaskedLM"), ignoring: isIndex)
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

  /// What the parts of an encoder's layers are called.
  struct EncoderNames {
    let layers, query, key, value, output, attentionNorm, inner, outer, feedForwardNorm: String
    let segments: String?

    static let bert = EncoderNames(
      layers: "encoder.layer", query: "attention.self.query", key: "attention.self.key",
      value: "attention.self.value", output: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
      inner: "intermediate.dense", outer: "output.dense", feedForwardNorm: "output.LayerNorm",
      segments: "token_type_embeddings")
    static let distilBERT = EncoderNames(
      layers: "transformer.layer", query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin",
      output: "attention.out_lin", attentionNorm: "sa_layer_norm", inner: "ffn.lin1", outer: "ffn.lin2",
      feedForwardNorm: "output_layer_norm", segments: nil)
    static let albert = EncoderNames(
      layers: "encoder.albert_layer_groups.0.albert_layers", query: "attention.query", key: "attention.key",
      value: "attention.value", output: "attention.dense", attentionNorm: "attention.LayerNorm", inner: "ffn",
      outer: "ffn_output", feedForwardNorm: "full_layer_layer_norm", segments: "token_type_embeddings")
    static let mpnet = EncoderNames(
      layers: "encoder.layer", query: "attention.attn.q", key: "attention.attn.k", value: "attention.attn.v",
      output: "attention.attn.o", attentionNorm: "attention.LayerNorm", inner: "intermediate.dense",
      outer: "output.dense", feedForwardNorm: "output.LayerNorm", segments: nil)
    static let deBERTa = bert.projecting(segments: nil)
    static let deBERTaWithSegments = bert.projecting(segments: bert.segments)

    /// BERT's with the projections of DeBERTa.
    private func projecting(segments: String?) -> EncoderNames {
      EncoderNames(
        layers: layers, query: "\(query)_proj", key: "\(key)_proj", value: "\(value)_proj", output: output,
        attentionNorm: attentionNorm, inner: inner, outer: outer, feedForwardNorm: feedForwardNorm,
        segments: segments)
    }
  }

  /// What all have below their heads. A model without a head is saved without the prefix.
  static func encoder(
    _ prefix: String, layers: Int, _ names: EncoderNames = .bert, hasPositions: Bool = true
  ) -> [Entry] {
    func both(_ name: String) -> [String] { ["\(prefix).\(name)", name] }
    var entries = [entry("embedding.weight", both("embeddings.word_embeddings.weight"))]
    if hasPositions {
      entries.append(entry("position_embedding.weight", both("embeddings.position_embeddings.weight")))
    }
    if let segments = names.segments {
      entries.append(entry("segment_embedding.weight", both("embeddings.\(segments).weight")))
    }
    entries += norm("embedding_norm", both("embeddings.LayerNorm"))
    for layer in 0..<layers {
      let ours = "encoder.blocks.\(layer)"
      func theirs(_ name: String) -> [String] { both("\(names.layers).\(layer).\(name)") }
      entries += linear("\(ours).attention.query", theirs(names.query))
      entries += linear("\(ours).attention.key", theirs(names.key))
      entries += linear("\(ours).attention.value", theirs(names.value))
      entries += linear("\(ours).attention.output", theirs(names.output))
      entries += norm("\(ours).attention_norm", theirs(names.attentionNorm))
      entries += linear("\(ours).feed_forward.input", theirs(names.inner))
      entries += linear("\(ours).feed_forward.output", theirs(names.outer))
      entries += norm("\(ours).feed_forward_norm", theirs(names.feedForwardNorm))
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
