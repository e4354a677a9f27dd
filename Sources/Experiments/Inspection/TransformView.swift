import Records
import StressTesting
import Support

/// What a stress transform does to rows of a task: `graft inspect transform --json` writes it.
public struct TransformView: Encodable, Sendable {
  /// A kind of task that a transform is for.
  public struct Kind: Encodable, Sendable {
    /// As `TaskShape.Kind`.
    public var kind: String
    /// What a task must have to be one.
    public var needs: String
  }

  /// A text of an example, as it was and as it is.
  public struct Text: Encodable, Sendable {
    /// The task's name of it.
    public var field: String
    /// As the row has it.
    public var before: String
    /// nil where it stays as it is.
    public var after: String?
  }

  /// A text's role and the field that has it.
  public struct Field: Encodable, Sendable {
    /// As `TextRole`.
    public var role: String
    /// The task's name.
    public var field: String
  }

  /// A row that the transform changes.
  public struct Row: Encodable, Sendable {
    /// Of the row.
    public var identifier: String
    /// What was the right answer.
    public var label: String
    /// What is right afterwards: any of these.
    public var expected: [String]
    /// Whether it is known that the label stays.
    public var keepsLabel: Bool
    /// In the order of the task's texts.
    public var texts: [Text]
    /// What a model is shown afterwards.
    public var prompt: String
  }

  /// What came of the rows of a task.
  public struct Rows: Encodable, Sendable {
    /// Whose rows they are.
    public var task: String
    /// Of the task.
    public var split: String
    /// As `TaskShape.Kind`.
    public var kind: String
    /// Which field is what.
    public var fields: [Field]
    /// How many rows were offered to the transform.
    public var tried: Int
    /// How many of them it changes.
    public var changed: Int
    /// How many it does not change, by reason.
    public var notApplicable: [String: Int]
    /// The first that are changed.
    public var examples: [Row]

    /// - Parameter count: how many rows are kept at most.
    /// - Throws: as `StressSetMaker.make`.
    public init(
      _ maker: StressSetMaker, _ name: String, _ examples: [Example], split: String, count: Int
    ) throws(GraftError) {
      let set = try maker.make(name, from: examples)
      let fields = maker.shape.roles.map { Field(role: $0.rawValue, field: maker.shape.field($0)) }
      (task, self.split, kind, self.fields) = (maker.task.name, split, maker.shape.kind.rawValue, fields)
      (tried, changed, notApplicable) = (set.offered, set.members.count, set.notApplicable)
      self.examples = set.members.prefix(count).map { member in
        Row(
          identifier: member.original.identifier, label: member.original.targets, expected: member.expected,
          keepsLabel: member.isPreserved,
          texts: fields.map { field in
            let (before, after) = (member.original.fields[field.field] ?? "", member.changed.fields[field.field] ?? "")
            return Text(field: field.field, before: before, after: before.isExactly(after) ? nil : after)
          }, prompt: member.changed.inputs)
      }
    }
  }

  /// As people name it.
  public var transform: String
  /// A line about it.
  public var summary: String
  /// In alphabetical order.
  public var kinds: [Kind]
  /// Whether it reads the WordNet database.
  public var needsWordNet: Bool
  /// Of a task; nil if none was named.
  public var rows: Rows?

  /// - Throws: `.usage` for an unknown transform.
  public init(_ name: String) throws(GraftError) {
    let made = try StressTransforms.registry(name)
    transform = name
    summary = StressTransforms.registry.summary(of: name)
    kinds = made.fits.sorted().map { Kind(kind: $0.rawValue, needs: $0.names) }
    needsWordNet = made.needsWordNet
  }
}
