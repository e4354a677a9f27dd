import Checkpointing
import Families
import ModelKit
import Support
import Tokenization

/// How an adapter in PEFT's layout becomes the parameters of a model of Graft's.
struct AdapterMap: Sendable {
  /// Of the model with the adapter, and with heads where the adapter has some.
  let configuration: ModelConfiguration
  private let folder: AdapterFolder
  private let layout: AdapterLayout

  /// - Throws: `.badData` for an adapter of another model, or one without all of a head.
  init(_ folder: AdapterFolder, of base: SavedModel) throws(GraftError) {
    var model = try base.configuration()
    model.reading = folder.notes?.reading ?? model.reading
    if let answers = folder.notes?.answers {
      model = model.answering(answers)
    } else if folder.classifies, model.answers == nil {
      // Which is the same for any number of labels.
      let one = AnswerFormat(task: AnswerFormat.anyTask, choices: ["0"])
      let layout = try Self.layout(of: model.answering([one]), base)
      guard let outputs = try layout.outputs(of: folder) else {
        throw GraftError(
          .badData, "'\(folder.path)' adapts a classifier, but has no last layer of one, and its base neither",
          hint: "the layer belongs into 'modules_to_save'.")
      }
      let labels = outputs == 1 ? nil : (0..<outputs).map { "LABEL_\($0)" }
      model = model.answering([AnswerFormat(task: AnswerFormat.anyTask, choices: labels)])
    }
    let layout = try Self.layout(of: model, base)
    model.lora = try layout.adaptation(of: folder)
    (self.folder, self.layout, configuration) = (folder, layout, model)
    try requireHeads(in: base)
  }

  /// Of a model without an adapter.
  static func layout(
    of model: ModelConfiguration, _ base: SavedModel
  ) throws(GraftError) -> AdapterLayout {
    AdapterLayout(
      try export(model, base).map, of: try Families.make(model).declarations.all, answers: model.answers != nil)
  }

  /// What a model is to transformers.
  static func export(
    _ model: ModelConfiguration, _ base: SavedModel
  ) throws(GraftError) -> HuggingFaceExport {
    let tokenizer = try Tokenizer(contentsOf: base.tokenizerPath)
    return try Families.huggingFace.export(
      model, tokens: HuggingFaceTokens(tokenizer.vocabulary, name: tokenizer.token))
  }

  /// Heads that neither the adapter nor its base has were drawn when it was trained, and are lost.
  private func requireHeads(in base: SavedModel) throws(GraftError) {
    let lacking = layout.headsLacking(in: folder)
    guard !lacking.isEmpty, try base.configuration().answers == nil else { return }
    if case .huggingFace(let model) = base {
      // A classifier's first layer may be the pooler of the base.
      let parts = lacking.compactMap { name in ["weight", "bias"].first { name.hasSuffix(".dense.\($0)") } }
      let found = try parts.map { (part) throws(GraftError) in try model.extra("pooler.\(part)") }
      if found.count == lacking.count, found.allSatisfy({ $0 != nil }) { return }
    }
    throw GraftError(
      .badData,
      "neither '\(folder.path)' nor its base has '\(lacking[0])', which was drawn when it was trained and is lost",
      hint: "train it again with all of the head in 'modules_to_save'.")
  }

  /// - Throws: `.badData` naming a tensor of another shape.
  func load(into store: ParameterStore) throws(GraftError) {
    try layout.load(folder, into: store)
  }
}
