import Support

/// Makes the recipe of a pretraining run of which only the text and the budget are known, and says why.
public struct PretrainingPlanner: Sendable {
  /// Presets of this family are chosen among.
  static let family = "modern"
  /// The share of the rate of matrix products that training reaches with small models (Docs/PERFORMANCE.md).
  static let assumedFraction = 0.6

  /// Of a model that is gone on with: what was measured.
  private static let leastBatchOfSuccessor = 32

  /// GFLOP/s of matrix products on this machine.
  private let rate: Double
  private let bytes: Double
  private let predecessor: Predecessor?
  private let law: FittedScalingLaw?
  /// How often the text is read at most by a model that begins with the run, and by one that goes on and learns it by
  /// heart sooner (Docs/SCALING.md#short-texts).
  private var mostPasses = (own: BudgetPlanner.mostPasses, successor: 2.0)

  /// - Parameters:
  ///   - rate: of matrix products on this machine, measured, in GFLOP/s.
  ///   - bytes: of the corpus, each file as often as it is read.
  ///   - predecessor: a model that the run may go on with instead of beginning one.
  ///   - law: by which the loss is predicted; nil for the one that comes with Graft.
  public init(rate: Double, bytes: Double, predecessor: Predecessor? = nil, law: FittedScalingLaw? = nil) {
    (self.rate, self.bytes, self.predecessor, self.law) = (rate, bytes, predecessor, law)
  }

  /// - Throws: as reading presets and the recipe that comes with Graft.
  public func plan(seconds: Double) throws(GraftError) -> PlannedRecipe {
    try plan(operations: seconds * rate * 1e9 * Self.assumedFraction, seconds: seconds)
  }

  /// The same for a budget in operations.
  public func plan(operations: Double) throws(GraftError) -> PlannedRecipe {
    try plan(operations: operations, seconds: operations / (rate * 1e9 * Self.assumedFraction))
  }

  /// The same for a budget in positions: the model that they are enough for.
  public func plan(tokens: Double) throws(GraftError) -> PlannedRecipe {
    if let predecessor, predecessor.serves(operations: 6 * tokens * predecessor.parameters) {
      return try plan(operations: 6 * tokens * predecessor.parameters)
    }
    return try plan(operations: 6 * tokens * tokens / BudgetPlanner.tokensPerParameter)
  }

  /// The same for so many updates of the smallest batches, however often they read the text.
  public func plan(updates: Double) throws(GraftError) -> PlannedRecipe {
    var planner = self
    planner.mostPasses = (own: .infinity, successor: .infinity)
    if let predecessor {
      let tokens = updates * Double(Self.leastBatchOfSuccessor * BudgetPlanner.sequenceLength)
      if predecessor.serves(operations: 6 * tokens * predecessor.parameters) { return try planner.plan(tokens: tokens) }
    }
    return try planner.plan(tokens: updates * BudgetPlanner.tokensPerUpdate)
  }

  private func plan(operations: Double, seconds: Double) throws(GraftError) -> PlannedRecipe {
    if let predecessor, predecessor.serves(operations: operations) {
      return try goingOn(with: predecessor, operations, seconds)
    }
    let presets = Resources.presetNames.filter {
      $0.hasPrefix("\(Self.family)-") && !$0.hasSuffix(BudgetPlanner.bigramSuffix)
    }
    let choice = try BudgetPlanner(presets: presets)
      .choose(BudgetPlanner.Request(operations: operations, bytes: bytes))
    var recipe =
      try Resources.recipe("pretrain") + """
        backbone: \(choice.backbone)
        vocabulary-size: \(choice.vocabularySize)
        batch: \(choice.batch)
        sequence-length: \(choice.sequenceLength)

        """
    if let dropout = choice.dropout { recipe += "dropout: \(NumberText.shortest(dropout))\n" }
    recipe += Self.keys(choice.passes, atMost: mostPasses.own)
    return PlannedRecipe(recipe: recipe, reasons: try reasons(choice, operations, seconds))
  }

