import ModelKit
import Optimization
import Records
import Testing

/// The complete example of Docs/ADDING-AN-ARCHITECTURE.md is a model that trains.
@Suite struct ExampleFamilyTests {
  private func laboratory(dropout: Double = 0) throws -> ModelLaboratory {
    let shape = ModelShape(width: 24, layers: 2, heads: 3, feedForward: 40, length: 32)
    let configuration = ModelConfiguration(
      family: RelativeDecoder.name, vocabularySize: 50, dropout: dropout, sizes: RelativeDecoder.sizes(of: shape))
    var reader = SizeReader(configuration.sizes, of: configuration.family)
    let declarations = ParameterDeclarations()
    let backbone = try RelativeDecoder(&reader).makeBackbone(configuration, in: ParameterScope(declarations))
    try reader.requireNothingLeft()
    return try ModelLaboratory(backbone, declarations)
  }

  @Test func itLearnsABatch() throws {
    let model = try laboratory()
    let batch = TestModels.batch("gpt", decoder: [9, 14, 5])
    let optimizer = try Optimizers.make("adamw", parameters: model.store.entries.map { TrainedParameter($0) })
    let first = model.step(batch).total
    for step in 1...40 {
      model.step(batch)
      model.update(with: optimizer, learningRate: 0.01, step: step)
    }
    #expect(model.step(batch).total < first / 2)
  }

  @Test func recomputationGivesTheSameBits() throws {
    let model = try laboratory(dropout: 0.2)
    let batch = TestModels.batch("gpt", decoder: [9, 14, 5])
    let kept = model.step(batch, training: true)
    let gradients = model.gradients
    #expect(model.step(batch, training: true, recomputing: true) == kept)
    #expect(model.gradients == gradients)
    #expect(gradients.areFinite && !gradients.areAll(0))
  }
}
