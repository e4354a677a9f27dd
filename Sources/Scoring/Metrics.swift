import Support

extension Metrics {
  /// What tables multiply a score by, also one that no metric computes by itself.
  public static func displayFactor(_ name: String, signature: String?) -> Double {
    if let metric = try? registry(name) { return metric.displayFactor }
    // Of those that compare examples or groups with each other, a ratio alone is no share.
    return signature.map { $0.hasPrefix("ratio|") ? 1 : 100 } ?? 1
  }
}

/// The metrics by the names that task files and the command line use.
public enum Metrics {
  /// Those that Graft comes with, and those that were added.
  public static var registry: Registry<any Metric> { open.registry }

  /// Adds metrics from elsewhere, with what lists say of them, before anything else is done.
  /// - Throws: `.usage` for a name that is taken.
  public static func add(_ metrics: [(metric: any Metric, summary: String)]) throws(GraftError) {
    try open.add(metrics.map { ($0.metric.name, $0.summary, $0.metric) })
  }

  private static let open = OpenRegistry<any Metric>(
    Registry(
      kind: "metric", listCommand: "graft list metrics",
      [
        ("accuracy", "share of answers that are right", Accuracy()),
        (
          "accuracy-per-byte", "accuracy of ranking choices by log-probability over bytes",
          NormalizedAccuracy(.byte)
        ),
        (
          "accuracy-per-token", "accuracy of ranking choices by log-probability over tokens",
          NormalizedAccuracy(.token)
        ),
        (
          "accuracy-ties-right", "share of answers that are right or tie with what is right, as BabyLM counts",
          AccuracyTiesRight()
        ),
        ("bits-per-byte", "minus log2-probability of texts by their bytes", BitsPerByte()),
        ("bleu", "corpus BLEU of order 4, tokenizer 13a, equal to sacreBLEU, 0 to 100", BLEU()),
        ("bleu-char", "as bleu, of characters", BLEU(tokenizer: .characters)),
        ("bleu-intl", "as bleu, with the international tokenizer", BLEU(tokenizer: .international)),
        (
          "calibration-error", "expected distance of confidence from being right, 0 to 1",
          CalibrationError()
        ),
        ("chrf", "character n-gram F2, equal to sacreBLEU's chrF2, 0 to 100", ChrF()),
        (
          "coreference-f1", "F1 of pronouns' referents, the last choice being none, as in GAP",
          CoreferenceF1()
        ),
        ("f1", "harmonic mean of precision and recall of the second choice", F1()),
        ("macro-f1", "mean of the F1 of each choice", AveragedF1(.macro)),
        ("matthews", "Matthews correlation of answers and labels, -1 to 1", Matthews()),
        ("micro-f1", "F1 of the choices' counts together", AveragedF1(.micro)),
        ("pearson", "linear correlation of predicted and true numbers, -1 to 1", Pearson()),
        ("perplexity", "exponential of minus the mean log-probability of tokens", Perplexity()),
        (
          "perplexity-per-text", "exponential of minus the mean log-probability of whole texts, such as words",
          PerplexityPerText()
        ),
        ("rouge-1", "F1 of shared words, equal to rouge-score's rouge1", ROUGE(.words)),
        ("rouge-2", "F1 of shared pairs of words, equal to rouge-score's rouge2", ROUGE(.pairs)),
        ("rouge-l", "F1 of the longest common subsequence, equal to rouge-score's rougeL", ROUGE(.sequence)),
        (
          "rouge-lsum", "as rouge-l, sentence by sentence, equal to rouge-score's rougeLsum",
          ROUGE(.sentences)
        ),
        ("spearman", "rank correlation of predicted and true numbers, -1 to 1", Spearman()),
        (
          "squad-em", "share of answers that are a reference but for case, articles and punctuation",
          SQuADExactMatch()
        ),
        ("squad-f1", "F1 of shared words after the same, best over references", SQuADF1()),
      ]))
}
