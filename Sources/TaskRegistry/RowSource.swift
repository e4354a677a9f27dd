import Foundation
import Randomness
import Records
import Support

/// A row after label mapping, before preprocessing.
struct LabelledRow: Sendable {
  /// From 1 in the split as its files have it, hence stable under filters.
  var number: Int
  var fields: [String: String]
  var grouping: RowGrouping
  var isLabelled: Bool
  var location: SourceLocation
}

/// Where the rows of a task or suite come from, resolved and validated.
struct RowSource: Sendable {
  var settings: SourceSettings
  var splits: [String: SplitSpecification]
  /// As the file lists them.
  var splitNames: [String]
  /// nil if the label field is ordinary text.
  var choices: [String]?
  /// Whether `choices` are templates, so that what a row's label must be shows only once they are filled.
  var choicesVary = false
  /// What owns the rows, for messages: `task 'sst2'`.
  var owner: String
  /// Where the data can be had.
  var origin: String?

  /// The rows of a split: files, label map, exclusions, held-out share.
  func rows(_ split: String, _ root: DataRoot) throws(GraftError) -> [LabelledRow] {
    guard let specification = splits[split] else {
      throw .unknownName("split of \(owner)", split, known: splitNames)
    }
    switch specification {
    case .parts(let parts, let exclude):
      let rows = try unexcluded(parts, exclude, root)
      let shares = heldOutShares(of: split)
      guard !shares.isEmpty else { return rows }
      return rows.filter { row in
        !shares.contains { $0.range.contains(position(of: row, by: $0.fields)) }
      }
    case .heldOut(let origin, _, _):
      guard case .parts(let parts, let exclude)? = splits[origin] else { return [] }
      let rows = try unexcluded(parts, exclude, root)
      guard let own = heldOutShares(of: origin).first(where: { $0.name == split }) else { return [] }
      return rows.filter { own.range.contains(position(of: $0, by: own.fields)) }
    }
  }

  /// The error for a split that was read and has no rows, at the first of its files.
  func noRows(_ split: String, _ root: DataRoot) -> GraftError {
    let paths = parts(of: split).flatMap { part in
      part.files.names.compactMap { try? folder(of: part).path(of: $0, under: root, origin: origin) }
    }
    let more = paths.count > 1 ? " in its \(paths.count) files" : ""
    return GraftError(
      .badData, "split '\(split)' of \(owner) has no rows\(more)",
      hint: "is the file cut short, or does `keep`, `drop` or `exclude` leave out all of them?",
      location: paths.first.map { SourceLocation(file: $0) })
  }

  private func parts(of split: String) -> [PartSpecification] {
    switch splits[split] {
    case .heldOut(let origin, _, _): parts(of: origin)
    case .parts(let parts, _): parts
    case nil: []
    }
  }

  private func folder(of part: PartSpecification) -> DataFolder {
    resolved(part).folder ?? DataFolder(name: "", base: nil)
  }

  /// The settings of a part with those of the source behind them.
  func resolved(_ part: PartSpecification) -> SourceSettings { part.settings.over(settings) }

  /// The fields that rows of a part have, label included if there is one.
  func fieldNames(of part: PartSpecification) -> [String] {
    switch part.files {
    case .aligned(let files): (Array(files.keys) + (resolved(part).constants ?? [:]).keys).sorted()
    case .rows: ((resolved(part).fields ?? [:]).keys + resolved(part).derivedFields).sorted()
    }
  }

  /// Every field that rows can have once `steps` are done, label included.
  func fieldNames(after steps: [PreprocessorStep]) -> [String] {
    var names = Set(settings.fields.map { Array($0.keys) } ?? [])
    for split in splits.values {
      if case .parts(let parts, _) = split {
        for part in parts { names.formUnion(fieldNames(of: part)) }
      }
    }
    for step in steps { names.formUnion(step.preprocessor.addedFields) }
    return names.sorted()
  }

