import Families
import Foundation
import ModelKit
import Support

/// Chooses what a pretraining run consists of when only its text and its budget are known.
///
/// With C operations, a model of N parameters in its blocks and its output layer reads C / (6 N) tokens (Kaplan et al.
/// 2020). The least loss is reached where tokens are about `tokensPerParameter` times N (Hoffmann et al. 2022; at small
/// sizes 10.5 by nanochat's ladder, 2026), so N = √(C / (6 · tokensPerParameter)). The preset whose N is closest, as a
/// ratio, is taken.
public struct BudgetPlanner: Sendable {
  /// What is known beforehand.
  public struct Request: Sendable, Hashable {
    /// Floating-point operations of matrix products, forward and backward.
    public var operations: Double
    /// Bytes of the corpus.
    public var bytes: Double

    public init(operations: Double, bytes: Double) { (self.operations, self.bytes) = (operations, bytes) }
  }

  /// What was chosen.
  public struct Choice: Sendable, Hashable {
    public var preset: String
    public var vocabularySize: Int
    /// Examples per update, of `sequenceLength` tokens.
    public var batch: Int
    public var sequenceLength: Int
    /// In the blocks and the output layer.
    public var parameters: Double
    public var tokens: Double
    /// How often the budget would be enough to read the corpus.
    public var passes: Double
    public var updates: Double

    /// The preset, with a table of pairs of tokens where the text is read once: of what is read again the table is what
    /// learns it by heart (Docs/SCALING.md#short-texts).
    public var backbone: String { passes <= 1 ? preset + BudgetPlanner.bigramSuffix : preset }
    /// Where the text is read as often as it may be; nil for none.
    public var dropout: Double? { passes > BudgetPlanner.mostPasses ? 0.1 : nil }
  }

  /// Of presets that have a table of pairs of tokens and are otherwise as the one without it.
  static let bigramSuffix = "-bigrams"
  /// Text that is read up to four times is worth about as much as new text (Muennighoff et al. 2023); what a model of
  /// these sizes reads more often it learns by heart, dropout or not (Docs/SCALING.md#short-texts).
  static let mostPasses = 4.0
  static let tokensPerParameter = 10.5
  /// Of English text by vocabularies of a few thousand tokens.
  static let bytesPerToken = 3.9
  static let sequenceLength = 128
  /// Of an update, at least.
  static let tokensPerUpdate = 2048.0

  /// Presets by their parameters in blocks and output layer without the vocabulary, and by their width.
  private let ladder: [(name: String, blocks: Int, width: Int)]

  /// - Parameter presets: those to choose among, such as all of one family.
  public init(presets: [String]) throws(GraftError) {
    var ladder: [(name: String, blocks: Int, width: Int)] = []
    for name in presets {
      let (backbone, declarations) = try Families.make(Resources.preset(name, vocabularySize: 1))
      ladder.append((name, Self.blockParameters(declarations), backbone.tokenEmbedding.columns))
    }
    self.ladder = ladder.sorted { $0.blocks < $1.blocks }
  }

  /// Parameters of the matrices in a model's blocks, which with its output layer take its operations.
  static func blockParameters(_ declarations: ParameterDeclarations) -> Int {
    declarations.all.filter { $0.depth != nil && $0.role == .matrix }.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }

  /// Those of the blocks and of the output layer, which take a model's operations.
  static func parameters(_ model: ModelConfiguration) throws(GraftError) -> Double {
    let (backbone, declarations) = try Families.make(model)
    return Double(blockParameters(declarations) + model.vocabularySize * backbone.tokenEmbedding.columns)
  }

  /// - Precondition: there is a preset to choose.
  public func choose(_ request: Request) -> Choice {
    let ideal = (request.operations / (6 * Self.tokensPerParameter)).squareRoot()
    let vocabulary = vocabularySize(request)
    func parameters(_ step: (name: String, blocks: Int, width: Int)) -> Double {
      Double(step.blocks + vocabulary * step.width)
    }
    let best = ladder.min { abs(log(parameters($0) / ideal)) < abs(log(parameters($1) / ideal)) }
    guard let best else { preconditionFailure("no preset to choose from") }
    let tokens = request.operations / (6 * parameters(best))
    let batch = Self.batch(tokens)
    return Choice(
      preset: best.name, vocabularySize: vocabulary, batch: batch, sequenceLength: Self.sequenceLength,
      parameters: parameters(best), tokens: tokens, passes: tokens * Self.bytesPerToken / max(1, request.bytes),
      updates: tokens / Double(batch * Self.sequenceLength))
  }

  /// The smaller the budget, the more of it would go into the output layer; a small text has no more words to learn.
  private func vocabularySize(_ request: Request) -> Int {
    let byBudget = request.operations < 1e14 ? 4096 : request.operations < 2e16 ? 8192 : 16_384
    let byText = request.bytes < 2e6 ? 2048 : request.bytes < 2e7 ? 8192 : 16_384
    return min(byBudget, byText)
  }

  /// Enough updates to learn from: at least about a thousand, then batches that grow with the root of the tokens.
  static func batch(_ tokens: Double) -> Int {
    let ideal = max(tokensPerUpdate, min(tokens / 1000, 2 * tokens.squareRoot())) / Double(sequenceLength)
    return min(256, max(16, Int(exp2((log2(ideal)).rounded()))))
  }
}
