import Support

/// The labels of a set where some examples may be answered with one of several: those that are interchangeable for
/// any example are one class for all.
///
/// Worked example: of entailment, neutral and contradiction, with examples that expect contradiction and such that
/// expect entailment or neutral, there are the classes `entailment-or-neutral` and `contradiction`.
public struct MergedLabels: Sendable, Hashable {
  /// In the order of the task's choices.
  public let classes: [String]
  /// From a label that is merged to its class.
  public let collapse: [ByteString: String]

  /// - Parameters:
  ///   - choices: the labels of the task.
  ///   - expected: of each example, the labels that are right; those that are no choice are ignored.
  public init(choices: [String], expected: some Sequence<[String]>) {
    // Which class each choice is in, by the least index of its members.
    var group = Array(choices.indices)
    for labels in Set(expected.map { $0.map { ByteString($0) } }) where labels.count > 1 {
      let members = labels.compactMap { choices.exactIndex(of: $0.text) }.map { group[$0] }
      guard let least = members.min() else { continue }
      for index in group.indices where members.contains(group[index]) { group[index] = least }
    }
    var (classes, collapse) = ([String](), [ByteString: String]())
    for index in choices.indices where group[index] == index {
      let members = choices.indices.filter { group[$0] == index }.map { choices[$0] }
      let name = members.joined(separator: "-or-")
      classes.append(name)
      if members.count > 1 { for label in members { collapse[ByteString(label)] = name } }
    }
    self.classes = classes
    self.collapse = collapse
  }

  /// The class of a label; the label itself if it was not merged.
  public func callAsFunction(_ label: String) -> String { collapse[ByteString(label)] ?? label }
}
