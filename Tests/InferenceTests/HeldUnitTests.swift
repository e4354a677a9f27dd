import Autograd
import Compute
import Corpus
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference

/// Units of a carried state that are held at values.
@Suite struct HeldUnitTests {
  private func model(_ family: String, _ precision: Precision = .f32) throws -> ShardedModel {
    let model = try ShardedModel(
      SmallModels.configuration(family), key: RandomKey(seed: 4), precision: precision, shardCount: 1, training: false)
    model.refreshOperands()
    return model
  }

  private static let parts = [
    ("rnn", "0.hidden"), ("gru", "0.hidden"), ("lstm", "0.hidden"), ("lstm", "0.cell"), ("qrnn", "0.cell"),
  ]

  /// What a model computes token by token with a unit that is held is what it computes if a hand sets the unit in its
  /// state after every token; and a unit that is handed on is set in what is handed on.
  @Test(arguments: parts, [Precision.f32, .bf16])
  func holdingIsSettingByHand(_ part: (family: String, array: String), _ precision: Precision) throws {
    let model = try model(part.family, precision)
    let writer = try model.generativeBackbone()
    let held = HeldUnit(array: part.array, unit: 5, value: 1.5)
    let tokens: [TokenID] = [30, 41, 52, 63, 74]
    let outputs = try model.map([Batch(layout: .decoder)]) { _, _, tape in
      var outputs: [[[Float]]] = []
      for isHeld in [true, false] {
        guard let state = writer.makeCarriedState(sequences: 1) else { return outputs }
        if isHeld { state.hold([held]) }
        var steps: [[Float]] = []
        for token in tokens {
          var sequence = TokenSequences()
          sequence.append([token])
          let output = writer.decode(sequence, memory: nil, state: state, recomputing: false, on: tape)
          steps.append(Array(output.hidden.floats().prefix(32)))
          guard !isHeld, let index = state.arrays.firstIndex(where: { $0.name == held.array }) else { continue }
          var arrays = state.arrays
          arrays[index].values[held.unit] = held.value
          state.arrays = arrays
        }
        outputs.append(steps)
      }
      return outputs
    }
    let (kept, byHand) = (outputs[0][0], outputs[0][1])
    let isHandedOn = part.array == "0.hidden"
    for (step, (one, other)) in zip(kept, byHand).enumerated() {
      for unit in 0..<32 where !(isHandedOn && unit == held.unit) {
        #expect(one[unit] == other[unit], "\(step) \(unit)")
      }
      if isHandedOn { #expect(one[held.unit] == 1.5 && other[held.unit] != 1.5) }
    }
    #expect(kept.count == tokens.count)
  }

  /// The tokens that are written depend on it, and not on the batch they are written in.
  @Test func whatIsWrittenFollows() throws {
    let model = try model("lstm")
    var codec = TextCodec(try SmallModels.tokenizer.get())
    codec.layout = .continuation
    let predictor = try Predictor(model: model, codec: codec, lengths: SequenceLengths(inputs: 16, targets: 12))
    func answers(_ held: [HeldUnit], _ inputs: [String]) throws -> [String?] {
      var decoding = DecodingOptions(maximumTokens: 12)
      decoding.held = held
      try held.validate(for: try model.generativeBackbone())
      return try predictor.answers(inputs: inputs, decoding: decoding).map { $0.first?.text }
    }
    let strong = (0..<32).map { HeldUnit(array: "0.hidden", unit: $0, value: $0 % 2 == 0 ? 2 : -2) }
    let free = try answers([], ["the dog"])
    let bound = try answers(strong, ["the dog"])
    #expect(free != bound)
    // Every unit is held, so that every token is predicted of one state.
    let other = try answers(strong, ["the dog", "a quite other beginning"])
    #expect(other == [bound[0], bound[0]])
  }

  @Test func unitsThatAreNotThereAreRefused() throws {
    func error(_ family: String, _ unit: HeldUnit) throws -> GraftError? {
      let writer = try model(family).generativeBackbone()
      return #expect(throws: GraftError.self) { try [unit].validate(for: writer) }
    }
    let unknown = try error("gru", HeldUnit(array: "0.cell", unit: 1, value: 0))
    #expect(unknown?.code == .usage && unknown?.hint?.contains("0.hidden") == true)
    let outside = try error("gru", HeldUnit(array: "0.hidden", unit: 32, value: 0))
    #expect(outside?.code == .usage && outside?.hint?.contains("0 to 31") == true)
    let transformer = try error("gpt", HeldUnit(array: "0", unit: 1, value: 0))
    #expect(transformer?.code == .usage && transformer?.message.contains("carries no state") == true)
  }
}
