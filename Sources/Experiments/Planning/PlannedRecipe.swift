/// A recipe that was made for a command which was told little, and what is said of it to people.
public struct PlannedRecipe: Sendable, Codable, Hashable {
  /// As `--config` reads it, without what was given.
  public var recipe: String
  /// What was chosen and why, a line each.
  public var reasons: [String]

  public init(recipe: String, reasons: [String]) { (self.recipe, self.reasons) = (recipe, reasons) }
}
