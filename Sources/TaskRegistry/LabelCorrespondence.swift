/// How the answers of the task a model was trained on are scored against the labels of another task: as they are if both
/// have the same, else after both went through a rule that makes labels coarser, such as neutral and contradiction to
/// not_entailment.
public struct LabelCorrespondence: Sendable, Hashable {
  /// What is told apart, in the order of the other task's choices.
  public let labels: [String]
  /// From an answer or a label to one of `labels`; empty if nothing had to be made coarser.
  public let collapse: [String: String]

  /// - Parameters:
  ///   - answers: the choices of the task a model was trained on.
  ///   - labels: those of the task it is evaluated on.
  /// - Returns: nil if they differ even after `collapse`, or if only one label would be left.
  public init?(answers: [String], labels: [String], collapse: [String: String]) {
    if Set(answers) == Set(labels) {
      (self.labels, self.collapse) = (labels, [:])
      return
    }
    var coarse: [String] = []
    for label in labels.map({ collapse[$0] ?? $0 }) where !coarse.contains(label) { coarse.append(label) }
    guard coarse.count > 1, Set(answers.map { collapse[$0] ?? $0 }) == Set(coarse) else { return nil }
    (self.labels, self.collapse) = (coarse, collapse)
  }

  /// The index in `labels` of an answer or a label.
  public func index(of text: String) -> Int? { labels.firstIndex(of: collapse[text] ?? text) }
}
