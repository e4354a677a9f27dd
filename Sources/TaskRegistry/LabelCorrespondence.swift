import Support

/// How the answers of the task a model was trained on are scored against the labels of another task: as they are if
/// both have the same, else after both went through a rule that makes labels coarser, such as neutral and contradiction
/// to not_entailment.
public struct LabelCorrespondence: Sendable, Hashable {
  /// What is told apart, in the order of the other task's choices.
  public let labels: [String]
  /// From an answer or a label to one of `labels`; empty if nothing had to be made coarser.
  public let collapse: [ByteString: String]

  /// - Parameters:
  ///   - answers: the choices of the task a model was trained on.
  ///   - labels: those of the task it is evaluated on.
  /// - Returns: nil if they differ even after `collapse`, or if only one label would be left.
  public init?(answers: [String], labels: [String], collapse: [ByteString: String]) {
    func texts(_ words: [String]) -> Set<ByteString> { Set(words.map { ByteString($0) }) }
    func collapsed(_ label: String) -> String { collapse[ByteString(label)] ?? label }
    if texts(answers) == texts(labels) {
      (self.labels, self.collapse) = (labels, [:])
      return
    }
    let coarse = labels.map(collapsed).exactlyDistinct
    guard coarse.count > 1, texts(answers.map(collapsed)) == texts(coarse) else { return nil }
    (self.labels, self.collapse) = (coarse, collapse)
  }

  /// The index in `labels` of an answer or a label.
  public func index(of text: String) -> Int? {
    labels.exactIndex(of: collapse[ByteString(text)] ?? text)
  }
}
