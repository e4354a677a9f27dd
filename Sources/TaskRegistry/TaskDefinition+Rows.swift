import Records
import Support

/// Rows that stand in none of the task's own files.
extension TaskDefinition {
  /// What a row is made of, label aside: every field that its files have, in the order of the prompt, and those of
  /// them without which there is no prompt.
  public var rowFields: (all: [String], needed: [String]) {
    let columns = Set(source.columnNames.keys)
    let named = (inputs.fields + (choiceTemplates ?? []).flatMap(\.fields)).exactlyDistinct.filter { $0 != labelField }
    // The others are made by a preprocessor, of fields that it asks for itself.
    let needed = named.filter { columns.contains($0) }
    let others = columns.subtracting(needed).subtracting([labelField]).sortedByBytes
    return (needed + others, needed)
  }

  /// What the column of a field may be called: as a person says, else as the field, else as in the task's own files.
  func columnNames(of field: String, said: String?) -> [String] {
    said.map { [$0] } ?? ([field] + (source.columnNames[field] ?? [])).exactlyDistinct
  }

  /// A row as a prompt without answer.
  /// - Throws: `.badData` at the row if a preprocessor or a template lacks a field.
  public func example(of row: UnlabelledRow, in file: String) throws(GraftError) -> Example {
    guard output != .preference else {
      throw GraftError(
        .usage, "the task '\(name)' compares two texts by their probability and has no rows without answer",
        hint: "`graft score` gives the probability of texts.")
    }
    let constants = source.settings(of: evaluationSplit).constants ?? [:]
    return try SourceLocation(file: file, line: row.line).locating { () throws(GraftError) in
      try example(
        row.fields.merging(constants) { own, _ in own }, RowGrouping(), false,
        identifier: "\(name)/own/\(row.index + 1)")
    }
  }

  /// What an answer says of a row, in the words of the task; nil for one that is none of its choices.
  public func label(of answer: Prediction, to example: Example) -> String? {
    switch answering {
    case .free: answer.text
    case .fixed(let words): answer.choice.map { words[$0] }
    case .judged(let classes, _): answer.choice.map { classes[$0] }
    case .candidates: answer.choice.flatMap { choice in example.candidates.map { $0[choice].targets } } ?? answer.text
    }
  }

  /// The same as the task's training file would write it: `1` for `positive` where the file has numbers.
  public func fileLabel(of answer: Prediction, to example: Example) -> String? {
    let choice: String?
    switch answering {
    case .free, .fixed, .judged: choice = label(of: answer, to: example)
    case .candidates(let templates):
      guard let index = answer.choice else { return nil }
      // A choice that came out empty was not offered.
      choice = example.candidates?.count == templates.count ? templates[index].text : label(of: answer, to: example)
    }
    guard let choice, let labels = source.settings(of: splitNames.contains("train") ? "train" : nil).labels else {
      return choice
    }
    return labels.filter { $0.value.isExactly(choice) }.keys.min()?.text ?? choice
  }

  /// A choice as the task writes it: what a file of predictions has may be the word, or what the task's own files have
  /// in its place.
  public func word(ofFileLabel text: String) -> String {
    if choice(of: text) != nil { return text }
    let parts = splitNames.map { source.settings(of: $0).labels }
    return parts.lazy.compactMap { $0?[ByteString(text)] }.first ?? text
  }
}

extension TaskDefinition {
  /// The splits that are parts held out of another one.
  public func splits(heldOutOf origin: String) -> [String] {
    splitNames.filter { split in
      if case .heldOut(origin, _, _)? = source.splits[split] { true } else { false }
    }
  }
}

extension RowSource {
  /// What the columns of each field are called in the files of all splits; of fields that are taken out of a column, or
  /// have a file of their own, nothing.
  var columnNames: [String: [String]] {
    var names: [String: [String]] = [:]
    for split in splitNames {
      guard case .parts(let parts, _)? = splits[split] else { continue }
      for part in parts {
        let settings = resolved(part)
        if case .aligned(let files) = part.files { for field in files.keys { names[field, default: []] += [] } }
        for (field, column) in settings.fields ?? [:] where Int(column) == nil { names[field, default: []] += [column] }
        for field in (settings.fields ?? [:]).keys { names[field, default: []] += [] }
        for pattern in (settings.patterns ?? [:]).values {
          for field in pattern.fields { names[field, default: []] += [] }
        }
      }
    }
    return names.mapValues(\.exactlyDistinct)
  }
}
