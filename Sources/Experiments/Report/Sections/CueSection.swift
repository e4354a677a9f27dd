import Foundation
import Probing
import Reporting
import Support

/// What gives the labels of a data set away: words, lengths, overlap, and parts of the input.
struct CueSection {
  private let material: ReportMaterial
  private let context: ReportContext

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  func section() throws(GraftError) -> ReportSection {
    var parts: [ReportPart] = []
    for file in material.probes {
      for task in file.document.tasks { parts += tables(task, file) }
    }
    for folder in material.probeFolders { parts += try plots(folder) }
    return ReportSection(
      anchor: "cues", sectionTitle: "Cues in the data",
      sectionLead:
        "Words and surface features that go with a label in the training data, whatever the rest of "
        + "the example says.",
      parts: parts,
      ifEmpty: "No cue tables: `graft probe --task NAME --output FOLDER --json FILE` makes them; name the "
        + "file for its tables and the folder for its plots.")
  }

  private func tables(_ task: ProbeDocument.Task, _ file: ProbeFile) -> [ReportPart] {
    let command = file.command(task, context.dataFlags)
    func figure(_ table: ProbeTable) -> ReportPart {
      .table(table.title, table.shown, note: table.note.isEmpty ? nil : table.note, command: command)
    }
    var parts: [ReportPart] = []
    var rest: [ReportPart] = []
    for (name, probe) in task.probes.sorted(by: { $0.key < $1.key }) {
      guard let report = probe.report else {
        rest.append(.gap("The probe '\(name)' is none of this graft's."))
        continue
      }
      switch name {
      // Its tables are those of another section.
      case HardSubsetProbe.identifier: break
      case CueWordsProbe.identifier:
        // Of every field: words by PMI, by z, and how much of a split they cover.
        for (index, table) in report.tables.enumerated() {
          if index % 3 == 0 { parts.append(figure(table)) } else { rest.append(figure(table)) }
        }
      case SurfaceProbe.identifier: parts += report.tables.map(figure)
      default: rest += report.tables.map(figure)
      }
    }
    if !rest.isEmpty { parts.append(.fold("Further tables about \(task.task) (\(rest.count))", rest)) }
    guard !parts.isEmpty else { return [] }
    return [.subtitle("\(task.task): probes of \(task.trainingCount) training examples")] + parts
  }

  private func plots(_ folder: ProbeFolder) throws(GraftError) -> [ReportPart] {
    var parts: [ReportPart] = [.subtitle("\(folder.task): \(folder.path)")]
    for plot in folder.plots {
      let title =
        plot.hasPrefix("cue-words-") ? "Competency plot of \(plot.dropFirst("cue-words-".count))" : plot
      parts.append(.picture(title, try folder.image(plot), command: folder.command(context.dataFlags)))
    }
    let isTold = material.probes.contains { $0.document.tasks.contains { $0.task == folder.task } }
    if let text = folder.text, !isTold {
      parts.append(
        .fold(
          "All tables",
          [.preformatted("Report of the probes", text, command: folder.command(context.dataFlags))]))
    }
    return parts.count > 1 ? parts : []
  }
}