  private func goingOn(
    with predecessor: Predecessor, _ operations: Double, _ seconds: Double
  ) throws(GraftError) -> PlannedRecipe {
    let tokens = operations / (6 * predecessor.parameters)
    let batch = max(Self.leastBatchOfSuccessor, BudgetPlanner.batch(tokens))
    let passes = tokens * predecessor.bytesPerToken / max(1, bytes)
    let recipe =
      try Resources.recipe("continue") + """
        checkpoint: \(predecessor.name)
        batch: \(batch)
        sequence-length: \(BudgetPlanner.sequenceLength)

        """ + Self.keys(passes, atMost: mostPasses.successor)
    let perToken = NumberText.fixed(predecessor.bytesPerToken, digits: 1)
    return PlannedRecipe(
      recipe: recipe,
      reasons: [
        budget(operations, seconds),
        "model: \(predecessor.name), which comes with Graft, \(Self.millions(predecessor.parameters)) in blocks and"
          + " output, pretrained with \(NumberText.scientific(predecessor.operations)) operations",
        "tokenizer: the model's, \(perToken) bytes of the text a token",
        text(passes, atMost: mostPasses.successor, seconds),
        updates(tokens * min(1, mostPasses.successor / passes), batch),
      ])
  }

  private func reasons(
    _ choice: BudgetPlanner.Choice, _ operations: Double, _ seconds: Double
  ) throws(GraftError) -> [String] {
    [
      budget(operations, seconds),
      "model: \(choice.backbone), \(Self.millions(choice.parameters)) in blocks and output, for which that budget is best spent",
      "tokenizer: \(choice.vocabularySize) tokens, learned from the text",
      text(choice.passes, atMost: mostPasses.own, seconds),
      updates(read(choice), choice.batch),
      try expected(choice),
    ]
  }

  private func expected(_ choice: BudgetPlanner.Choice) throws(GraftError) -> String {
    let law = if let law { law } else { try Resources.scalingLaw() }
    let read = read(choice) * BudgetPlanner.bytesPerToken
    let made = law.predict(parameters: choice.parameters, bytes: read, distinct: max(1, min(read, bytes)))
    let (low, high) = (made.interval.lowerBound, made.interval.upperBound)
    return "loss: about \(NumberText.fixed(made.loss, digits: 2)) bits per byte [\(NumberText.fixed(low, digits: 2)),"
      + " \(NumberText.fixed(high, digits: 2))] held out, if the text is as hard as that of the scaling law"
  }

  private static func millions(_ parameters: Double) -> String {
    "\(NumberText.fixed(parameters / 1e6, digits: 1)) million parameters"
  }

  private func budget(_ operations: Double, _ seconds: Double) -> String {
    "budget: about \(NumberText.duration(seconds)) at \(NumberText.fixed(rate * Self.assumedFraction, digits: 0))"
      + " GFLOP/s here, \(NumberText.scientific(operations)) operations"
  }

  /// Tokens that are read.
  private func read(_ choice: BudgetPlanner.Choice) -> Double {
    choice.tokens * min(1, mostPasses.own / choice.passes)
  }

  /// Keys that keep a short text from being learned by heart: it is read so many times and no more, and the best model
  /// on the way is the one that is kept.
  private static func keys(_ passes: Double, atMost limit: Double) -> String {
    guard passes > limit else { return "" }
    return "passes: \(NumberText.shortest(limit))\nselect: best\nevaluate-every: 10%\n"
  }

  private func text(_ passes: Double, atMost limit: Double, _ seconds: Double) -> String {
    let text = "text: \(NumberText.fixed(bytes / 1e6, digits: 1)) MB, read"
    guard passes > limit else { return "\(text) \(NumberText.fixed(passes, digits: 1)) times" }
    return "\(text) \(NumberText.shortest(limit)) times, which takes about"
      + " \(NumberText.duration(seconds * limit / passes)): what is read more often is learned by heart; more text would"
      + " help, more time does not"
  }

  private func updates(_ tokens: Double, _ batch: Int) -> String {
    let (length, perUpdate) = (BudgetPlanner.sequenceLength, Double(batch * BudgetPlanner.sequenceLength))
    return "updates: about \(Int(tokens / perUpdate)) of \(batch) × \(length) tokens, by Muon"
  }
}
