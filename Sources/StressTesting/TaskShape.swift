import Records
import Support
import TaskRegistry

/// What a text of an example is to the others.
public enum TextRole: String, Sendable, Hashable, CaseIterable, Codable {
  /// The only one.
  case text
  /// The text that is given, and the one of which it is asked whether it follows.
  case premise, hypothesis
  /// Two of which none comes before the other.
  case first, second
  /// What a question is about, and the question.
  case context, question
}

/// The labels of a task of inference, whatever it calls them.
public struct InferenceLabels: Sendable, Hashable {
  /// What one text is to another.
  public enum Relation: String, Sendable, Hashable, CaseIterable {
    /// It follows; it may or may not be so; it cannot be so.
    case entailment, neutral, contradiction
  }

  /// The task's word for what follows.
  public let entailment: String
  /// The same word twice where a task tells no more than whether there is an entailment.
  public let neutral: String
  /// The task's word for what cannot be so.
  public let contradiction: String

  /// Whether neutral and contradiction are told apart.
  public var isThreeWay: Bool { neutral != contradiction }

  /// - Returns: nil for choices that are none of inference.
  init?(choices: [String]) {
    guard choices.contains("entailment") else { return nil }
    entailment = "entailment"
    if choices.count == 3, choices.contains("neutral"), choices.contains("contradiction") {
      (neutral, contradiction) = ("neutral", "contradiction")
    } else if choices.count == 2, let other = choices.first(where: { $0 != "entailment" }),
      other != "contradiction"
    {
      (neutral, contradiction) = (other, other)
    } else {
      return nil
    }
  }

  /// The task's word for a relation.
  public subscript(relation: Relation) -> String {
    switch relation {
    case .entailment: entailment
    case .neutral: neutral
    case .contradiction: contradiction
    }
  }
}

/// What stress tests need to know of a task: which fields are texts, and what they are to each other.
public struct TaskShape: Sendable, Hashable {
  /// What a task asks of its texts.
  public enum Kind: String, Sendable, Hashable, CaseIterable, Comparable {
    /// A premise and a hypothesis; does the one follow from the other?
    case inference
    /// Two texts; do they say the same?
    case paraphrase
    /// Two texts of which something else is asked, or it is not known which of them is the hypothesis: what a transform
    /// may change is how they are written.
    case pair
    /// One text, about whose content something is to be said, such as its sentiment or topic.
    case sentence
    /// A text and a question about it, answered in words, or by yes or no.
    case question

    /// In alphabetical order, for lists.
    public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }

    /// The texts that an example of this kind has, the judged one last.
    public var roles: [TextRole] {
      switch self {
      case .inference: [.premise, .hypothesis]
      case .pair, .paraphrase: [.first, .second]
      case .sentence: [.text]
      case .question: [.context, .question]
      }
    }

