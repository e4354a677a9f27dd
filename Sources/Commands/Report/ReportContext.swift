import Support
import TaskRegistry

/// What sections need beside the material: where the texts of examples are, and what was asked for.
struct ReportContext {
  /// Of a chart in pixels: on a phone its letters are then not much smaller than those of the text.
  static let chartWidth = 400

  /// Nil where no definitions are found.
  var catalog: TaskCatalog?
  var data: DataRoot
  /// The flags by which a command finds the same data and definitions.
  var dataFlags: [String]
  /// How many of the worst examples of a set are shown.
  var worst: Int
  var showsAttention: Bool
  /// Whether baselines are trained again, for intervals of paired answers.
  var pairsBaselines: Bool
}
