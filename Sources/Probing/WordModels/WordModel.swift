import Randomness

/// Classifiers of the words of a text that papers compare their models with. All but the majority see which words, and
/// runs of them up to a length, a text has.
public enum WordModel: String, Sendable, Hashable, CaseIterable {
  /// Always the most frequent label.
  case majority
  /// Multinomial logistic regression, the yardstick of every score of Graft's (`NGramClassifier`).
  case ngrams = "n-grams"
  /// Multinomial naive Bayes over presences, with one added to every count (McCallum & Nigam 1998).
  case naiveBayes = "naive-bayes"
  /// A linear support vector machine for each label against the others.
  case svm
  /// The same over presences times their log-count ratios, its weights drawn towards their mean (Wang & Manning 2012).
  case nbSVM = "nb-svm"

  /// A line about it.
  public var summary: String {
    switch self {
    case .majority: "always the most frequent label"
    case .ngrams: "logistic regression of words and pairs of words"
    case .naiveBayes: "multinomial naive Bayes of the same"
    case .svm: "linear support vector machine of the same"
    case .nbSVM: "support vector machine of log-count ratios"
    }
  }
}

/// Texts as the word n-grams that they have, over which `WordModel`s are trained on some and answer others.
public struct WordModelTexts: Sendable {
  /// How a model is trained.
  public struct Options: Sendable, Hashable {
    /// What errors cost a support vector machine (C); 1 as in Wang & Manning 2012.
    public var cost = 1.0
    /// How much of an NB-SVM's own weights is kept beside their mean (β); ¼ as there.
    public var interpolation = 0.25
    /// Of what is drawn: the order of examples.
    public var key = RandomKey(seed: 0)

    /// As the paper has them.
    public init() {}
  }

  private var rows = FeatureRows()
  private let labels: [Int]
  private let classCount: Int

  /// - Parameters:
  ///   - texts: each in its parts, whose words are told apart.
  ///   - labels: one for each text, in `0..<classCount`.
  ///   - order: of the longest n-grams.
  public init(_ texts: [[String]], labels: [Int], classCount: Int, order: Int) {
    precondition(texts.count == labels.count, "\(texts.count) texts, \(labels.count) labels")
    let features = NGramFeatures(order: order)
    for text in texts { rows.append(features(text)) }
    (self.labels, self.classCount) = (labels, classCount)
  }

  /// The labels that a model answers.
  /// - Parameters:
  ///   - training: indices of the texts to learn from, at least one.
  ///   - test: of those to answer.
  public func answers(
    _ model: WordModel, training: [Int], test: [Int], options: Options = Options()
  ) -> [Int] {
    switch model {
    case .majority:
      let baseline = MajorityBaseline(labels: training.map { labels[$0] }, classCount: classCount)
      return test.map { _ in baseline.label }
    case .ngrams:
      var settings = NGramClassifier.Options()
      settings.key = options.key
      let classifier = LinearClassifier(
        rows, chosen: training, labels: labels, classCount: classCount, options: settings)
      return test.map { greatest(classifier.logarithms(rows[$0])) }
    case .naiveBayes:
      let bayes = NaiveBayes(rows, chosen: training, labels: labels, classCount: classCount)
      return test.map { greatest(bayes.logarithms(rows[$0])) }
    case .svm, .nbSVM:
      let machines = (0..<classCount).map { label in
        let signs = labels.map { $0 == label }
        return model == .svm
          ? SupportVectorMachine(rows, chosen: training, positive: signs, cost: options.cost, key: options.key)
          : SupportVectorMachine(naiveBayes: rows, chosen: training, positive: signs, options)
      }
      return test.map { text in greatest(machines.map { $0.decision(rows[text]) }) }
    }
  }

  /// The first of the greatest.
  private func greatest(_ scores: [Double]) -> Int {
    scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }
}
