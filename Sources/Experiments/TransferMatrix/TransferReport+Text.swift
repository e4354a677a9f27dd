import Reporting
import Support

extension TransferReport {
  /// `model` first.
  var systems: [String] {
    var names: [String] = []
    for cell in cells where !names.contains(cell.system) { names.append(cell.system) }
    return names
  }

  /// Trained on, downwards; evaluated on, across.
  func table(_ system: String) -> Table {
    var table = Table([.init("trained on")] + columns.map { .init($0, .right) })
    for task in tasks {
      table.append(
        [task]
          + columns.map { column in
            let found = cells.first {
              $0.system == system && $0.trainedOn == task && "\($0.evaluatedOn)-\($0.split)" == column
            }
            guard let found else { return "–" }
            let deviation = found.standardDeviation.map { " ± \(NumberText.fixed($0, digits: 1))" } ?? ""
            let isBeyond = found.versusConstant.map { $0.isSignificant && $0.difference > 0 } ?? false
            return NumberText.fixed(found.mean, digits: 1) + deviation + (found.collapse.isEmpty ? "" : "†")
              + (isBeyond ? "*" : "")
          })
    }
    table.append(
      ["best constant"]
        + columns.map { column in
          constants.first { $0.evaluatedOn == column }.map { NumberText.fixed($0.accuracy, digits: 1) } ?? "–"
        })
    return table
  }

  /// How the tables are to be read; also printed below them.
  public var remarks: String {
    var text =
      "Accuracy in percent; examples are put to a model as the task it was trained on puts its own. ± is the standard"
      + " deviation over seeds. An asterisk marks cells above the best constant answer: two-sided approximate"
      + " randomisation over examples, p < .05 after Holm's adjustment over the cells of the table.\n"
    if let rule = cells.first(where: { !$0.collapse.isEmpty })?.collapse {
      let rules = rule.sorted { $0.key < $1.key }.map { "\($0.key) to \($0.value)" }.joined(separator: ", ")
      text +=
        "† Answers and labels were made coarser before they were compared, after the model had decided: \(rules)."
        + " Such a cell's own best constant may be higher than the one of the last row.\n"
    }
    for misfit in misfits { text += "– \(misfit.trainedOn) on \(misfit.evaluatedOn): \(misfit.reason).\n" }
    if missing > 0 { text += "\(missing) models are not trained yet.\n" }
    return text
  }

  func title(_ system: String) -> String {
    system == "model" ? "Fine-tuned model" : "Linear model on \(system)"
  }

  /// The tables of all systems as text.
  public var plainText: String { systems.map { "\(title($0))\n\(table($0).plainText)" }.joined(separator: "\n") }

  /// The same as Markdown, with the remarks.
  public var markdown: String {
    "# Transfer\n\n" + systems.map { "## \(title($0))\n\n\(table($0).markdown)\n" }.joined() + remarks
  }
}
