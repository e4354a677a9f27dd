import Records
import Support
import TaskRegistry

/// Writes a stress set as a suite that `graft evaluate --suite` reads: `NAME.yaml`, its rows `NAME.jsonl`, and in the
/// same order the rows they were made from, `NAME.original.jsonl`, as the split `original`. Field `original` of a row
/// is the identifier of the example it was made from.
public struct StressSetFile: Sendable {
  /// The suite's name, and that of its files.
  public let name: String
  let task: TaskDefinition
  let shape: TaskShape

  /// - Parameter name: kebab-case.
  public init(name: String, task: TaskDefinition, shape: TaskShape) {
    self.name = name
    self.task = task
    self.shape = shape
  }

  /// - Parameters:
  ///   - rejected: by changed identifier, why a row was to be left out and is kept all the same.
  ///   - stamp: why the set as a whole was to be left out; nil if it holds.
  ///   - source: what the set was made from, for its provenance.
  public func write(
    _ members: [StressMember], rejected: [String: String] = [:], stamp: String? = nil, source: String,
    to folder: String
  ) throws(GraftError) {
    let merged = MergedLabels(choices: shape.choices, expected: members.map(\.expected))
    let isCategorized = members.contains { $0.changed.groups[Self.category] != nil }
    var (changed, originals) = ("", "")
    for member in members {
      var row = fields(member.changed, label: merged(member.expected[0]), member)
      if isCategorized { row[Self.category] = category(member) }
      if let reason = rejected[member.changed.identifier] { row["rejected"] = reason }
      changed += try line(row)
      var original = fields(member.original, label: merged(member.original.targets), member)
      if isCategorized { original[Self.category] = category(member) }
      originals += try line(original)
    }
    try AtomicFile.write(changed, to: "\(folder)/\(name).jsonl")
    try AtomicFile.write(originals, to: "\(folder)/\(name).original.jsonl")
    let fieldNames = Set(members.flatMap { $0.changed.fields.keys } + [task.labelField])
    try AtomicFile.write(
      definition(
        merged, fieldNames.sorted(), count: members.count, stamp: stamp, source: source,
        isCategorized: isCategorized),
      to: "\(folder)/\(name).yaml")
  }

  /// A column that no field of a task is called.
  private static let original = "original"
  private static let transform = StressSetMaker.transformGroup
  private static let category = StressSetMaker.categoryGroup

  private func category(_ member: StressMember) -> String {
    member.changed.groups[Self.category] ?? member.transform
  }

  private func fields(_ example: Example, label: String, _ member: StressMember) -> [String: String] {
    example.fields.merging([
      task.labelField: label, Self.original: member.original.identifier, Self.transform: member.transform,
    ]) { $1 }
  }

  private func line(_ row: [String: String]) throws(GraftError) -> String {
    String(decoding: try JSONFile.line(row), as: UTF8.self) + "\n"
  }

  private func definition(
    _ merged: MergedLabels, _ fieldNames: [String], count: Int, stamp: String?, source: String, isCategorized: Bool
  ) -> String {
    let names = Set(fieldNames + [Self.original]).sorted()
    let fields = names.map { "\($0): \($0.yamlLiteral)" }.joined(separator: ", ")
    let collapse = merged.collapse.sorted { $0.key < $1.key }.map { (key: $0.key.text, value: $0.value) }.map {
      "\($0.key.yamlLiteral): \($0.value.yamlLiteral)"
    }
    var lines = [
      "suite: \(name)", "version: 1", "tags: [stress, generated\(stamp == nil ? "" : ", rejected")]",
      "through: \(task.name)", "source:", "  folder: ./", "  format: jsonl", "  fields: {\(fields)}",
      "  label: \(task.labelField)",
      "  groups: {\(isCategorized ? "category: category, " : "")transform: transform}", "splits:",
      "  test: \(name).jsonl",
      "  original: \(name).original.jsonl",
      "choices: [\(merged.classes.map(\.yamlLiteral).joined(separator: ", "))]",
    ]
    if !collapse.isEmpty { lines.append("collapse: {\(collapse.joined(separator: ", "))}") }
    lines += [
      "metrics: [accuracy]", "primaryMetric: accuracy", "provenance:", "  origin: \(source.yamlLiteral)",
    ]
    if let stamp { lines.append("  note: \("rejected: \(stamp)".yamlLiteral)") }
    lines.append("counts: {test: \(count), original: \(count)}")
    return lines.joined(separator: "\n") + "\n"
  }
}
