import Inference
import Support

/// A pretrained model that comes with Graft, as one that a run may go on with.
public struct Predecessor: Sendable, Hashable {
  public var name: String
  /// In its blocks and output layer.
  public var parameters: Double
  /// That its own pretraining took, by its recipe.
  public var operations: Double
  /// Of the text to be trained on, by its tokenizer: about 4 where the text is of its language.
  public var bytesPerToken: Double

  /// A text that its tokenizer cuts into shorter tokens is of another language, or no prose.
  static let leastBytesPerToken = 3.2
  /// Bytes of a text that are looked at, and files at most.
  private static let (sample, files) = (1 << 20, 64)

  /// A model by given figures.
  public init(name: String, parameters: Double, operations: Double, bytesPerToken: Double) {
    (self.name, self.parameters) = (name, parameters)
    (self.operations, self.bytesPerToken) = (operations, bytesPerToken)
  }

  /// Reads the model's recipe, and the beginning of each text or of some that are evenly chosen.
  /// - Parameter paths: files of the text, at least one.
  /// - Throws: errors of the model and of the files; `.internalError` for a model without the operations it took.
  /// - Returns: nil if no such model comes with Graft, or a folder of that name is here, which comes first.
  public init?(_ name: String, reading paths: [String]) throws(GraftError) {
    guard ReleasedModels.path(name) != nil, !FileContents.exists(name) else { return nil }
    let (saved, configuration, tokenizer) = try ModelFolder.open(name)
    let file = "\(saved.path)/recipe.yaml"
    let recipe = try YAMLValue(parsing: String(decoding: try FileContents.read(file), as: UTF8.self), file: file)
    var operations: Double?
    for entry in try recipe.entries() where entry.key == "flops" { operations = try entry.value.number() }
    guard let operations else { throw GraftError(.internalError, "'\(file)' does not say `flops:`") }
    var (bytes, tokens) = (0, 0)
    let chosen = stride(from: 0, to: paths.count, by: (paths.count + Self.files - 1) / Self.files).map { paths[$0] }
    for path in chosen {
      let input = try TextInput(path, isBounded: false)
      var text: [UInt8] = []
      while text.count < Self.sample / chosen.count, try input.read(into: &text) {}
      text.removeLast(max(0, text.count - Self.sample / chosen.count))
      bytes += text.count
      tokens += text.withUnsafeBytes { tokenizer.encode($0).count }
    }
    self.init(
      name: name,
      parameters: try BudgetPlanner.parameters(configuration),
      operations: operations, bytesPerToken: Double(bytes) / Double(max(1, tokens)))
  }

  /// Whether a run of so many operations does better by going on with it than by a model of its own.
  func serves(operations: Double) -> Bool {
    bytesPerToken >= Self.leastBytesPerToken && operations <= self.operations
  }
}