  /// How rows of a split are read; of its first part, if it has several. Of the first split for nil.
  func settings(of split: String?) -> SourceSettings {
    parts(of: split ?? splitNames[0]).first.map(resolved) ?? settings
  }

  /// The files of a split under the data folder, for each of its parts.
  func dataFiles(_ split: String) -> [String] {
    parts(of: split).flatMap { part in part.files.names.compactMap { folder(of: part).relativePath(of: $0) } }
  }

  /// Whether a field is read from a column that has a line for each of several elements.
  func isList(_ field: String) -> Bool {
    splits.values.contains { split in
      guard case .parts(let parts, _) = split else { return false }
      return parts.contains { resolved($0).fields?[field]?.split(separator: ".").contains("*") == true }
    }
  }

  /// Whether all rows of a split have labels.
  func isLabelled(_ split: String) -> Bool {
    switch splits[split] {
    case .heldOut(let origin, _, _): isLabelled(origin)
    case .parts(let parts, _): parts.allSatisfy { resolved($0).unlabelled != true }
    case nil: false
    }
  }

  /// What is missing to read a split; nil if its files are here.
  func absence(_ split: String, _ root: DataRoot) -> GraftError? {
    switch splits[split] {
    case .heldOut(let origin, _, _): return absence(origin, root)
    case .parts(let parts, let exclude):
      for part in parts {
        if let error = absence(part, root) { return error }
      }
      return exclude?.splits.lazy.compactMap { absence($0, root) }.first
    case nil: return nil
    }
  }

  private func absence(_ part: PartSpecification, _ root: DataRoot) -> GraftError? {
    let folder = folder(of: part)
    for file in part.files.names {
      do throws(GraftError) {
        let path = try folder.path(of: file, under: root, origin: origin)
        guard FileManager.default.fileExists(atPath: path) else {
          return GraftError(
            .missingInput, "no such file: '\(path)'",
            hint: origin.map { "it comes from: \($0)." } ?? "the task's 'splits' name it.")
        }
      } catch {
        return error
      }
    }
    return nil
  }

  // MARK: Reading

  private func unexcluded(
    _ parts: [PartSpecification], _ exclude: SplitSpecification.Exclusion?, _ root: DataRoot
  ) throws(GraftError) -> [LabelledRow] {
    var rows: [LabelledRow] = []
    var rowsBefore = 0
    for part in parts {
      let (read, count) = try self.rows(of: part, rowsBefore, root)
      rows += read
      rowsBefore += count
    }
    guard let exclude else { return rows }
    let label = settings.labelField
    var seen: Set<[UInt8]> = []
    for split in exclude.splits {
      for row in try self.rows(split, root) { seen.insert(contentKey(row, by: exclude.fields, label)) }
    }
    let kept = rows.filter { !seen.contains(contentKey($0, by: exclude.fields, label)) }
    if kept.count < rows.count {
      Notices.post(
        "\(owner): \(rows.count - kept.count) of \(rows.count) rows left out, as 'exclude' says, because they are in "
          + exclude.splits.joined(separator: " or "))
    }
    return kept
  }

