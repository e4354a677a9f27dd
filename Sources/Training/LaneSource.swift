import Corpus
import ModelKit
import Objectives
import Randomness
import Records
import Support

/// Windows of the corpora in lanes, each of which goes on where the one before it in its lane ended.
struct LaneSource: TextSource {
  private let windows: LaneWindows
  private let repetitions: [Double]
  private let objective: any PretrainingObjective
  private let key: RandomKey
  /// How probably a window is read as the beginning of a text.
  private let forgetting: Double
  private let forgettingKey: RandomKey

  /// The corpora one after another, each as often as its repetition says.
  /// - Parameters:
  ///   - length: the most tokens of a window.
  ///   - forgetting: how probably a window is read as the beginning of a text.
  /// - Throws: `.usage` for a repetition that is no whole number, or if there are fewer tokens than lanes.
  init(
    _ streams: [TokenStream], repetitions: [Double], lanes: Int, length: Int, objective: any PretrainingObjective,
    forgetting: Double = 0, key: RandomKey
  ) throws(GraftError) {
    precondition(streams.count == repetitions.count, "\(streams.count) streams, \(repetitions.count) repetitions")
    var all: [TokenStream] = []
    for (stream, repetition) in zip(streams, repetitions) {
      guard let count = Int(exactly: repetition), count <= 1000 else {
        throw GraftError(
          .usage,
          "a corpus cannot be read \(NumberText.shortest(repetition)) times in one text, as `carry-state:` reads",
          hint: "give whole repetitions up to 1000.")
      }
      all += [TokenStream](repeating: stream, count: count)
    }
    let text = TokenStream(joining: all)
    guard text.tokenCount >= lanes else {
      throw GraftError(
        .usage, "a text of \(text.tokenCount) tokens cannot be read in \(lanes) lanes", hint: "lower `batch:`.")
    }
    windows = LaneWindows(text, lanes: lanes, length: length, key: key.folded("order"))
    self.repetitions = repetitions
    self.objective = objective
    self.key = key.folded("corruption")
    self.forgetting = forgetting
    forgettingKey = key.folded("forgetting")
  }

  var order: SampleOrder { .lanes(windows.lanes, windows: windows.windowsPerLane) }

  func beginsText(at index: Int) -> Bool {
    if order.beginsTexts(at: index) { return true }
    guard forgetting > 0 else { return false }
    var generator = forgettingKey.folded(index).generator()
    return generator.uniform() < forgetting
  }

  /// Steps of a pass.
  var windowsPerLane: Int { windows.windowsPerLane }

  func epochs(after samples: [Double]) -> [Double] {
    repetitions.map { $0 * samples.reduce(0, +) / Double(windows.lanes * windows.windowsPerLane) }
  }

  func example(at index: Int, progress: Double) -> TokenExample {
    guard let example = objective.example(from: windows.window(at: index), key: key.folded(index)) else {
      preconditionFailure("\(type(of: objective).identifier) leaves out a text that others continue")
    }
    guard !beginsText(at: index) else { return example }
    return windows.token(before: index).map(example.continuing) ?? example
  }

  /// The text that the targets of a sample are, and how many bytes it was made of.
  func text(at index: Int) -> (tokens: [TokenID], sourceBytes: Int) {
    (windows.window(at: index), windows.ranges(at: index).reduce(0) { $0 + windows.stream.byteCount(of: $1) })
  }
}

extension PretrainingPlan {
  /// - Throws: `.usage` saying why state cannot be carried from window to window.
  func requireCarrying(_ objective: any PretrainingObjective, _ backbone: any Backbone) throws(GraftError) {
    func refuse(_ reason: String, _ hint: String) -> GraftError {
      GraftError(.usage, "`carry-state:` \(reason)", hint: hint)
    }
    guard type(of: objective).examplesAreWholeTexts else {
      throw refuse(
        "needs an objective that takes texts as they stand, which \(self.objective) does not",
        "give `objective:` \(CausalLanguageModeling.identifier).")
    }
    guard backbone.writer?.makeCarriedState(sequences: 1) != nil else {
      throw refuse(
        "needs a model whose state has a fixed size; one of the \(model.family) family keeps all that it has read",
        "take a preset of the families conv-lm, gru, lstm, mlstm, nplm, qrnn, rnn or sha-rnn: `graft list backbones`.")
    }
    guard merged else {
      throw refuse("reads across documents, which `unmerged:` keeps apart", "leave one of the two out.")
    }
    guard settings.batch.isConstant, length.isConstant, shufflesDocuments != true else {
      throw refuse(
        "reads a text in as many lanes throughout, with its documents in their order",
        "give one `batch:` and one `sequence-length:`, and leave `shuffle-documents:` out.")
    }
    guard supervised == nil else {
      throw refuse(
        "reads a text from its beginning to its end, which examples of `task:` are no part of",
        "leave one of the two out, or fine-tune on the tasks afterwards.")
    }
  }
}
