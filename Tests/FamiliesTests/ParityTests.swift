import Checkpointing
import Compute
import Families
import Foundation
import ModelKit
import Optimization
import TestSupport
import Testing

/// Whole models against transformers: the fourth of the four ways in which a gradient is right.
@Suite struct ParityTests {
  private func laboratory(_ name: String) throws -> (ModelFixture, ModelLaboratory) {
    let fixture = try ModelFixture.read(name)
    let laboratory = try ModelLaboratory(fixture.configuration)
    try laboratory.load(ModelFixture.weights(name), fixture.keyMap)
    return (fixture, laboratory)
  }

  @Test(arguments: ModelFixture.names)
  func logitsAndLossMatch(_ name: String) throws {
    let (fixture, laboratory) = try laboratory(name)
    let expected = try SafetensorsFile(ModelFixture.outputs(name)).tensor("logits")
    let got = laboratory.logits(fixture.batch)
    let isClassifier = fixture.head == .classification
    #expect(relativeDifference(got, isClassifier ? logSoftmax(expected) : expected.values) < 1e-4)
    let loss = laboratory.step(fixture.batch)
    #expect(loss.targetCount == (fixture.head == .regression ? 3 : expected.shape[0]))
    #expect(abs(loss.total / Double(loss.targetCount) - fixture.loss) < 1e-4 * fixture.loss)
  }

  @Test(.tags(.slow), arguments: ModelFixture.names)
  func namedGradientsMatch(_ name: String) throws {
    let (fixture, laboratory) = try laboratory(name)
    laboratory.step(fixture.batch)
    let expected = try SafetensorsFile(ModelFixture.outputs(name))
    let got = try fixture.keyMap.foreignTensors(from: laboratory.namedGradients)
    #expect(got.count == expected.tensors.count - 1)
    for (name, gradient) in got.sorted(by: { $0.key < $1.key }) {
      let reference = try expected.tensor("gradient.\(name)")
      #expect(gradient.shape == reference.shape)
      let difference = relativeDifference(gradient.values, reference.values)
      #expect(difference < 1e-4, "\(name)")
    }
  }

  @Test(.tags(.slow), arguments: ModelFixture.names)
  func tenOptimizerStepsMatch(_ name: String) throws {
    let (fixture, laboratory) = try laboratory(name)
    let optimizer = try fixture.makeOptimizer(of: laboratory.store)
    for (step, expected) in fixture.losses.enumerated() {
      let loss = laboratory.step(fixture.batch)
      #expect(abs(loss.total / Double(loss.targetCount) - expected) < 1e-4 * expected, "after \(step) steps")
      laboratory.update(with: optimizer, learningRate: fixture.optimizer.learningRate, step: step + 1)
    }
  }

  private func logSoftmax(_ logits: LoadedTensor) -> [Float] {
    let columns = logits.shape.last ?? 1
    return stride(from: 0, to: logits.values.count, by: columns).flatMap { start -> [Float] in
      let row = logits.values[start..<start + columns]
      let sum = row.reduce(0) { $0 + exp(Double($1)) }
      return row.map { Float(Double($0) - log(sum)) }
    }
  }
}