  /// - Returns: the kept rows, and how many there are in the file (within the part's range).
  private func rows(
    of part: PartSpecification, _ rowsBefore: Int, _ root: DataRoot
  ) throws(GraftError) -> (rows: [LabelledRow], count: Int) {
    let settings = resolved(part)
    let folder = folder(of: part)
    var path: String
    var columns: [String]
    let fields: [(name: String, column: Int)]
    let groups: [(name: String, column: Int)]
    var patterns: [(pattern: TextTemplate, column: Int)] = []
    var grouping = RowGrouping()
    grouping.set = settings.set
    var raw: [RawRow]
    switch part.files {
    case .rows(let file):
      path = try folder.path(of: file, under: root, origin: origin)
      let fieldColumns = (settings.fields ?? [:]).sorted { $0.key < $1.key }
      var groupColumns: [(key: String, value: String)] = []
      for (name, text) in (settings.groups ?? [:]).sorted(by: { $0.key < $1.key }) {
        if let template = try SourceSettings.groupTemplate(text) {
          grouping.templates[name] = template
        } else {
          groupColumns.append((name, text))
        }
      }
      let patternColumns = (settings.patterns ?? [:]).sorted { $0.key < $1.key }
      let wanted = (fieldColumns.map(\.value) + groupColumns.map(\.value) + patternColumns.map(\.key))
        .exactlyDistinct.sortedByBytes
      columns = wanted
      fields = fieldColumns.map { ($0.key, wanted.exactIndex(of: $0.value) ?? 0) }
      groups = groupColumns.map { ($0.key, wanted.exactIndex(of: $0.value) ?? 0) }
      patterns = patternColumns.map { ($0.value, wanted.exactIndex(of: $0.key) ?? 0) }
      raw =
        settings.format == .documents
        ? try RowReader.documents(in: path, columns: columns, settings)
        : try RowReader(path: path, columns: columns, encoding: settings.encoding ?? .utf8).rows(settings)
    case .aligned(let files):
      let named = files.sorted { $0.key < $1.key }
      columns = named.map(\.key)
      fields = columns.enumerated().map { ($0.element, $0.offset) }
      groups = []
      for (name, text) in settings.groups ?? [:] {
        grouping.templates[name] = try SourceSettings.groupTemplate(text)
      }
      (raw, path) = try aligned(named.map(\.value), in: folder, root)
    }
    if let range = part.rows {
      guard range.lowerBound <= raw.count else {
        throw GraftError(
          .badData, "the file has \(raw.count) rows, none of which is row \(range.lowerBound) or later",
          hint: "is it cut short?", location: SourceLocation(file: path, line: raw.last?.line))
      }
      let start = min(range.lowerBound - 1, raw.count)
      raw = Array(raw[start..<max(start, min(range.upperBound, raw.count))])
    }

    var result: [LabelledRow] = []
    result.reserveCapacity(raw.count)
    for (index, row) in raw.enumerated() {
      var values: [String: String] = [:]
      for (name, column) in fields { values[name] = row.values[column] }
      let place = SourceLocation(file: path, line: row.line)
      for (pattern, column) in patterns {
        guard let found = pattern.matched(row.values[column]) else {
          throw GraftError(
            .badData, "column '\(columns[column])' does not have the form '\(pattern.text)'", location: place)
        }
        values.merge(found) { $1 }
      }
      values.merge(settings.constants ?? [:]) { $1 }
      guard isKept(values, settings) else { continue }
      let isLabelled = !(settings.unlabelled ?? false)
      try settleLabel(&values, settings, place)
      grouping.index = index
      for (name, column) in groups {
        guard let list = settings.groupLists?[name] else {
          grouping.values[name] = row.values[column]
          continue
        }
        let values = list.values(of: row.values[column])
        grouping.values[name] = values.isEmpty ? nil : values.joined(separator: "\(Example.groupSeparator)")
      }
      result.append(
        LabelledRow(
          number: rowsBefore + index + 1, fields: values, grouping: grouping, isLabelled: isLabelled,
          location: place))
    }
    if result.count < raw.count {
      let filters = [settings.keep.map { _ in "keep" }, settings.drop.map { _ in "drop" }].compactMap(\.self)
      Notices.post(
        "\(path): \(raw.count - result.count) of \(raw.count) rows left out by "
          + filters.map { "'\($0)'" }.joined(separator: " and "))
    }
    return (result, raw.count)
  }

