import Support
import TaskRegistry

/// What sections need beside the material: where the texts of examples are, and what was asked for.
public struct ReportContext {
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
  /// The model that a command evaluated, by its arguments; nil if they do not tell.
  var evaluatedModel: (_ arguments: [String]) -> ScoredModel?
  /// Takes a line for people.
  var note: (String) -> Void

  /// - Parameters:
  ///   - catalog: nil where no definitions are found.
  ///   - dataFlags: by which a command finds the same data and definitions.
  ///   - worst: how many of the worst examples of a set are shown.
  ///   - showsAttention: whether checkpoints are opened for where they looked.
  ///   - pairsBaselines: whether baselines are trained again, for intervals of paired answers.
  ///   - evaluatedModel: the model that a command evaluated, by its arguments; nil if they do not tell.
  ///   - note: takes a line for people.
  public init(
    catalog: TaskCatalog?, data: DataRoot, dataFlags: [String], worst: Int, showsAttention: Bool, pairsBaselines: Bool,
    evaluatedModel: @escaping (_ arguments: [String]) -> ScoredModel?, note: @escaping (String) -> Void
  ) {
    (self.catalog, self.data, self.dataFlags, self.worst) = (catalog, data, dataFlags, worst)
    (self.showsAttention, self.pairsBaselines) = (showsAttention, pairsBaselines)
    (self.evaluatedModel, self.note) = (evaluatedModel, note)
  }
}
