import Compute
import Corpus
import Inference
import ModelKit
import Records
import Reporting
import Support
import TaskRegistry

/// Where a model looks in a text for each token of an answer: `graft inspect alignment --json` writes it.
///
/// That is the attention over the text, the mean over heads and layers.
public struct AlignmentView: Encodable, Sendable {
  /// As which the text was put; nil for as it is.
  public var task: String?
  /// The text, without what the task puts around it.
  public var source: String
  /// The answer.
  public var target: String
  /// Whether the model wrote it; else it was given.
  public var isWritten: Bool
  /// What was read, token by token, with what the task puts around the text.
  public var tokens: [String]
  /// The answer, token by token, its end among them.
  public var written: [String]
  /// By token of the answer the weight of each token that was read.
  public var weights: [[Double]]

  /// What is to be looked at.
  public struct Request: Sendable {
    /// A checkpoint, run directory or folder of transformers, and the base of an adapter where it does not say it.
    public var checkpoint: String
    /// See `ModelFolder.open`.
    public var base: String?
    /// As which the text is put; nil for as it is.
    public var task: TaskDefinition?
    /// The text.
    public var source: String
    /// The answer; nil for that of the model.
    public var target: String?
    /// How the model looks for its answer.
    public var strategy = DecodingOptions.Strategy.greedy
    /// The most tokens of both.
    public var lengths: SequenceLengths

    /// The model's own greedy answer to a text, unless `target` is set.
    public init(
      checkpoint: String, base: String? = nil, task: TaskDefinition?, source: String, target: String?,
      lengths: SequenceLengths
    ) {
      (self.checkpoint, self.base, self.task, self.source) = (checkpoint, base, task, source)
      (self.target, self.lengths) = (target, lengths)
    }
  }

  /// - Throws: as `ModelFolder.open`; `.usage` for a model that writes no answers or has no attention, and for a task
  ///   that asks for several texts.
  public init(_ request: Request) throws(GraftError) {
    let input = try Self.prompt(request)
    let (saved, configuration, tokenizer) = try ModelFolder.open(request.checkpoint, base: request.base)
    let model = try saved.opened(configuration, precision: .f32, shardCount: 1)
    let codec = try TextCodec(tokenizer).laidOut(for: configuration, nil)
    let answer: String
    if let target = request.target {
      answer = target
    } else {
      let predictor = try Predictor(model: model, codec: codec, lengths: request.lengths)
      let found = try predictor.answers(
        inputs: [input],
        decoding: DecodingOptions(request.strategy, maximumTokens: request.lengths.targets))
      answer = found.first?.first?.text ?? ""
    }
    let reader = AttentionReader(model: model, codec: codec, lengths: request.lengths)
    guard let map = try reader.alignment(input: input, answer: answer) else {
      throw GraftError(
        .usage,
        "'\(request.checkpoint)' looks at nothing as it writes: it has no attention, or no room beside the text",
        hint: "take a model with attention (`graft inspect checkpoint` says what it has), or a shorter text.")
    }
    (task, source, target, isWritten) = (request.task?.name, request.source, answer, request.target == nil)
    (tokens, written, weights) = (map.tokens, map.written, map.weights)
  }

  /// The text as the task puts it.
  private static func prompt(_ request: Request) throws(GraftError) -> String {
    guard let task = request.task else { return request.source }
    guard let field = soleField(of: task) else {
      throw GraftError(
        .usage, "the task '\(task.name)' asks for \(task.rowFields.needed.joined(separator: ", ")), not for one text",
        hint: "give the whole prompt as the text, and no task.")
    }
    return try task.example(of: UnlabelledRow([field: request.source]), in: "the text").inputs
  }

  /// The field that a text is put into; nil for a task with several.
  public static func soleField(of task: TaskDefinition) -> String? {
    let needed = task.rowFields.needed
    return needed.count == 1 ? needed[0] : nil
  }

  private static let blocks: [Character] = ["·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// A row for each token that was written: a block for each token that was read, the higher the greater its weight,
  /// and the three greatest in words.
  public var table: Table {
    var table = Table([.init("writes"), .init("looks at (\(tokens.count) tokens)"), .init("most")])
    for (name, row) in zip(written, weights) {
      let strongest = row.indices.sorted { (-row[$0], $0) < (-row[$1], $1) }.prefix(3).filter { row[$0] >= 0.05 }
      table.append([
        Self.shown(name),
        String(row.map { Self.blocks[min(Self.blocks.count - 1, Int(max(0, $0) * Double(Self.blocks.count)))] }),
        strongest.map { "\(Self.shown(tokens[$0])) \(NumberText.fixed(100 * row[$0], digits: 0)) %" }
          .joined(separator: ", "),
      ])
    }
    return table
  }

  /// What the picture of the weights is called.
  public static let title = "Alignment"

  /// A picture of the weights.
  public var picture: HeatMap {
    HeatMap(
      title: Self.title, xLabel: "read", yLabel: isWritten ? "written" : "given", columns: tokens.map(Self.shown),
      rows: written.map(Self.shown), values: weights)
  }

  /// A token with what stands for a space or a line break in it, which would be seen nowhere.
  private static func shown(_ token: String) -> String {
    let trimmed = String(token.drop { $0 == " " })
    return trimmed.isEmpty ? "␣" : trimmed.replacing("\n", with: "⏎")
  }
}
