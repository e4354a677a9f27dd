import Foundation
import ModelKit
import Support

/// An adapter as PEFT reads it, to be written.
///
/// Where a module of transformers is several layers of Graft's, as GPT-2's query, key and value are, each layer has a D
/// of its own and the module one: theirs one above the other, and their U beside each other with zeros between. The
/// rank grows as many times as layers of a module are adapted, and with it alpha, so that the sums stay what they are.
/// If all layers of every module have the same D, as those of an adapter that PEFT trained, it is written once.
public struct AdapterWriter {
  private let adaptation: LowRankAdaptation
  private let layout: AdapterLayout
  private let export: HuggingFaceExport
  private let basePath: String
  private let notes: AdapterNotes

  /// - Parameters:
  ///   - layout: of the model without the adapter.
  ///   - export: what the model is to transformers.
  ///   - basePath: becomes `base_model_name_or_path`.
  public init(
    _ adaptation: LowRankAdaptation, _ layout: AdapterLayout, _ export: HuggingFaceExport, basePath: String,
    notes: AdapterNotes
  ) {
    (self.adaptation, self.layout, self.export) = (adaptation, layout, export)
    (self.basePath, self.notes) = (basePath, notes)
  }

  /// The layers of a module, in their order, of which some are adapted.
  private struct Module {
    var name: String
    var layers: [AdapterLayout.Layer]
    var pairs: [(down: LoadedTensor, up: LoadedTensor)?]
    var adapted: Int { pairs.count { $0 != nil } }
    /// Whether one D serves all.
    var sharesDown: Bool {
      pairs.allSatisfy { $0 != nil } && pairs.dropFirst().allSatisfy { $0?.down == pairs[0]?.down }
    }
  }

  /// Writes the whole folder or nothing.
  /// - Parameter card: its README.md; nil for one that says what the adapter is.
  /// - Throws: `.usage` for a model some of whose adapted layers PEFT cannot adapt; `.internalError` naming a tensor
  ///   with values that are not finite; `.inputOutput`.
  public func write(_ store: ParameterStore, to path: String, card: String? = nil) throws(GraftError) {
    let modules = try modules(of: store)
    let isShared = modules.allSatisfy(\.sharesDown)
    let blocks = isShared ? 1 : modules.map(\.adapted).max() ?? 1
    var tensors: [String: LoadedTensor] = [:]
    for module in modules {
      let (down, up) = try joined(module, blocks: blocks, isShared: isShared)
      tensors[AdapterLayout.tensor(module.name, "A")] = down
      tensors[AdapterLayout.tensor(module.name, "B")] = up
    }
    for entry in layout.others {
      guard let parameter = store.entry(named: entry.name), entry.transform == .identity else {
        throw refused(entry.name)
      }
      tensors[AdapterFolder.prefix + entry.foreign[0]] = LoadedTensor(
        shape: parameter.shape, values: Array(store.values(of: parameter)))
    }
    let note = [
      "format": "pt", AdapterNotes.key: String(decoding: try JSONFile.line(notes), as: UTF8.self),
    ]
    try DurableFolder.replace(path) { (partial) throws(GraftError) in
      try JSONFile.write(config(modules, blocks: blocks), to: "\(partial)/\(AdapterFolder.configName)")
      try write(tensors, metadata: note, to: "\(partial)/\(AdapterFolder.weightsName)")
      try AtomicFile.write(Data((card ?? ownCard).utf8), to: "\(partial)/README.md")
    }
  }

