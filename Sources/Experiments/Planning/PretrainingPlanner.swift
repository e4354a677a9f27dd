import Support

/// Makes the recipe of a pretraining run of which only the text and the budget are known, and says why.
public struct PretrainingPlanner: Sendable {
  /// A recipe, and what is said of it to people.
  public struct Planned: Sendable, Hashable {
    /// As `graft pretrain --config` reads it; the text, the budget and the output are not in it.
    public var recipe: String
    /// What was chosen and why, a line each.
    public var reasons: [String]

    /// A recipe and what is said of it.
    public init(recipe: String, reasons: [String]) { (self.recipe, self.reasons) = (recipe, reasons) }
  }

  /// Presets of this family are chosen among.
  static let family = "modern"
  /// The share of the rate of matrix products that training reaches with small models (Docs/PERFORMANCE.md).
  static let assumedFraction = 0.6

  /// GFLOP/s of matrix products on this machine.
  private let rate: Double
  private let bytes: Double

  /// - Parameters:
  ///   - rate: of matrix products on this machine, measured, in GFLOP/s.
  ///   - bytes: of the corpus, each file as often as it is read.
  public init(rate: Double, bytes: Double) { (self.rate, self.bytes) = (rate, bytes) }

  /// - Throws: as reading presets and the recipe that comes with Graft.
  public func plan(seconds: Double) throws(GraftError) -> Planned {
    try plan(operations: seconds * rate * 1e9 * Self.assumedFraction, seconds: seconds)
  }

  /// The same for a budget in operations.
  public func plan(operations: Double) throws(GraftError) -> Planned {
    try plan(operations: operations, seconds: operations / (rate * 1e9 * Self.assumedFraction))
  }

  /// The same for a budget in positions: the model that they are enough for.
  public func plan(tokens: Double) throws(GraftError) -> Planned {
    try plan(operations: 6 * tokens * tokens / BudgetPlanner.tokensPerParameter)
  }

  /// The same for so many updates of the smallest batches.
  public func plan(updates: Double) throws(GraftError) -> Planned {
    try plan(tokens: updates * BudgetPlanner.tokensPerUpdate)
  }

  private func plan(operations: Double, seconds: Double) throws(GraftError) -> Planned {
    let presets = Resources.presetNames.filter { $0.hasPrefix("\(Self.family)-") }
    let choice = try BudgetPlanner(presets: presets)
      .choose(BudgetPlanner.Request(operations: operations, bytes: bytes))
    let standing = String(decoding: try FileContents.read(Resources.recipes + "/pretrain.yaml"), as: UTF8.self)
    let recipe =
      standing + """
        backbone: \(choice.preset)
        vocabulary-size: \(choice.vocabularySize)
        batch: \(choice.batch)
        sequence-length: \(choice.sequenceLength)

        """
    return Planned(recipe: recipe, reasons: reasons(choice, operations, seconds))
  }

  private func reasons(
    _ choice: BudgetPlanner.Choice, _ operations: Double, _ seconds: Double
  ) -> [String] {
    let text = NumberText.fixed(bytes / 1e6, digits: 1)
    let passes = NumberText.fixed(choice.passes, digits: 1)
    return [
      "budget: about \(NumberText.duration(seconds)) at \(NumberText.fixed(rate * Self.assumedFraction, digits: 0))"
        + " GFLOP/s here, \(NumberText.scientific(operations)) operations",
      "model: \(choice.preset), \(NumberText.fixed(choice.parameters / 1e6, digits: 1)) million parameters in blocks and"
        + " output, for which that budget is best spent",
      "tokenizer: \(choice.vocabularySize) tokens, learned from the text",
      "text: \(text) MB, read \(passes) times"
        + (choice.passes > 16 ? ": more text would help more than more time" : ""),
      "updates: about \(Int(choice.updates)) of \(choice.batch) × \(choice.sequenceLength) tokens, by Muon",
    ]
  }
}
