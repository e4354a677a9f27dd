import Checkpointing
import Compute
import Families
import Foundation
import ModelKit
import Optimization
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference
@testable import Training

/// Adapters that PEFT trained and those that Graft trains.
@Suite struct AdapterTests {
  private func opened(_ path: String, base: String? = nil, training: Bool = true) throws -> ShardedModel {
    var (saved, configuration, _) = try ModelFolder.open(path, base: base)
    configuration.dropout = 0
    let model = try ShardedModel(
      configuration, key: RandomKey(seed: 0), precision: .f32, shardCount: 1, training: training)
    try saved.load(into: model.store)
    return model
  }

  private func difference(_ got: [Float], _ expected: [Float]) -> Float {
    guard got.count == expected.count else { return .infinity }
    return zip(got, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// Log-probabilities of a classifier, which is what Graft has, from logits.
  private func expected(_ logits: [Float], of model: ShardedModel) -> [Float] {
    guard model.backbone.answerer != nil else { return logits }
    let total = log(logits.reduce(0) { $0 + exp($1) })
    return logits.map { $0 - total }
  }

  @Test(arguments: AdapterFixture.names) func logitsAreThoseOfPEFT(_ name: String) throws {
    let model = try opened(AdapterFixture.path(name), training: false)
    let logits = try AdapterFixture.outputs(name).tensor("logits").values
    let batch = try AdapterFixture.read(name).batch(name, model.backbone)
    #expect(try difference(model.logits(batch), expected(logits, of: model)) < 1e-4)
    // It is the adapter that makes them.
    let plain = try opened(AdapterFixture.base(name), training: false)
    #expect(try difference(plain.logits(batch), expected(logits, of: model)) > 1e-3)
  }

  /// Gradients of one step by PEFT's names, and none of the base.
  @Test(arguments: AdapterFixture.names) func gradientsAreThoseOfPEFT(_ name: String) throws {
    let model = try opened(AdapterFixture.path(name))
    model.freeze(allBut: try ParameterRules()(model.store.entries))
    let fixture = try AdapterFixture.read(name)
    _ = model.accumulate(
      [[try fixture.batch(name, model.backbone)]], key: RandomKey(seed: 0), recomputing: false, loss: model.ownLoss)
    let gradients = model.gradientSum()
    let (saved, configuration, _) = try ModelFolder.open(AdapterFixture.path(name))
    guard case .adapted(let adapted) = saved else { throw CocoaError(.fileReadUnknown) }
    let store = try Families.make(configuration).declarations.makeEmptyStore()
    for i in gradients.indices { store.values[i] = gradients[i] }
    for entry in store.entries where entry.isFixed {
      #expect(store.values(of: entry).allSatisfy { $0 == 0 }, "\(entry.name)")
    }
    let folder = try TestFolder()
    _ = try adapted.writeForPEFT(store, configuration, to: "\(folder.path)/gradients")
    let (got, outputs) = (
      try SafetensorsFile("\(folder.path)/gradients/adapter_model.safetensors"), try AdapterFixture.outputs(name)
    )
    for tensor in outputs.tensors where tensor.name.hasPrefix("gradient.") {
      let key = String(tensor.name.dropFirst("gradient.".count))
      let reference = try outputs.tensor(tensor.name).values
      var values = try got.tensor(key).values
      if values.count != reference.count {
        // Three layers of one module have the sum of their gradients where PEFT has one D.
        values = try summed(got.tensor(key), key, rank: configuration.lora?.rank ?? 1)
      }
      let largest = reference.reduce(Float(1e-3)) { max($0, abs($1)) }
      #expect(difference(values, reference) < 1e-4 * largest, "\(key)")
    }
  }

  /// Of a D with blocks of `rank` rows their sum; of a U with blocks of columns the columns that are not 0.
  private func summed(_ tensor: LoadedTensor, _ key: String, rank: Int) throws -> [Float] {
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    let isDown = key.contains("lora_A")
    var sum = [Float](repeating: 0, count: isDown ? rank * columns : rows * rank)
    for row in 0..<rows {
      for column in 0..<columns {
        let value = tensor.values[row * columns + column]
        sum[isDown ? row % rank * columns + column : row * rank + column % rank] += value
      }
    }
    return sum
  }

  /// The losses of ten updates, but where several layers of Graft have a D each where PEFT has one.
  @Test(arguments: AdapterFixture.names.filter { !AdapterFixture.joined.contains($0) })
  func tenUpdatesAreThoseOfPEFT(_ name: String) throws {
    let model = try opened(AdapterFixture.path(name))
    let trained = try ParameterRules()(model.store.entries)
    model.freeze(allBut: trained)
    let optimizer = try Optimizers.make(
      "adamw", parameters: trained, options: ["beta2": 0.999, "epsilon": 1e-8, "weight-decay": 0.01])
    let fixture = try AdapterFixture.read(name)
    let batch = try fixture.batch(name, model.backbone)
    for (step, expected) in fixture.losses.enumerated() {
      let loss = model.accumulate([[batch]], key: RandomKey(seed: 0), recomputing: false, loss: model.ownLoss)
      #expect(abs(loss.total / Double(loss.targetCount) - expected) < 1e-4 * max(1, expected), "after \(step) updates")
      _ = try model.update(optimizer, learningRate: 1e-2, maximumNorm: nil, step: step + 1)
    }
  }

  /// Through Graft's layout and back: the tensors are PEFT's own to the bit, and so is what matters of its
  /// configuration.
  @Test(arguments: AdapterFixture.names) func writingUndoesReading(_ name: String) throws {
    let folder = try TestFolder()
    let (graft, peft) = ("\(folder.path)/graft", "\(folder.path)/peft")
    let first = try ModelConversion.convert(AdapterFixture.path(name), to: graft)
    #expect(first.isAdapter && first.layout == .graft)
    let checkpoint = try Checkpoint(graft)
    #expect(checkpoint.isAdapter)
    #expect(checkpoint.weights.tensors.allSatisfy { $0.name.contains(".lora_") || $0.name.hasPrefix("answers.") })
    _ = try ModelConversion.convert(graft, to: peft)
    let (theirs, ours) = (try AdapterFolder(AdapterFixture.path(name)), try AdapterFolder(peft))
    #expect(ours.weights.tensors.map(\.name) == theirs.weights.tensors.map(\.name))
    for tensor in theirs.weights.tensors {
      #expect(try ours.weights.tensor(tensor.name) == theirs.weights.tensor(tensor.name), "\(tensor.name)")
    }
    #expect(ours.rank == theirs.rank && ours.alpha == theirs.alpha && ours.isRankStabilized == theirs.isRankStabilized)
    #expect(ours.classifies == theirs.classifies)
  }

  /// Two of the three layers that are one module: each keeps its D, and the file computes the same.
  @Test(arguments: ["gpt2", "gpt-neox"]) func layersOfOneModuleAreWrittenAsBlocks(_ name: String) throws {
    let folder = try TestFolder()
    let (saved, configuration, _) = try ModelFolder.open(AdapterFixture.base(name))
    var adapted = configuration
    adapted.lora = LowRankAdaptation(rank: 2, alpha: 3, targets: ["query", "value", "feed_forward.output"])
    let model = try ShardedModel(
      adapted, key: RandomKey(seed: 3), precision: .f32, shardCount: 1, training: false)
    try saved.loadBase(into: model.store)
    for entry in model.store.entries where entry.name.hasSuffix(LowRankAdaptation.upName) {
      for i in entry.range { model.store.values[i] = Float((i * 37 % 101) - 50) / 200 }
    }
    let layout = try AdapterMap.layout(of: configuration, saved)
    try AdapterWriter(
      try #require(adapted.lora), layout, try AdapterMap.export(configuration, saved),
      basePath: AdapterFixture.base(name), notes: AdapterNotes(answers: nil, reading: nil)
    ).write(model.store, to: "\(folder.path)/peft")
    #expect(try AdapterFolder("\(folder.path)/peft").rank == 4)
    let again = try opened("\(folder.path)/peft", training: false)
    let batch = try AdapterFixture.read(name).batch(name, model.backbone)
    #expect(try difference(again.logits(batch), model.logits(batch)) < 1e-5)
  }

  @Test(arguments: AdapterFixture.names) func mergingComputesTheSame(_ name: String) throws {
    let folder = try TestFolder()
    var options = ModelConversion.Options()
    options.merge = true
    for layout in [ModelConversion.Layout.graft, .huggingFace] {
      options.layout = layout
      let target = "\(folder.path)/\(layout.rawValue)"
      _ = try ModelConversion.convert(AdapterFixture.path(name), to: target, options)
      let merged = try opened(target, training: false)
      #expect(merged.backbone.configuration.lora == nil)
      let logits = try AdapterFixture.outputs(name).tensor("logits").values
      let batch = try AdapterFixture.read(name).batch(name, merged.backbone)
      #expect(try difference(merged.logits(batch), expected(logits, of: merged)) < 1e-4)
    }
  }

  @Test(arguments: [
    ("\"use_dora\": false", "\"use_dora\": true", "use_dora"), ("\"bias\": \"none\"", "\"bias\": \"all\"", "bias"),
    ("\"rank_pattern\": {}", "\"rank_pattern\": {\"c_attn\": 4}", "rank_pattern"),
    ("\"peft_type\": \"LORA\"", "\"peft_type\": \"IA3\"", "peft_type"),
    ("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa\"", "init_lora_weights"),
    ("\"r\": 3", "\"r\": 5", "lora_A"),
  ]) func otherAdaptersAreRefusedByName(_ old: String, _ new: String, _ named: String) throws {
    let folder = try TestFolder()
    for file in ["adapter_config.json", "adapter_model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: "\(AdapterFixture.path("gpt2"))/\(file)", toPath: "\(folder.path)/\(file)")
    }
    let config = "\(folder.path)/adapter_config.json"
    let text = try String(contentsOfFile: config, encoding: .utf8)
    #expect(text.contains(old))
    try text.replacingOccurrences(of: old, with: new).write(toFile: config, atomically: true, encoding: .utf8)
    let error = #expect(throws: GraftError.self) {
      try ModelFolder.open(folder.path, base: AdapterFixture.base("gpt2"))
    }
    #expect(error?.message.contains(named) == true && error?.code == .badData)
  }

  /// A classifier's adapter brings a head to a base that has none; its labels are not known, and all of the head must
  /// be there: of a base without a pooler PEFT draws the first layer, and does not save it unless it is told to.
  @Test func anAdapterBringsAHead() throws {
    let (saved, configuration, _) = try ModelFolder.open(
      AdapterFixture.path("bert-classifier"), base: AdapterFixture.base("bert"))
    let outputs = try #require(configuration.answers?.first?.choices).count
    #expect(configuration.answers?.map(\.task) == [AnswerFormat.anyTask] && outputs == 2)
    let store = try Families.make(configuration).declarations.makeEmptyStore()
    try saved.load(into: store)
    let trained = store.entries.filter { !$0.isFixed && $0.rank > 1 }
    #expect(trained.allSatisfy { entry in store.values(of: entry).contains { $0 != 0 } } && trained.count > 2)
    let folder = try TestFolder()
    let file = try SafetensorsFile("\(AdapterFixture.path("bert-classifier"))/adapter_model.safetensors")
    let kept = file.tensors.filter { !$0.name.contains("pooler") }
    let buffers = try kept.map { tensor in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.count)
      _ = buffer.initialize(from: try file.tensor(tensor.name).values)
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    try SafetensorsWriter.write(
      zip(kept, buffers).map { TensorSource(name: $0.name, shape: $0.shape, values: UnsafeBufferPointer($1)) },
      to: "\(folder.path)/adapter_model.safetensors")
    try FileManager.default.copyItem(
      atPath: "\(AdapterFixture.path("bert-classifier"))/adapter_config.json",
      toPath: "\(folder.path)/adapter_config.json")
    let error = #expect(throws: GraftError.self) {
      try ModelFolder.open(folder.path, base: AdapterFixture.base("bert"))
    }
    #expect(error?.message.contains("is lost") == true)
    // A base that is a classifier has it.
    _ = try ModelFolder.open(folder.path, base: AdapterFixture.base("bert-classifier"))
  }

  @Test func aBaseThatIsNotThereIsNamed() throws {
    let folder = try TestFolder()
    for file in ["adapter_config.json", "adapter_model.safetensors"] {
      try FileManager.default.copyItem(
        atPath: "\(AdapterFixture.path("llama"))/\(file)", toPath: "\(folder.path)/\(file)")
    }
    let error = #expect(throws: GraftError.self) { try ModelFolder.open(folder.path) }
    #expect(error?.code == .missingInput && error?.message.contains("../../huggingface/llama") == true)
    _ = try ModelFolder.open(folder.path, base: AdapterFixture.base("llama"))
    // A base of another shape.
    #expect(throws: GraftError.self) {
      try opened(folder.path, base: AdapterFixture.base("gpt2"))
    }
  }
}