  private func aligned(
    _ files: [String], in folder: DataFolder, _ root: DataRoot
  ) throws(GraftError) -> (rows: [RawRow], path: String) {
    var columns: [[String]] = []
    var paths: [String] = []
    for file in files {
      let path = try folder.path(of: file, under: root, origin: origin)
      columns.append(try FileContents.lines(path))
      paths.append(path)
    }
    guard let first = columns.first, let path = paths.first else { return ([], "") }
    for (column, other) in zip(columns, paths) where column.count != first.count {
      throw GraftError(
        .badData,
        "line-aligned files differ in length: '\(path)' has \(first.count) lines, '\(other)' "
          + "\(column.count)",
        hint: "is one of them cut short?", location: SourceLocation(file: other, line: column.count))
    }
    let rows = first.indices.map { index in
      RawRow(line: index + 1, values: columns.map { $0[index] })
    }
    return (rows, path)
  }

  private func isKept(_ values: [String: String], _ settings: SourceSettings) -> Bool {
    for (field, allowed) in settings.keep ?? [:] where !allowed.containsExactly(values[field] ?? "") {
      return false
    }
    for (field, refused) in settings.drop ?? [:] where refused.containsExactly(values[field] ?? "") {
      return false
    }
    return true
  }

  /// Puts what a row's label means in place of what the file says, or takes it away from an unlabelled row.
  func settleLabel(
    _ values: inout [String: String], _ settings: SourceSettings, _ place: SourceLocation
  ) throws(GraftError) {
    guard settings.unlabelled != true else {
      values[settings.labelField] = nil
      return
    }
    guard let choices else { return }
    guard let raw = values[settings.labelField] else {
      throw GraftError(
        .badData, "\(owner) has choices, but its rows have no field '\(settings.labelField)'",
        hint: "add it to `fields`, or say `unlabelled: true`.", location: place)
    }
    let mapped = settings.labels.map { $0[ByteString(raw)] } ?? raw
    // Without a map, the label of a row with choices of its own is compared with them once they are filled.
    let isOpen = choicesVary && settings.labels == nil && !raw.isEmpty
    if let mapped, choices.containsExactly(mapped) || isOpen {
      values[settings.labelField] = mapped
      return
    }
    if raw.isEmpty || raw == "-1" {
      throw GraftError(
        .badData, "the row has no label ('\(raw)')",
        hint: "drop such rows with `drop`, or declare the part `unlabelled: true`; it is then never scored.",
        location: place)
    }
    let known = settings.labels.map { $0.keys.sorted().map(\.text) } ?? choices
    // Among numbers none is meant more than another.
    let near = raw.utf8.count > 2 ? closestName(to: raw, in: known) : nil
    let close = near.map { "did you mean '\($0)'? " } ?? ""
    throw GraftError(
      .badData, "label '\(raw)' is not mapped to a choice",
      hint: "\(close)known: \(known.joined(separator: ", ")).", location: place)
  }

  // MARK: Held-out shares

  private struct HeldOut {
    var name: String
    var range: Range<Double>
    var fields: [String]?
  }

  private func heldOutShares(of origin: String) -> [HeldOut] {
    var result: [HeldOut] = []
    var start = 0.0
    for name in splitNames {
      if case .heldOut(origin, let share, let fields)? = splits[name] {
        result.append(HeldOut(name: name, range: start..<(start + share), fields: fields))
        start += share
      }
    }
    return result
  }

  /// A number in [0, 1) that depends on nothing but the row's content.
  private func position(of row: LabelledRow, by fields: [String]?) -> Double {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in contentKey(row, by: fields, settings.labelField) {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let key = RandomKey(seed: 0).folded("held-out").folded(Int(Int64(bitPattern: hash)))
    return Double(key.word0) / 0x1p32 + Double(key.word1) / 0x1p64
  }

  /// Letters and digits of the fields, ASCII case ignored, with a mark between fields.
  private func contentKey(_ row: LabelledRow, by fields: [String]?, _ label: String) -> [UInt8] {
    var key: [UInt8] = []
    for name in fields ?? row.fields.keys.filter({ $0 != label }).sorted() {
      for byte in (row.fields[name] ?? "").utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): key.append(byte | 0x20)
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
          key.append(byte)
        default: break
        }
      }
      key.append(0x1f)
    }
    return key
  }
}