    /// What a task of this kind has.
    public var names: String {
      switch self {
      case .inference:
        "the fields premise and hypothesis, or two whose names end in a and b or in 1 and 2, and the labels entailment,"
          + " neutral and contradiction, or entailment and one other"
      case .paraphrase:
        "the fields sentence1 and sentence2, or question1 and question2, or two of a task with the tag paraphrase, and"
          + " two labels"
      case .pair: "two fields of any names"
      case .sentence: "one field of any name"
      case .question: "the fields context, or passage, and question"
      }
    }
  }

  /// What the task asks.
  public let kind: Kind
  /// None where questions are answered in words.
  public let choices: [String]
  /// Set for inference.
  public let labels: InferenceLabels?
  private let fields: [TextRole: String]

  /// The texts that an example has, the judged one last.
  public var roles: [TextRole] { kind.roles }

  /// The field of the task that has a role.
  public func field(_ role: TextRole) -> String { fields[role] ?? role.rawValue }

  /// - Throws: `.usage` for a task whose answers are not fixed words or whose texts are of no known form.
  public init(_ task: TaskDefinition) throws(GraftError) {
    let prompt = task.inputs.fields.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    if let context = ["context", "passage"].first(where: { Set(prompt) == [$0, "question"] }),
      task.choices.map(AnswerText.areYesAndNo) ?? (task.output == .text)
    {
      (kind, choices, labels) = (.question, task.choices ?? [], nil)
      fields = [.context: context, .question: "question"]
      return
    }
    guard let choices = task.choices else {
      throw GraftError(
        .usage, "task '\(task.name)' has no fixed choices, and stress tests need them",
        hint: "take a task of classification; `graft list tasks` shows all.")
    }
    guard !task.tags.contains("acceptability") else {
      throw GraftError(
        .usage, "no transform keeps the labels of task '\(task.name)', which are about form",
        hint: "take a task about what a text says.")
    }
    self.choices = choices
    let inference = InferenceLabels(choices: choices)
    let ordered = Self.ordered(prompt)
    if let inference, let ordered, Self.saysWhichFollows(ordered) {
      (kind, labels, fields) = (.inference, inference, [.premise: ordered[0], .hypothesis: ordered[1]])
    } else if choices.count == 2, let ordered, Self.pairs.contains(ordered) || task.tags.contains("paraphrase") {
      (kind, labels, fields) = (.paraphrase, nil, [.first: ordered[0], .second: ordered[1]])
    } else if let ordered {
      (kind, labels, fields) = (.pair, nil, [.first: ordered[0], .second: ordered[1]])
    } else if prompt.count == 1 {
      (kind, labels, fields) = (.sentence, nil, [.text: prompt[0]])
    } else {
      throw GraftError(
        .usage,
        "task '\(task.name)' has the texts \(prompt.joined(separator: ", ")), a form no transform is made for",
        hint: "they are made for one text or two; \(Self.names)")
    }
  }

  /// What a task is to call its texts.
  static let names =
    "its `source: fields:` may call two premise and hypothesis (or sentence1 and sentence2, text_a and text_b), or one of"
    + " them context and the other question."

  private static let pairs = [["sentence1", "sentence2"], ["question1", "question2"]]

  /// Two fields, the first of a numbered pair first, else in the order of the prompt; nil for other numbers of fields.
  ///
  /// Worked example: `text_b`, `text_a` are `text_a`, `text_b`, and so are `hypothesis`, `premise` in the other order.
  private static func ordered(_ prompt: [String]) -> [String]? {
    guard prompt.count == 2 else { return nil }
    let turned = [prompt[1], prompt[0]]
    return saysWhichFollows(turned) || pairs.contains(turned) ? turned : prompt
  }

  /// Whether the names say which text is given and which is judged: a premise and a hypothesis, or the same name with a
  /// and b, or 1 and 2, at the end.
  private static func saysWhichFollows(_ names: [String]) -> Bool {
    guard names != ["premise", "hypothesis"] else { return true }
    guard names[0].count > 1, ByteString(String(names[0].dropLast())) == ByteString(String(names[1].dropLast())) else {
      return false
    }
    return ["ab", "AB", "12"].contains(String(names.compactMap(\.last)))
  }
}

/// An example as a transform sees it.
public struct StressInput: Sendable {
  /// The form of the example's task.
  public let shape: TaskShape
  /// As the task calls it.
  public let label: String
  private let texts: [TextRole: String]

  /// - Parameter label: as the task calls it.
  public init(shape: TaskShape, texts: [TextRole: String], label: String) {
    self.shape = shape
    self.label = label
    self.texts = texts
  }

  /// The texts of the example's fields that have a role; a field that is absent is empty.
  public init(_ example: Example, shape: TaskShape) {
    var texts: [TextRole: String] = [:]
    for role in shape.roles { texts[role] = example.fields[shape.field(role)] }
    self.init(shape: shape, texts: texts, label: example.targets)
  }

  /// Empty for a role that the task does not have.
  public subscript(role: TextRole) -> String { texts[role] ?? "" }

  /// The text that is judged: the hypothesis, the second of a pair, or the only one.
  public var judged: TextRole { shape.roles[shape.roles.count - 1] }
}