  private func write(
    _ tensors: [String: LoadedTensor], metadata: [String: String], to path: String
  ) throws(GraftError) {
    var copies: [UnsafeMutableBufferPointer<Float>] = []
    defer { for copy in copies { copy.deallocate() } }
    var sources: [TensorSource] = []
    for (name, tensor) in tensors {
      let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.values.count)
      _ = copy.initialize(from: tensor.values)
      copies.append(copy)
      sources.append(TensorSource(name: name, shape: tensor.shape, values: UnsafeBufferPointer(copy)))
    }
    for source in sources { try source.requireFinite() }
    try SafetensorsWriter.write(sources, metadata: metadata, to: path)
  }

  private func refused(_ name: String) -> GraftError {
    GraftError(
      .usage, "PEFT has no place for what was trained of '\(name)'",
      hint: "`graft convert --merge` writes the model and its adapter as one.")
  }

  private func modules(of store: ParameterStore) throws(GraftError) -> [Module] {
    var modules: [Module] = []
    var indices: [String: Int] = [:]
    var placed: Set<String> = []
    for layer in layout.layers {
      let ours = LowRankAdaptation.layer(of: layer.name)
      let pair = ["\(ours)\(LowRankAdaptation.downName)", "\(ours)\(LowRankAdaptation.upName)"].compactMap { name in
        store.entry(named: name).map { LoadedTensor(shape: $0.shape, values: Array(store.values(of: $0))) }
      }
      placed.formUnion(["\(ours)\(LowRankAdaptation.downName)", "\(ours)\(LowRankAdaptation.upName)"])
      guard pair.isEmpty || layer.transform.keepsInputs else { throw refused(layer.name) }
      let index = indices[layer.modules[0]] ?? modules.count
      if index == modules.count {
        modules.append(Module(name: layer.modules[0], layers: [], pairs: []))
        indices[layer.modules[0]] = index
      }
      modules[index].layers.append(layer)
      modules[index].pairs.append(pair.count == 2 ? (pair[0], pair[1]) : nil)
    }
    if let extra = store.entries.first(where: { $0.role == .adapter && !placed.contains($0.name) }) {
      throw refused(extra.name)
    }
    return modules.filter { $0.adapted > 0 }
  }

  /// D [R, I] and U [O, R] of a module: of all its layers in `blocks` blocks, the last ones 0 where it has fewer.
  private func joined(
    _ module: Module, blocks: Int, isShared: Bool
  ) throws(GraftError) -> (down: LoadedTensor, up: LoadedTensor) {
    let present = module.pairs.compactMap { $0 }
    let (rank, width) = (present[0].down.shape[0], present[0].down.shape[1])
    let total = rank * blocks
    let downs = isShared ? present.prefix(1) : present[...]
    var down = downs.flatMap { $0.down.values }
    down += [Float](repeating: 0, count: total * width - down.count)
    var block = 0
    var parts: [(ForeignKeyMap.Transform, LoadedTensor)] = []
    for (layer, pair) in zip(module.layers, module.pairs) {
      // An equal part of the module's outputs, which all layers of one have.
      let rows = present[0].up.shape[0]
      var up = LoadedTensor(shape: [rows, total], values: [Float](repeating: 0, count: rows * total))
      if let pair {
        for row in 0..<rows {
          for column in 0..<rank {
            up.values[row * total + block * rank + column] = pair.up.values[row * rank + column]
          }
        }
        if !isShared { block += 1 }
      }
      parts.append((layer.transform, up))
    }
    guard let whole = ForeignKeyMap.Transform.join(parts) else { throw refused(module.layers[0].name) }
    return (
      LoadedTensor(shape: [total, width], values: down),
      AdapterLayout.laidOut(whole, as: module.layers[0].transform)
    )
  }

  private func config(_ modules: [Module], blocks: Int) -> [String: ConfigValue] {
    let alpha = adaptation.alpha * (adaptation.rankStabilized == true ? Double(blocks).squareRoot() : Double(blocks))
    let names = modules.map { String($0.name.dropLast()) }
    var config: [String: ConfigValue] = [
      "base_model_name_or_path": .string(basePath), "bias": .string("none"),
      "fan_in_fan_out": .boolean(modules.contains { $0.layers[0].transform.isTransposed }),
      "inference_mode": .boolean(true), "init_lora_weights": .boolean(true),
      "lora_alpha": Int(exactly: alpha).map { .integer($0) } ?? .number(alpha),
      "lora_dropout": .number(adaptation.dropout), "peft_type": .string("LORA"),
      "r": .integer(adaptation.rank * blocks), "target_modules": .strings(targets(names)),
      "use_dora": .boolean(false),
      "use_rslora": .boolean(adaptation.rankStabilized == true),
    ]
    if let taskType { config["task_type"] = .string(taskType) }
    var kept: [String] = []
    for entry in layout.others {
      let module = entry.foreign[0].split(separator: ".").dropLast().joined(separator: ".")
      if !kept.contains(module) { kept.append(module) }
    }
    if !kept.isEmpty { config["modules_to_save"] = .strings(kept) }
    return config
  }

  /// The last parts of the names where they mean no other layer, else the whole names.
  private func targets(_ names: [String]) -> [String] {
    func last(_ name: String) -> String { String(name.split(separator: ".").last ?? "") }
    let short = Set(names.map(last))
    let meant = Set(layout.layers.map { String($0.modules[0].dropLast()) }.filter { short.contains(last($0)) })
    return (meant == Set(names) ? short : Set(names)).sorted()
  }

  /// What PEFT calls the model's task, nil where it has no name for it, as for masked language modelling.
  private var taskType: String? {
    if !layout.others.isEmpty { return "SEQ_CLS" }
    func isOne(of endings: String...) -> Bool { endings.contains(where: export.architecture.hasSuffix) }
    if isOne(of: "ForConditionalGeneration", "MTModel") { return "SEQ_2_SEQ_LM" }
    return isOne(of: "ForCausalLM", "LMHeadModel") ? "CAUSAL_LM" : nil
  }

  private var ownCard: String {
    """
    ---
    base_model: \(basePath)
    library_name: peft
    ---

    # An adapter of \(basePath)

    Low-rank adaptation of rank \(adaptation.rank), trained by Graft \(GraftVersion.number).

    """
  }
}
