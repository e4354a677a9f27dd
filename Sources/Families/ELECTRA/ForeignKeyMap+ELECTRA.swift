import Checkpointing

extension ForeignKeyMap {
  /// Checkpoints of transformers' ELECTRA, discriminator or generator.
  /// - Parameters:
  ///   - isProjected: whether the embeddings are of another width than the model.
  ///   - isTied: whether a generator's output embedding is the input embedding.
  public static func electra(
    layers: Int, isProjected: Bool, head: EncoderHead, isTied: Bool = true
  ) -> ForeignKeyMap {
    var entries = encoder("electra", layers: layers)
    if isProjected {
      entries += linear("embedding_projection", "electra.embeddings_project", "embeddings_project")
    }
    var copies: [Copy] = []
    switch head {
    case .vocabulary:
      let own = vocabularyHead(
        dense: ["generator_predictions.dense"], norm: ["generator_predictions.LayerNorm"], layer: "generator_lm_head",
        isTied: isTied)
      entries += own.entries
      copies = own.copies
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
      headHint: headHint(head, savedFrom: "ElectraForPreTraining or ElectraForMaskedLM"), ignoring: isIndex)
  }
}
