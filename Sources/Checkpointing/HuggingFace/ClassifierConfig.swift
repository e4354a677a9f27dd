import ModelKit
import Support

// What config.json says of a classifier's head.

extension HuggingFaceConfig {
  /// What a classifier answers: the task of `finetuning_task`, which Graft and the scripts of transformers write, else
  /// any task that its labels fit. Nil for a model that is no classifier of texts, and for one whose labels do not
  /// exclude each other.
  /// - Parameter output: the matrix of the head's last layer, a row for each label.
  /// - Throws: `.badData` for labels that contradict each other.
  public func answers(_ weights: WeightFiles, output: String) throws(GraftError) -> [AnswerFormat]? {
    guard firstString("architectures")?.hasSuffix("ForSequenceClassification") == true else { return nil }
    let problem = try string("problem_type", default: "")
    if problem == "multi_label_classification" { return nil }
    let name = try string("finetuning_task", default: "")
    let task = name.isEmpty ? AnswerFormat.anyTask : name
    let labels = try labels(outputs: (try? weights.description(of: output))?.shape.first)
    // As transformers takes it: a single output is a number.
    if problem == "regression" || problem.isEmpty && labels.count == 1 {
      return [AnswerFormat(task: task, choices: nil)]
    }
    return [AnswerFormat(task: task, choices: labels)]
  }

  /// The label of each output.
  private func labels(outputs: Int?) throws(GraftError) -> [String] {
    let stated = try indexed(try texts("id2label"), "id2label")
    var reversed: [(key: String, value: String)] = []
    for (label, index) in try texts("label2id") { reversed.append((index, label)) }
    guard let stated else {
      if let labels = try indexed(reversed, "label2id") { return labels }
      return (0..<min(outputs ?? 2, 1 << 16)).map { "LABEL_\($0)" }
    }
    guard let other = try? indexed(reversed, "label2id"), other.count == stated.count, other != stated else {
      return stated
    }
    func areGeneric(_ labels: [String]) -> Bool {
      labels.enumerated().allSatisfy { $1 == "LABEL_\($0)" || $1 == "\($0)" }
    }
    if areGeneric(other) { return stated }
    if areGeneric(stated) { return other }
    throw unsupported(
      "id2label",
      hint: "it says \(stated.joined(separator: ", ")), 'label2id' \(other.joined(separator: ", ")); "
        + "correct the one that is wrong.")
  }

  /// Labels by the numbers "0", "1" …; nil if there are none.
  private func indexed(
    _ members: [(key: String, value: String)], _ key: String
  ) throws(GraftError) -> [String]? {
    if members.isEmpty { return nil }
    var result = [String?](repeating: nil, count: members.count)
    for (index, label) in members {
      guard let index = Int(index), result.indices.contains(index), result[index] == nil else {
        throw unsupported(key, hint: "it must name the labels \"0\" to \"\(members.count - 1)\".")
      }
      result[index] = label
    }
    return result.compactMap { $0 }
  }
}

extension HuggingFaceExport {
  /// What config.json says of the head of a classifier.
  /// - Parameter answers: nil for a model without such a head, of which there is nothing to say.
  /// - Throws: `.usage` for a model that answers several tasks.
  public static func classifierConfig(_ answers: [AnswerFormat]?) throws(GraftError) -> [String: ConfigValue] {
    guard let answers else { return [:] }
    guard answers.count == 1 else {
      throw GraftError(
        .usage, "transformers' classifiers answer one task, this encoder \(answers.count)",
        hint: "fine-tune it on one task to write it.")
    }
    var config: [String: ConfigValue] = [:]
    let isNamed = answers[0].task != AnswerFormat.anyTask
    if isNamed { config["finetuning_task"] = .string(answers[0].task) }
    let labels = answers[0].choices ?? [isNamed ? answers[0].task : "LABEL_0"]
    config["id2label"] = .object(
      Dictionary(uniqueKeysWithValues: labels.enumerated().map { ("\($0)", .string($1)) }))
    config["label2id"] = .object(
      Dictionary(labels.enumerated().map { ($1, .integer($0)) }, uniquingKeysWith: { first, _ in first }))
    config["problem_type"] = .string(
      answers[0].choices == nil ? "regression" : "single_label_classification")
    return config
  }
}
