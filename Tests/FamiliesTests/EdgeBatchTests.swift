import Autograd
import Compute
import Records
import Testing

/// Batches at the edge of what a shard can be given.
@Suite struct EdgeBatchTests {
  @Test(arguments: TestModels.families, TestModels.precisions)
  func emptyShard(_ family: String, _ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.configuration(family, dropout: 0.1), precision: precision)
    for recomputing in [false, true] {
      let loss = model.step(
        TestModels.batch(family, decoder: []), training: true, recomputing: recomputing)
      #expect(loss.total == 0 && loss.targetCount == 0)
      #expect(model.gradients.areAll(0))
    }
  }

  @Test(arguments: TestModels.families, TestModels.precisions)
  func noTargets(_ family: String, _ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.configuration(family), precision: precision)
    let loss = model.step(TestModels.batch(family, encoder: [5], decoder: [1]))
    // A discriminator is asked about every token.
    #expect(loss.targetCount == (model.backbone.detector != nil ? 1 : 0))
    #expect(model.gradients.areAll(0) == (model.backbone.detector == nil))
  }

  @Test(arguments: TestModels.families, TestModels.precisions)
  func oneTokenSequences(_ family: String, _ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.configuration(family), precision: precision)
    let loss = model.step(TestModels.batch(family, encoder: [1, 1], decoder: [2, 2]))
    #expect(loss.total.isFinite && loss.targetCount == (model.backbone.detector != nil ? 2 + 4 : 2))
    #expect(model.gradients.areFinite)
  }

  /// A sequence nobody can attend to, and one that attends to nothing, give no garbage: memory is filled with
  /// NaN before.
  @Test(arguments: TestModels.precisions)
  func emptySequencesBesideFullOnes(_ precision: Precision) throws {
    let model = try ModelLaboratory(TestModels.t5(), precision: precision)
    model.fillArenaWithNaN(bytes: 1 << 22)
    let loss = model.step(TestModels.batch("t5", encoder: [0, 6, 12], decoder: [4, 0, 5]))
    #expect(loss.total.isFinite && loss.targetCount == 7)
    #expect(model.gradients.areFinite)
  }

  /// A sequence's loss and gradient do not depend on what shares the batch with it.
  @Test(arguments: TestModels.families)
  func neighboursDoNotLeak(_ family: String) throws {
    let model = try ModelLaboratory(TestModels.configuration(family))
    let alone = TestModels.batch(family, encoder: [11], decoder: [10])
    // The neighbour has no targets, so that its gradient is 0 but of a discriminator, which is asked about every
    // token.
    func addNeighbour(to batch: inout Batch) {
      if batch.layout == .encoderDecoder { batch.encoder.append([1, 2, 3]) }
      if batch.layout == .prefixDecoder { batch.decoder.prefixes.append(2) }
      if batch.layout == .encoder { batch.encoder.append([4, 5, 6]) } else { batch.decoder.append([4, 5, 6]) }
      batch.targets += [Batch.ignored, Batch.ignored, Batch.ignored]
    }
    var neighbour = Batch(layout: alone.layout)
    addNeighbour(to: &neighbour)
    var both = alone
    addNeighbour(to: &both)
    var expected = model.step(alone, gradientScale: 1)
    expected += model.step(neighbour, gradientScale: 1, keeping: true)
    let gradients = model.gradients
    model.fillArenaWithNaN(bytes: 1 << 22)
    let got = model.step(both, gradientScale: 1)
    #expect(abs(got.total - expected.total) < 1e-5 * expected.total)
    #expect(relativeDifference(model.gradients, gradients) < 1e-5)
  }

  /// bf16 against f32: each gradient within four per cent of its norm, the loss within one. Eight significant
  /// bits through two layers leave about two.
  @Test(.enabled(if: MatrixBackends.preferredPrecision == .bf16), arguments: TestModels.families)
  func bf16IsCloseToF32(_ family: String) throws {
    let batch = TestModels.batch(family, encoder: [13, 3, 9], decoder: [7, 12, 2])
    let exact = try ModelLaboratory(TestModels.configuration(family))
    let rounded = try ModelLaboratory(TestModels.configuration(family), precision: .bf16)
    let a = exact.step(batch)
    let b = rounded.step(batch)
    #expect(abs(a.total - b.total) < 0.01 * a.total)
    let expected = exact.namedGradients
    for (name, gradient) in rounded.namedGradients {
      let reference = try #require(expected[name])
      let squares = zip(gradient.values, reference.values).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      let norm = reference.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(squares.squareRoot() < 0.04 * max(norm, 0.01), "\(name)")
    }
  }

  /// Both libraries give the same model.
  @Test(
    .enabled(if: Set(["onednn", "openblas"]).isSubset(of: MatrixBackends.available.map(\.name))),
    arguments: TestModels.families)
  func backendsAgree(_ family: String) throws {
    let batch = TestModels.batch(family, encoder: [13, 3, 9], decoder: [7, 12, 2])
    let models = try ["onednn", "openblas"].map {
      try ModelLaboratory(
        TestModels.configuration(family), backend: try MatrixBackends.choose(named: $0, for: .f32))
    }
    let losses = models.map { $0.step(batch).total }
    #expect(abs(losses[0] - losses[1]) < 1e-5 * losses[0])
    #expect(relativeDifference(models[0].gradients, models[1].gradients) < 1e-5)
  }
}
