import Records
import Support

extension TaskDefinition {
  /// Texts that stand in none of the task's files, put as the task puts its own.
  ///
  /// - Parameters:
  ///   - fields: after preprocessing or before: preprocessors run over them once more, as they do when they are read
  ///     from a file.
  ///   - label: what is to be answered; need not be one of the task's choices.
  /// - Throws: `.badData` if a field of the template is missing or a preprocessor cannot use the fields.
  public func prompt(
    _ fields: [String: String], label: String, groups: [String: String] = [:], identifier: String
  ) throws(GraftError) -> Example {
    let fields = try dataSet.preprocessed(
      fields.merging([labelField: label]) { $1 }, label: labelField)
    let target = fields[labelField] ?? label
    return Example(
      identifier: identifier, inputs: try inputs.rendered(fields), targets: target, fields: fields, groups: groups,
      choice: choice(of: target))
  }
}
