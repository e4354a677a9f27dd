import Reporting
import Scoring

/// The map of a training set.
struct CartographySection {
  private let material: ReportMaterial
  /// The share of the examples that a region has, as by default in `graft cartography`.
  private static let fraction = 0.33

  private let context: ReportContext

  init(_ material: ReportMaterial, _ context: ReportContext) {
    self.material = material
    self.context = context
  }

  var section: ReportSection {
    var parts: [ReportPart] = []
    for (index, mapped) in material.maps.enumerated() {
      let figures = figures(mapped)
      if index == 0 {
        parts += [.subtitle(mapped.name)] + figures
      } else {
        // Maps of further seeds look alike.
        parts.append(.fold(mapped.name, figures))
      }
    }
    return ReportSection(
      anchor: "cartography", sectionTitle: "Map of the training set",
      sectionLead:
        "Each dot is a training example: how probable its right answer was on the average of training "
        + "(confidence), and how much that changed (variability). Examples low on the left stayed wrong; "
        + "labels that are wrong are mostly among them (Swayamdipta et al. 2020).",
      parts: parts,
      ifEmpty: "No cartography map: `graft finetune --dynamics`, then `graft cartography RUN`; name the run.")
  }

  private func figures(_ mapped: MappedTraining) -> [ReportPart] {
    let map = CartographyMap(mapped.map)
    let command = ShellCommand.graft(mapped.arguments + context.dataFlags)
    var plot = map.plot
    (plot.width, plot.height) = (ReportContext.chartWidth, 380)
    return [
      .chart("The map", plot.svg, command: command),
      .table(
        "Regions", map.regionTable(fraction: Self.fraction),
        note:
          "Each region is the third of the examples that is furthest in it; regions overlap. "
          + "Forgotten: answered rightly once, and wrongly later.",
        command: command),
      .fold(
        "How often the answer was right",
        [.table("Examples by correctness", map.correctnessTable, command: command)]),
    ]
  }
}
