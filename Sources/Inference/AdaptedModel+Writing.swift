import Autograd
import Checkpointing
import Families
import ModelKit
import Support

extension AdaptedModel {
  /// The README.md of the adapter, or what is known of it.
  var card: String {
    get throws(GraftError) {
      if let checkpoint { return String(decoding: try checkpoint.data(named: "README.md"), as: UTF8.self) }
      return """
        # An adapter of \(base.path)

        Converted by Graft \(GraftVersion.number) from `\(path)`.

        """
    }
  }

  /// The model with what the adapter adds to its matrices as one: W + scale · U D.
  /// - Parameter store: of the model without an adapter.
  /// - Throws: as `load`.
  func loadMerged(into store: ParameterStore) throws(GraftError) {
    let (_, declarations) = try Families.make(configuration)
    let adapted = declarations.makeEmptyStore()
    try load(into: adapted, replacing: [])
    for entry in store.entries {
      guard let values = adapted.entry(named: entry.name).map(adapted.values(of:)) else { continue }
      _ = store.values(of: entry).update(from: values)
    }
    for pair in declarations.lowRankPairs { Self.merge(pair, of: adapted, into: store) }
  }

  private static func merge(_ pair: LowRankPair, of adapted: ParameterStore, into store: ParameterStore) {
    func values(_ parameter: Parameter, in store: ParameterStore) -> UnsafeMutablePointer<Float> {
      store.values.baseAddress! + parameter.offset
    }
    // What is before the adapters lies alike in both.
    let weight = values(pair.matrix, in: store)
    let (down, up) = (values(pair.down, in: adapted), values(pair.up, in: adapted))
    let (width, rank, scale) = (pair.matrix.columns, pair.down.rows, Float(pair.scale))
    for row in 0..<pair.matrix.rows {
      for place in 0..<rank {
        let factor = scale * up[row * rank + place]
        for column in 0..<width { weight[row * width + column] += factor * down[place * width + column] }
      }
    }
  }

  /// Writes the adapter as PEFT reads it.
  /// - Parameter card: what is known of it, in the words of Graft; nil for what the adapter says itself.
  /// - Returns: the class of transformers that loads the base.
  /// - Throws: `.usage` for a model that transformers does not have.
  func writeForPEFT(
    _ store: ParameterStore, _ configuration: ModelConfiguration, to path: String, card: String? = nil
  ) throws(GraftError) -> String {
    guard let adaptation = configuration.lora else { preconditionFailure("an adapter without an adaptation") }
    var model = configuration
    model.lora = nil
    let export = try AdapterMap.export(model, base)
    let layout = AdapterLayout(
      export.map, of: try Families.make(model).declarations.all, answers: model.answers != nil)
    let basePath = BaseReference(base, sha256: "").path
    try AdapterWriter(
      adaptation, layout, export, basePath: basePath,
      notes: AdapterNotes(answers: model.answers, reading: model.reading)
    ).write(store, to: path, card: card?.modelCard(ofLibrary: "peft", base: basePath))
    return export.architecture
  }
}
