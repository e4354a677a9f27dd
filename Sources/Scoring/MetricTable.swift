import Support

/// The metrics by the names that task files and the command line use.
public enum Metrics {
  public static let table = Registry<any Metric>(
    kind: "metric", listCommand: "graft list metrics",
    [
      ("accuracy", "share of answers that are right", Accuracy()),
      ("bleu", "corpus BLEU of order 4, tokenizer 13a, equal to sacreBLEU, 0 to 100", BLEU()),
      ("bleu-intl", "as bleu, with the international tokenizer", BLEU(tokenizer: .international)),
      ("chrf", "character n-gram F2, equal to sacreBLEU's chrF2, 0 to 100", ChrF()),
      ("f1", "harmonic mean of precision and recall of the second choice", F1()),
      ("matthews", "Matthews correlation of answers and labels, -1 to 1", Matthews()),
      ("pearson", "linear correlation of predicted and true numbers, -1 to 1", Pearson()),
      ("spearman", "rank correlation of predicted and true numbers, -1 to 1", Spearman()),
    ])
}
