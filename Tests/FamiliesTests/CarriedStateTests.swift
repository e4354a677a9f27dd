import Autograd
import Checkpointing
import Compute
import Families
import Foundation
import ModelKit
import Optimization
import Records
import TestSupport
import Testing

/// Training on windows of texts whose state is carried from each to the next.
@Suite struct CarriedStateTests {
  /// Texts that PyTorch trained a recurrent fixture on; see make_model_fixtures.py.
  private struct Texts: Decodable {
    var tokens: [[TokenID]]
    var window: Int
    var losses: [Double]

    func batch(_ index: Int) -> Batch {
      var batch = Batch(layout: .decoder)
      for text in tokens {
        let first = index * window
        batch.decoder.append(text[first..<first + window])
        batch.targets += text[first + 1...first + window]
      }
      return batch
    }
  }

  private static let carrying = TestModels.writers.filter { family in
    let model = try? Families.make(TestModels.configuration(family)).backbone
    return model?.writer?.makeCarriedState(sequences: 1) != nil
  }

  private func state(_ model: ModelLaboratory, _ sequences: Int) throws -> any CarriedState {
    try #require(model.backbone.writer?.makeCarriedState(sequences: sequences))
  }

  @Test func aStateOfFixedSizeIsCarried() { #expect(Self.carrying == TestModels.recurrent) }

  /// Ten updates on ten windows, the gradients of the last, and what it ends with.
  @Test(arguments: ["conv-lm", "gru", "lstm", "lstm-peepholes", "mlstm", "nplm", "qrnn", "rnn", "sha-rnn"])
  func trainingMatchesPyTorch(_ family: String) throws {
    let fixture = try ModelFixture.read(family)
    let texts = try JSONDecoder().decode(Texts.self, from: ModelFixture.data("\(family)-carried.json"))
    let expected = try SafetensorsFile(ModelFixture.outputs("\(family)-carried"))
    let model = try ModelLaboratory(fixture.configuration)
    try model.load(ModelFixture.weights(family), fixture.keyMap)
    let state = try state(model, texts.tokens.count)
    let optimizer = try fixture.makeOptimizer(of: model.store)
    #expect(texts.losses.count == 10)
    for (window, loss) in texts.losses.enumerated() {
      let batch = texts.batch(window)
      // What a state that is not carried would give.
      let anew = model.step(batch)
      #expect(window == 0 || abs(anew.total / Double(anew.targetCount) - loss) > 1e-3 * loss, "window \(window)")
      let found = model.step(batch, following: state)
      #expect(abs(found.total / Double(found.targetCount) - loss) < 1e-5 * loss, "window \(window)")
      guard window < texts.losses.count - 1 else { break }
      model.update(with: optimizer, learningRate: fixture.optimizer.learningRate, step: window + 1)
    }
    let gradients = try fixture.keyMap.foreignTensors(from: model.namedGradients)
    #expect(gradients.count + state.arrays.count == expected.tensors.count)
    for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
      #expect(
        relativeDifference(gradient.values, try expected.tensor("gradient.\(name)").values) < 1e-4, "\(name)")
    }
    for array in state.arrays {
      let tensor = try expected.tensor(array.name)
      #expect(tensor.shape == [texts.tokens.count, array.width])
      #expect(relativeDifference(array.values, tensor.values) < 1e-4, "\(array.name)")
    }
  }

  /// The loss of a text is that of its windows, whose gradients stop where they begin.
  @Test(arguments: carrying) func windowsAreTheText(_ family: String) throws {
    let model = try ModelLaboratory(TestModels.configuration(family))
    let text = TestModels.batch(family, decoder: [11])
    func window(_ range: Range<Int>) -> Batch {
      var batch = Batch(layout: text.layout)
      batch.decoder.append(text.decoder.tokens[range])
      batch.targets += text.targets[range]
      return batch
    }
    let state = try state(model, 1)
    let whole = model.step(text, gradientScale: 1)
    let all = model.gradients
    var sum = model.step(window(0..<4), gradientScale: 1, following: state)
    let after = state.arrays
    sum += model.step(window(4..<11), gradientScale: 1, keeping: true, following: state)
    #expect(state.lengths == [11] && state.arrays != after)
    #expect(sum.targetCount == whole.targetCount && abs(sum.total - whole.total) < 1e-5 * whole.total)
    #expect(relativeDifference(model.gradients, all) > 1e-3)
    // From a state that is given as it is, the second window by itself is the same.
    let second = try self.state(model, 1)
    second.arrays = after
    #expect(second.arrays == after)
    let again = model.step(window(4..<11), gradientScale: 1, following: second)
    #expect(second.arrays == state.arrays && again.total > 0)
    second.forget()
    let empty = try self.state(model, 1)
    #expect(second.lengths == [0] && second.arrays == empty.arrays)
  }

  /// The gradient of a window, given the state before it, against central differences of its loss.
  @Test(arguments: carrying) func theGradientIsThatOfAGivenState(_ family: String) throws {
    let model = try ModelLaboratory(TestModels.configuration(family))
    // First embeddings are small, and products of products of them leave nothing but rounding.
    let embedding = try #require(model.store.entry(named: "embedding.weight"))
    for i in embedding.range { model.store.values[i] *= 8 }
    let state = try state(model, 2)
    _ = model.step(TestModels.batch(family, decoder: [6, 3]), following: state)
    let given = state.arrays
    let batch = TestModels.batch(family, decoder: [4, 5], seed: 6)
    func loss() -> Double {
      state.arrays = given
      return model.step(batch, gradientScale: 1, following: state).total
    }
    _ = loss()
    let gradient = model.gradients
    for entry in model.store.entries {
      // The direction of the gradient itself: a change of many values at once is well above rounding. Where the loss
      // is steep a small one is enough.
      let part = Array(gradient[entry.range])
      let norm = part.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      let step = 3e-2 / (norm * max(1, norm))
      let values = model.store.values(of: entry)
      let kept = Array(values)
      func moved(_ factor: Double) -> Double {
        for i in kept.indices { values[i] = kept[i] + Float(factor) * part[i] }
        return loss()
      }
      let slope = (moved(step) - moved(-step)) / (2 * step)
      _ = values.update(from: kept)
      #expect(abs(slope - norm * norm) < 1e-2 * norm * norm, "\(entry.name)")
    }
  }

  /// Layers that are read again in the backward pass end with the same.
  @Test(arguments: carrying, TestModels.precisions)
  func recomputationChangesNoBit(_ family: String, _ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.configuration(family, dropout: 0.3), precision: precision)
    func train(recomputing: Bool) throws -> (losses: [Double], gradients: [Float], state: [CarriedArray]) {
      let state = try state(model, 2)
      let losses = (0..<3).map { window in
        model.step(
          TestModels.batch(family, decoder: [7, 9], seed: UInt64(window)), training: true, recomputing: recomputing,
          following: state
        ).total
      }
      return (losses, model.gradients, state.arrays)
    }
    let (kept, recomputed) = (try train(recomputing: false), try train(recomputing: true))
    #expect(kept.losses == recomputed.losses && kept.gradients == recomputed.gradients)
    #expect(kept.state == recomputed.state)
  }
}
