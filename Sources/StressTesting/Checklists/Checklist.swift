import Support
import TaskRegistry

/// A list of behavioural tests in the manner of CheckList (Ribeiro et al. 2020), from a YAML file; see
/// Docs/STRESS-TESTS.md.
public struct Checklist: Sendable {
  /// The checklist's name, as `graft list checklists` has it.
  public let name: String
  /// As the file states it.
  public let version: Int
  /// The kind of task that it can be put to.
  public let kind: TaskShape.Kind
  /// What it looks at, in a sentence for people.
  public let description: String
  /// In the order of the file.
  public let tests: [ChecklistTest]
  let lexicon: Lexicon
  /// The file it was read from, for errors and provenance.
  public let path: String
}

/// One behavioural test: texts made from templates, and what must be true of a model's answers to them.
public struct ChecklistTest: Sendable {
  /// What must be true of the answers.
  public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
    /// Simple cases with a known answer; a wrong one is a failure.
    case minimumFunctionality = "minimum-functionality"
    /// The answer to a changed text must be that to the original.
    case invariance
    /// The probability of a label must not move in one direction.
    case directional
    /// If some answers are so, another must be so, whatever is right.
    case consistency
  }

  /// The texts of one example.
  typealias Texts = [TextRole: TextTemplate]

  /// A label, or one of several, with the place it was named.
  struct Labels: Sendable {
    var names: [String]
    var location: SourceLocation
    /// Of answers to questions, what the names mean; none for other kinds of task.
    var patterns: [AnswerPattern] = []
  }

  /// An example of a consistency test.
  struct Row: Sendable {
    var name: String
    var texts: Texts
    /// Whether its texts have answers to earlier rows in them.
    var isFollowUp: Bool
  }

  /// What must not happen to a probability.
  enum Movement: String, Sendable, CaseIterable {
    case rise, fall
  }

  enum Expectation: Sendable {
    case label(Labels)
    case invariance(tolerance: Double)
    case mustNot(Movement, of: Labels, tolerance: Double)
    case consistency(if: [(row: String, labels: Labels)], then: [(row: String, labels: Labels)])
  }

  /// The test's name, unique in its checklist.
  public let name: String
  /// What a model needs to pass it, by which results are summed up, such as `vocabulary`.
  public let capability: String
  /// What must be true of the answers; `expectation` says it in full.
  public let kind: Kind
  /// The most cases that are made; all there are, if they are fewer.
  public let caseCount: Int
  /// Each is a case of its own.
  let templates: [Texts]
  /// Other texts with the same fillers.
  let variants: [Texts]
  /// Transforms that make variants.
  let changes: [String]
  /// Slots that get other fillers in variants.
  let vary: [Lexicon.Slot]
  /// Of a consistency test in file order, those that ask about answers last.
  let rows: [Row]
  let expectation: Expectation
  let location: SourceLocation
}
