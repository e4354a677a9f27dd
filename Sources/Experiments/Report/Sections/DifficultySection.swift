import Probing
import Reporting
import Scoring
import Support
import TaskRegistry

/// Scores on what a model of a part of the input gets right (easy) and on what it gets wrong (hard).
struct DifficultySection {
  private let material: ReportMaterial
  private let context: ReportContext

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  func section() throws(GraftError) -> ReportSection {
    var parts: [ReportPart] = []
    for system in material.systems {
      let table = system.file.table(by: SubsetScoring.group)
      if !table.rows.isEmpty {
        parts.append(.table("Scores of \(system.name) by subset", table, command: system.command))
      }
    }
    for folder in material.probeFolders {
      for subsets in folder.subsets {
        if let part = try scores(subsets, folder) { parts.append(part) }
      }
    }
    for file in material.probes {
      for task in file.document.tasks {
        guard let report = task.probes[HardSubsetProbe.identifier]?.report else { continue }
        for table in report.tables {
          parts.append(
            .table(
              "\(task.task): \(table.title)", table.shown, note: table.note.isEmpty ? nil : table.note,
              command: file.command(task, context.dataFlags)))
        }
      }
    }
    return ReportSection(
      anchor: "easy-hard", sectionTitle: "Easy and hard",
      sectionLead:
        "Easy is what a simple model of a part of the input answers rightly, hard what it does not "
        + "(Gururangan et al. 2018). A model that falls far on the hard part relies on the same cues.",
      parts: parts,
      ifEmpty: "No easy and hard parts: `graft probe --task NAME --output FOLDER` finds them; name the "
        + "folder, or score them"
        + " with `graft evaluate --subsets FOLDER/NAME/hard-subset-SPLIT.json --json FILE`.")
  }

  /// Of every system that answered the split, from its answers.
  private func scores(_ subsets: ExampleSubsets, _ folder: ProbeFolder) throws(GraftError) -> ReportPart? {
    var table = Table([.init("model"), .init("part"), .init("examples", .right), .init("accuracy", .right)])
    for system in material.systems {
      let paths = try system.answers()
        .first { $0.key.task == subsets.task && $0.key.split == subsets.split }?.value
      var seeds: [[AnsweredExample]] = []
      for path in paths ?? [] { seeds.append(try PredictionsFile.read(path)) }
      guard let first = seeds.first, first.contains(where: { $0.rightChoice != nil }),
        seeds.allSatisfy({ $0.map(\.identifier) == first.map(\.identifier) })
      else { continue }
      let parts =
        [("all", Set(first.map(\.identifier)))]
        + subsets.subsets.sorted { $0.key < $1.key }
        .map { ($0.key, Set($0.value)) }
      for (name, members) in parts {
        let places = first.indices.filter { members.contains(first[$0].identifier) }
        let estimate = try Accuracy().estimate(
          seeds: seeds.map { seed in places.map { seed[$0].answer } }, places.map { first[$0].reference },
          bootstrap: BootstrapOptions())
        guard let estimate, !places.isEmpty else { continue }
        let factor = Accuracy().displayFactor
        table.append([
          system.name, name, "\(places.count)", estimate.scaled(by: factor).scoreText,
        ])
      }
    }
    guard !table.rows.isEmpty else { return nil }
    return .table(
      "\(subsets.task) \(subsets.split) by subset", table,
      note: "Subsets: \(subsets.made). Accuracy is the mean over seeds, with its interval over examples.",
      command: folder.command(context.dataFlags))
  }
}
