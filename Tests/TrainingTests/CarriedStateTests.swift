import Autograd
import Checkpointing
import Corpus
import Foundation
import Inference
import ModelKit
import Objectives
import Randomness
import Records
import Support
import Synchronization
import TestSupport
import Testing

@testable import Inference
@testable import Training

/// Runs that carry the state of their texts from update to update.
@Suite(.tags(.slow)) struct CarriedStateTests {
  private static let weights = "model/model.safetensors"
  private static let optimizer = "checkpoints/step-000000012/optimizer.safetensors"

  /// Twelve steps over seven lanes; `sequenceLength` decides how many passes that is.
  private func plan(passes: Double = 0.5, family: String = "lstm") throws -> PretrainingPlan {
    let laboratory = try Laboratory.shared.get()
    var plan = laboratory.plan(family)
    plan.model = try twoLayers(family)
    plan.carriesState = true
    plan.forgetting = 0.1
    plan.sequenceLength = passes < 1 ? 16 : 600
    plan.settings.microBatches = 2
    return plan
  }

  /// Regularisers of which all parts of an update have the same.
  private static let ofUpdates: [String: SizeValue] = [
    "embeddingDropout": 0.2, "recurrentDropout": 0.5, "activationRegularization": 2,
    "temporalActivationRegularization": 1,
  ]

  /// Of two layers, each with a state of its own, but for a family that has one.
  private func twoLayers(_ family: String = "lstm") throws -> ModelConfiguration {
    var model = try Laboratory.shared.get().configuration(family)
    if model.sizes["decoderLayers"] != nil { model.sizes["decoderLayers"] = 2 }
    return model
  }

  private func source(_ plan: PretrainingPlan) throws -> any SampleSource {
    let laboratory = try Laboratory.shared.get()
    let objective = try Objectives.make(plan.objective, vocabulary: laboratory.tokenizer.vocabulary)
    let model = try plan.makeModel(laboratory.tokenizer).model
    return try PretrainingData(
      plan, objective, model.backbone, tokenizer: laboratory.tokenizer, cache: "\(laboratory.folder.path)/cache",
      tasks: []
    ) { _ in }.source
  }

  @Test(arguments: [0.5, 4]) func oneSeedGivesTheSameBytes(_ passes: Double) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    let plan = try plan(passes: passes)
    guard case .lanes(let lanes, let windows) = try source(plan).order else {
      Issue.record("samples stand by themselves")
      return
    }
    // A pass is longer than the run, or ends within it.
    #expect(lanes == 7 && (passes < 1 ? windows > 12 : windows < 6), "\(windows)")
    let (result, _) = try laboratory.pretrain(plan, "\(folder.path)/a")
    try laboratory.pretrain(plan, "\(folder.path)/b")
    for file in [Self.weights, Self.optimizer] {
      #expect(try folder.bytes("a/\(file)") == folder.bytes("b/\(file)"))
    }
    let losses = result.heldOut.map(\.lossPerToken)
    #expect(try #require(losses.last) < 0.95 * (try #require(losses.first)))
    #expect(result.epochs.count == 1 && abs(result.epochs[0] - 12 / Double(windows)) < 1e-9)
    // What is carried stands beside the optimizer's arrays, and in no finished model.
    let arrays = try SafetensorsFile("\(folder.path)/a/\(Self.optimizer)")
    #expect(
      arrays.tensors.map(\.name).filter { $0.hasPrefix("carried.") }
        == ["carried.0.cell", "carried.0.hidden", "carried.1.cell", "carried.1.hidden"])
    let cells = try arrays.tensor("carried.1.cell")
    #expect(cells.shape == [7, 32] && !cells.values.contains(0))
    #expect(try !SafetensorsFile("\(folder.path)/a/\(Self.weights)").tensors.contains { $0.name.contains("carried") })
  }

  /// From every checkpoint, one in the middle of a text and one where texts begin among them.
  @Test(arguments: [0.5, 4]) func everyCheckpointLeadsToTheSameEnd(_ passes: Double) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = try plan(passes: passes)
    plan.settings.checkpointInterval = 1
    let whole = try laboratory.pretrain(plan, "\(folder.path)/whole")
    let steps = try CheckpointFolder("\(folder.path)/whole/checkpoints").steps()
    #expect(steps == Array(1...12))
    for step in [1, 2, 3, 4, 7, 11] {
      let name = "from-\(step)"
      try folder.copy("whole", to: name)
      try folder.remove("\(name)/model")
      for later in steps where later > step {
        try folder.remove(CheckpointFolder("\(name)/checkpoints").path(step: later))
      }
      let parts = try laboratory.pretrain(plan, "\(folder.path)/\(name)", resuming: true)
      #expect(parts.steps.map(\.loss) == whole.steps.suffix(12 - step).map(\.loss))
      #expect(parts.result.heldOut.map(\.lossPerToken) == whole.result.heldOut.map(\.lossPerToken))
      for file in [Self.weights, Self.optimizer] {
        #expect(try folder.bytes("whole/\(file)") == folder.bytes("\(name)/\(file)"))
      }
    }
  }

  @Test func aStoppedRegularizedRunGoesOnAsIfItHadNot() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = try plan()
    plan.model.sizes.merge(Self.ofUpdates) { $1 }
    plan.model.sizes.merge(["lockedDropout": true, "inputDropout": 0.3, "layerDropout": 0.2]) { $1 }
    try laboratory.pretrain(plan, "\(folder.path)/whole")
    _ = #expect(throws: GraftError.self) {
      try laboratory.pretrain(plan, "\(folder.path)/parts", stoppingAt: 5)
    }
    try laboratory.pretrain(plan, "\(folder.path)/parts", resuming: true)
    #expect(try folder.bytes("whole/\(Self.weights)") == folder.bytes("parts/\(Self.weights)"))
    let plain = try self.plan()
    try laboratory.pretrain(plain, "\(folder.path)/plain")
    #expect(try folder.bytes("whole/\(Self.weights)") != folder.bytes("plain/\(Self.weights)"))
  }

  @Test(arguments: ["conv-lm", "gru", "lstm", "mlstm", "nplm", "qrnn", "rnn", "sha-rnn"])
  func aStoppedRunGoesOnAsIfItHadNot(_ family: String) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    let plan = try plan(family: family)
    try laboratory.pretrain(plan, "\(folder.path)/whole")
    let error = #expect(throws: GraftError.self) {
      try laboratory.pretrain(plan, "\(folder.path)/parts", stoppingAt: 5)
    }
    #expect(error?.code == .interrupted)
    // Whoever does not carry what the run carried would be another run.
    var other = plan
    (other.carriesState, other.forgetting) = (nil, nil)
    let refused = #expect(throws: GraftError.self) {
      try laboratory.pretrain(other, "\(folder.path)/parts", resuming: true)
    }
    #expect(refused?.code == .usage)
    try laboratory.pretrain(plan, "\(folder.path)/parts", resuming: true)
    #expect(try folder.bytes("whole/\(Self.weights)") == folder.bytes("parts/\(Self.weights)"))
  }

  /// A lane keeps its state, whichever shard and micro-batch it is dealt to, also where some have none.
  /// Likewise what is left out of an update and what is added to its loss.
  @Test(arguments: [false, true]) func shardsAndMicroBatchesAddUp(regularized: Bool) throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var losses: [[Double]] = []
    for (shards, microBatches) in [(1, 1), (1, 3), (2, 1), (3, 2), (4, 2)] {
      var plan = try plan()
      (plan.settings.shards, plan.settings.microBatches) = (shards, microBatches)
      plan.settings.dropout = 0
      if regularized { plan.model.sizes.merge(Self.ofUpdates) { $1 } }
      let (result, steps) = try laboratory.pretrain(plan, "\(folder.path)/\(shards)-\(microBatches)")
      losses.append(steps.map(\.loss) + result.heldOut.map(\.lossPerToken))
    }
    for other in losses.dropFirst() {
      for (a, b) in zip(losses[0], other) { #expect(abs(a - b) < 1e-4 * a, "\(a) and \(b)") }
    }
  }

  /// About as many windows as wanted begin with nothing before them, the same ones whoever asks, and as texts do.
  @Test func someWindowsBeginTexts() throws {
    var plan = try plan()
    let drawn = try source(plan)
    guard case .lanes(let lanes, let windows) = drawn.order else {
      Issue.record("samples stand by themselves")
      return
    }
    let later = lanes..<lanes * windows
    let begun = later.filter(drawn.beginsText)
    let share = Double(begun.count) / Double(later.count)
    let deviation = (0.1 * 0.9 / Double(later.count)).squareRoot()
    #expect(abs(share - 0.1) < 4 * deviation, "\(share) of \(later.count)")
    #expect(try later.filter(source(plan).beginsText) == begun)
    plan.forgetting = nil
    let usual = try source(plan)
    #expect(later.filter(usual.beginsText).isEmpty && (0..<lanes).allSatisfy(drawn.beginsText))
    for index in later.prefix(200) {
      let (example, going) = (drawn.example(at: index, progress: 0), usual.example(at: index, progress: 0))
      #expect((example == going) == !begun.contains(index))
      #expect(example.targets == going.targets && going.omitsStart && example.omitsStart != begun.contains(index))
    }
  }

  /// Of the lanes of all shards and micro-batches some lose their rows, and the others keep theirs.
  @Test func lanesForgetForThemselves() throws {
    let laboratory = try Laboratory.shared.get()
    let model = try plan().makeModel(laboratory.tokenizer).model
    model.carryState(over: [[0..<3, 3..<4], [4..<7, 7..<7]])
    for state in model.shards.flatMap(\.carried) {
      state.arrays = state.arrays.map { array in
        CarriedArray(name: array.name, width: array.width, values: array.values.map { _ in 1 })
      }
    }
    model.forgetCarriedState(ofLanes: [1, 3, 6])
    for array in try model.carriedArrays() {
      for lane in 0..<7 {
        let row = array.values[lane * array.width..<(lane + 1) * array.width]
        #expect(row.allSatisfy { $0 == ([1, 3, 6].contains(lane) ? 0 : 1) }, "\(array.name) of lane \(lane)")
      }
    }
  }

  /// The worked example of `BatchDealing`, and that every lane is dealt once.
  @Test func lanesStayWhereTheyAre() {
    #expect(
      BatchDealing(shards: 2, microBatches: 2, order: .lanes(7, windows: 3)).lanes(7) == [
        [0..<1, 1..<3], [3..<5, 5..<7],
      ])
    for (shards, microBatches) in [(1, 1), (2, 3), (5, 2)] {
      let deal = BatchDealing(shards: shards, microBatches: microBatches, order: .lanes(7, windows: 3))
      let lanes = deal.lanes(7)
      #expect(lanes.flatMap { $0 }.flatMap { Array($0) } == Array(0..<7))
      // Lengths do not matter.
      for lengths in [[1, 2, 3, 4, 5, 6, 7], [7, 1, 6, 2, 5, 3, 4]] {
        let examples = lengths.map { TokenExample(inputs: [], targets: [TokenID](repeating: 5, count: $0)) }
        #expect(deal(examples) == lanes.map { $0.map { Array(examples[$0]) } })
      }
    }
  }

  /// Read from its beginning, a held-out text has the loss that it has in one piece.
  @Test func heldOutTextIsReadAsAWhole() throws {
    let laboratory = try Laboratory.shared.get()
    let model = try ShardedModel(
      try twoLayers(), key: RandomKey(seed: 9), precision: .f32, shardCount: 2, training: false)
    let texts: [[TokenID]] = (0..<10).map { (text: Int) -> [TokenID] in
      (0..<24).map { (i: Int) -> TokenID in TokenID(30 + (i * i + 7 * text) % 80) }
    }
    let converter = BatchLayout.decoder.converter(
      vocabulary: laboratory.tokenizer.vocabulary, lengths: SequenceLengths(inputs: 32, targets: 32))
    let loss = try ShardedModelTests.loss(model)
    let state = TrainingState(
      step: 7, tokensSeen: 0, sampleIndex: 0, elapsedSeconds: 0, details: LoopDetails())
    let whole = try HeldOutLoss(
      texts.map { TokenExample(inputs: [], targets: $0) }, converter: converter, tokenizer: laboratory.tokenizer
    ).report(model, loss: loss, state: state)
    let windows: [[TokenExample]] = stride(from: 0, to: 24, by: 6).map { (first: Int) -> [TokenExample] in
      texts.map { (text: [TokenID]) -> TokenExample in
        let example = TokenExample(inputs: [], targets: Array(text[first..<first + 6]))
        return first == 0 ? example : example.continuing(after: text[first - 1])
      }
    }
    func report(_ windows: [[TokenExample]]) throws -> HeldOutReport {
      try HeldOutLoss(
        lanes: windows, converter: converter, tokenizer: laboratory.tokenizer, isLogProbability: true, lostBytes: 0,
        batchSize: 4
      ).report(model, loss: loss, state: state)
    }
    let carried = try report(windows)
    #expect(carried.targetCount == whole.targetCount)
    #expect(abs(carried.lossPerToken - whole.lossPerToken) < 1e-6 * whole.lossPerToken)
    let (bits, bitsOfWhole) = (try #require(carried.bitsPerByte), try #require(whole.bitsPerByte))
    #expect(abs(bits - bitsOfWhole) < 1e-6 * bitsOfWhole)
    // Texts that change places between windows are others.
    let turned = windows.indices.map { $0 % 2 == 0 ? windows[$0] : windows[$0].reversed() }
    let mixed = try report(turned)
    #expect(abs(mixed.lossPerToken - whole.lossPerToken) > 1e-5 * whole.lossPerToken)
  }

  @Test func corporaAreReadOneAfterAnother() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    try folder.write("b.txt", "The cat sees the dog.")
    var plan = try plan()
    let alone = try source(plan)
    plan.corpora.append(CorpusShare(path: "\(folder.path)/b.txt", repetition: 40))
    guard case .lanes(7, let windows) = try source(plan).order, case .lanes(7, let fewer) = alone.order else {
      Issue.record("samples stand by themselves")
      return
    }
    #expect(windows > fewer)
    let (result, _) = try laboratory.pretrain(plan, "\(folder.path)/run")
    #expect(result.epochs.count == 2 && result.epochs[1] == 40 * result.epochs[0])
  }

  @Test func whatCannotBeCarriedIsRefused() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    func refusal(_ change: (inout PretrainingPlan) -> Void) throws -> GraftError? {
      var plan = try plan()
      change(&plan)
      return #expect(throws: GraftError.self) { try laboratory.pretrain(plan, "\(folder.path)/run") }
    }
    let transformer = try refusal { $0.model = laboratory.configuration("gpt") }
    #expect(transformer?.message.contains("gpt family keeps all that it has read") == true)
    #expect(transformer?.hint?.contains("lstm") == true)
    let objective = try refusal { $0.objective = "prefix-lm" }
    #expect(objective?.message.contains("prefix-lm") == true && objective?.hint?.contains("causal-lm") == true)
    #expect(try refusal { $0.merged = false }?.message.contains("`unmerged:`") == true)
    #expect(
      try refusal { $0.supervised = SupervisedShare(tasks: ["a"], share: 0.5) }?.message.contains("`task:`") == true)
    #expect(try refusal { $0.length = StagedNumber(argument: "8,16@50%")! }?.hint?.contains("sequence-length") == true)
    #expect(try refusal { $0.corpora[0].repetition = 1.5 }?.message.contains("1.5 times") == true)
    #expect(try refusal { $0.settings.batchSize = 1 << 20 }?.hint == "lower `batch:`.")
    for error in [transformer, objective] { #expect(error?.code == .usage) }
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/run/run.json"))
  }

  // MARK: What is not finite

  /// A run whose third update has a state and a gradient that are not numbers.
  private func trainPoisoned(
    _ policy: NonFinitePolicy, _ directory: String, resuming: Bool = false, stoppingAt: Int? = nil
  ) throws -> (state: TrainingState<LoopDetails>, losses: [Double]) {
    let laboratory = try Laboratory.shared.get()
    var plan = try plan()
    (plan.settings.nonFinite, plan.settings.checkpointInterval) = (policy, 2)
    let (source, stop) = (try source(plan), StopRequest())
    let losses = Mutex<[Double]>([])
    let model = try plan.makeModel(laboratory.tokenizer).model
    let usual = try ShardedModelTests.loss(model)
    let mark = source.example(at: 2 * plan.settings.batchSize, progress: 0).targets
    let session = try RunSession(
      plan, in: RunDirectory(directory, resuming: resuming), resuming: resuming, model: model,
      tokenizer: laboratory.tokenizer, source: source,
      converter: BatchLayout.decoder.converter(
        vocabulary: laboratory.tokenizer.vocabulary, lengths: SequenceLengths(inputs: 16, targets: 16)),
      loss: { batch, scale, state, recomputing, tape in
        let sum = usual(batch, scale, state, recomputing, tape)
        guard batch.targets.starts(with: mark), let state else { return sum }
        state.arrays = state.arrays.map {
          CarriedArray(name: $0.name, width: $0.width, values: $0.values.map { _ in .nan })
        }
        return LossSum(total: .nan, targetCount: sum.targetCount)
      },
      hashes: [:], arguments: ["test"], stop: stop,
      emit: { event in
        guard case .step(let report) = event else { return }
        losses.withLock { $0.append(report.loss) }
        if report.step == stoppingAt { stop.request(signal: 2) }
      }, card: { _ in "" })
    let state = try session.train(heldOut: nil, measuresStart: false, keepsLast: true)
    return (state, losses.withLock { $0 })
  }

  @Test(arguments: [NonFinitePolicy.skip, .rollBack]) func aStateThatIsNoNumberIsForgotten(
    _ policy: NonFinitePolicy
  ) throws {
    let folder = try TestFolder()
    let (state, losses) = try trainPoisoned(policy, "\(folder.path)/whole")
    #expect(state.step == 12 && losses.allSatisfy(\.isFinite))
    #expect(state.details.nonFinite?.skipped == (policy == .skip ? 1 : 0))
    #expect(state.details.nonFinite?.rolledBack == (policy == .rollBack ? 1 : 0))
    _ = #expect(throws: GraftError.self) { try trainPoisoned(policy, "\(folder.path)/parts", stoppingAt: 4) }
    _ = try trainPoisoned(policy, "\(folder.path)/parts", resuming: true)
    #expect(try folder.bytes("whole/\(Self.weights)") == folder.bytes("parts/\(Self.weights)"))
  }

  @Test func aCheckpointWithoutWhatIsCarriedIsRefused() throws {
    let laboratory = try Laboratory.shared.get()
    let folder = try TestFolder()
    var plan = try plan()
    let model = try plan.makeModel(laboratory.tokenizer).model
    model.carryState(over: [[0..<3, 3..<4], [4..<7, 7..<7]])
    #expect(try model.carriedArrays().map(\.values.count) == [Int](repeating: 7 * 32, count: 4))
    (plan.carriesState, plan.forgetting) = (nil, nil)
    try laboratory.pretrain(plan, "\(folder.path)/run")
    let file = try SafetensorsFile("\(folder.path)/run/\(Self.optimizer)")
    let error = #expect(throws: GraftError.self) { try model.readCarriedState(from: file) }
    #expect(error?.code == .badData && error?.message.contains("carried.0.hidden") == true)
  }
}
