import Support

/// Reads the recipes of a grid as the commands themselves read theirs.
public protocol GridRecipeReader {
  /// Flags of `graft pretrain` of which one stands for another.
  var pretrainingAlternatives: [[String]] { get }
  /// The same of `graft finetune`.
  var fineTuningAlternatives: [[String]] { get }

  /// - Throws: `.badData` with the place for a flag that does not exist or a value that it does not take.
  func pretraining(_ recipe: GridRecipe) throws(GraftError) -> PretrainingJob

  /// What is done with every model; it is given its start, its seed and its folder later.
  /// - Parameter start: any of the models.
  /// - Throws: as `pretraining`.
  func fineTuning(_ recipe: GridRecipe, from start: PretrainingJob) throws(GraftError) -> FineTuningJob

  /// What every pretrained model is scored on.
  /// - Throws: as `pretraining`.
  func evaluation(_ recipe: GridRecipe) throws(GraftError) -> EvaluationJob
}
