import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' DeBERTa of versions 2 and 3. The head for masked language modelling may have the
  /// names of the paper's own code.
  /// - Parameters:
  ///   - hasSegments: whether kinds of segment are embedded.
  ///   - normalizesDistances: whether the rows for distances have a norm.
  ///   - isTied: whether the output embedding is the input embedding.
  public static func deBERTa(
    layers: Int, hasSegments: Bool = false, normalizesDistances: Bool = true, head: EncoderHead = .vocabulary,
    isTied: Bool = true
  ) -> ForeignKeyMap {
    func both(_ name: String) -> [String] { ["deberta.\(name)", name] }
    var entries = encoder(
      "deberta", layers: layers, hasSegments ? .deBERTaWithSegments : .deBERTa, hasPositions: false)
    entries.append(entry("relative_embedding.weight", both("encoder.rel_embeddings.weight")))
    if normalizesDistances { entries += norm("relative_norm", both("encoder.LayerNorm")) }
    var copies: [Copy] = []
    switch head {
    case .answers(let task):
      entries += linear("answers.\(task).dense", "pooler.dense")
      entries += linear("answers.\(task).output", "classifier")
    case .vocabulary, .detection:
      let own = "lm_predictions.lm_head"
      let head = vocabularyHead(
        dense: ["cls.predictions.transform.dense", "\(own).dense"],
        norm: ["cls.predictions.transform.LayerNorm", "\(own).LayerNorm"], layer: "cls.predictions.decoder",
        biases: ["cls.predictions.bias", "\(own).bias"], isTied: isTied)
      entries += head.entries
      copies = head.copies
    }
    return ForeignKeyMap(
      family: "DeBERTa", entries: entries, extras: linear("pooler", "pooler.dense"), copies: copies,
      heads: ["cls.", "lm_predictions.", "mask_predictions.", "classifier.", "qa_outputs.", "pooler."],
      headHint: headHint(head, savedFrom: "DebertaV2ForMaskedLM")
    ) { name in
      // What the paper's own code keeps beside it: positions that enter nowhere, and a head of its pretraining.
      isIndex(name) || name.hasSuffix("embeddings.position_embeddings.weight") || name.hasPrefix("mask_predictions.")
    }
  }
}
