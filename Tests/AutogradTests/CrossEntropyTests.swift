import Compute
import Records
import TestSupport
import Testing

@testable import Autograd

/// Softmax cross-entropy: kernels against the twin.
@Suite struct CrossEntropyTests {
  struct Case: Sendable {
    var rows: [Int]
    var width: Int
    var vocabulary: Int
    var logitScale = 1.0
    var smoothing = 0.0
    var cap: Double?
    var zLoss = 0.0
  }

  static let cases = [
    Case(rows: [0], width: 1, vocabulary: 1), Case(rows: [3], width: 5, vocabulary: 7),
    Case(rows: [15, 0, 7], width: 8, vocabulary: 33, logitScale: 0.35),
    Case(rows: [1, 2, 3, 5, 8, 13], width: 12, vocabulary: 16),
    Case(rows: [3], width: 5, vocabulary: 1, smoothing: 0.3),
    Case(rows: [15, 0, 7], width: 8, vocabulary: 33, logitScale: 0.35, smoothing: 0.1),
    Case(rows: [1, 2, 3, 5, 8, 13], width: 12, vocabulary: 16, smoothing: 0.9),
    Case(rows: [15, 0, 7], width: 8, vocabulary: 33, cap: 4),
    Case(rows: [1, 2, 3, 5, 8, 13], width: 12, vocabulary: 1100, logitScale: 0.35, cap: 1.5),
    Case(rows: [3], width: 5, vocabulary: 1, zLoss: 0.02),
    Case(rows: [15, 0, 7], width: 8, vocabulary: 33, logitScale: 0.35, zLoss: 1e-4),
    Case(rows: [1, 2, 3, 5, 8, 13], width: 12, vocabulary: 16, smoothing: 0.1, zLoss: 0.05),
    Case(rows: [15, 0, 7], width: 8, vocabulary: 33, logitScale: 0.35, cap: 4, zLoss: 0.05),
  ]

  @Test(arguments: TapeLaboratory.precisions, cases)
  func matchesTheTwin(_ precision: Precision, _ test: Case) throws {
    let lab = try TapeLaboratory(precision)
    let type = lab.operand
    let inputs = [
      DoubleMatrix.random(16, test.width, seed: 1, type: type, scale: 2),
      .random(test.vocabulary, test.width, seed: 2, type: type, scale: 2),
    ]
    let targets = test.rows.map { TokenID($0 * 5 % test.vocabulary) }
    let hidden = lab.tensor(inputs[0])
    let embedding = lab.parameter(inputs[1])
    let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: test.rows.count)
    defer { losses.deallocate() }
    let scale = 1 / Double(test.rows.count)
    let sum = lab.tape.crossEntropy(
      hidden, embedding, rows: test.rows.map { Int32($0) }, targets: targets, logitScale: test.logitScale,
      gradientScale: scale, smoothing: test.smoothing, cap: test.cap, zLoss: test.zLoss, losses: losses)
    let twin = Twin.crossEntropy(
      rows: test.rows, targets: targets.map { Int($0) }, logitScale: test.logitScale, gradientScale: scale,
      smoothing: test.smoothing, cap: test.cap)
    let tolerance = TapeLaboratory.tolerance(precision)
    let expected = twin.forward(inputs)[0, 0]
    #expect(sum.targetCount == test.rows.count)
    #expect(abs(sum.total * scale - expected) <= tolerance * max(1, expected))
    for (i, row) in test.rows.enumerated() {
      let single = Twin.crossEntropy(
        rows: [row], targets: [Int(targets[i])], logitScale: test.logitScale, gradientScale: 1,
        cap: test.cap)
      #expect(abs(Double(losses[i]) - single.forward(inputs)[0, 0]) <= tolerance * 10)
    }
    lab.tape.backward()
    // What is reported is the cross-entropy; what is differentiated has the z-loss, too.
    let gradients = Twin.crossEntropy(
      rows: test.rows, targets: targets.map { Int($0) }, logitScale: test.logitScale, gradientScale: scale,
      smoothing: test.smoothing, cap: test.cap, zLoss: test.zLoss
    ).backward(inputs, .ones(1, 1))
    #expect(relativeDifference(lab.gradient(hidden), gradients[0], floor: 0.1) < tolerance)
    #expect(relativeDifference(lab.gradient(embedding), gradients[1], floor: 0.1) < tolerance)
  }

  /// A vocabulary of several blocks whose largest logits come late, so that exponentials already taken are
  /// rescaled; targets lie in every block.
  @Test(.tags(.slow), arguments: TapeLaboratory.precisions, [1.0, 40.0])
  func blocksOfTheVocabularyAddUp(_ precision: Precision, growth: Double) throws {
    let lab = try TapeLaboratory(precision)
    let vocabulary = 2100
    var table = DoubleMatrix.random(vocabulary, 2, seed: 2, type: lab.operand)
    for token in 0..<vocabulary { table[token, 1] = Double(token / 1024) }
    var states = DoubleMatrix.random(16, 2, seed: 1, type: lab.operand)
    for row in 0..<16 { states[row, 1] = growth }
    let rows = [0, 3, 7, 15]
    let targets = [5, 1030, 2099, 1023]
    let hidden = lab.tensor(states)
    let embedding = lab.parameter(table)
    let sum = lab.tape.crossEntropy(
      hidden, embedding, rows: rows.map { Int32($0) }, targets: targets.map { TokenID($0) },
      gradientScale: 0.25)
    let twin = Twin.crossEntropy(rows: rows, targets: targets, logitScale: 1, gradientScale: 0.25)
    let expected = twin.forward([states, table])[0, 0]
    let tolerance = TapeLaboratory.tolerance(precision)
    #expect(abs(sum.total * 0.25 - expected) <= tolerance * max(1, expected))
    lab.tape.backward()
    let gradients = twin.backward([states, table], .ones(1, 1))
    #expect(relativeDifference(lab.gradient(hidden), gradients[0], floor: 0.1) < tolerance)
    #expect(relativeDifference(lab.gradient(embedding), gradients[1], floor: 0.1) < tolerance)
  }

  /// A prediction that is nearly right has a small gradient, and it is as exact as a large one.
  @Test func confidentPredictionsKeepTheirGradient() throws {
    let lab = try TapeLaboratory(.bf16)
    let states = DoubleMatrix(1, 1, [8.0])
    let table = DoubleMatrix(2, 1, [1.0, 0.0])
    let hidden = lab.tensor(states)
    _ = lab.tape.crossEntropy(hidden, lab.parameter(table), rows: [0], targets: [0], gradientScale: 1)
    lab.tape.backward()
    // d = (p − 1) · 1 with p = 1 / (1 + e⁻⁸).
    #expect(abs(lab.gradient(hidden)[0, 0] + 0.000335350) < 0.000335350 * 0.01)
  }

  /// More targets than one block of rows holds.
  @Test func chunksAddUp() throws {
    let lab = try TapeLaboratory(.f32)
    let inputs = [DoubleMatrix.random(1040, 3, seed: 1), .random(5, 3, seed: 2)]
    let rows = (0..<1030).map { $0 }
    let targets = rows.map { $0 * $0 % 5 }
    let hidden = lab.tensor(inputs[0])
    let embedding = lab.parameter(inputs[1])
    let sum = lab.tape.crossEntropy(
      hidden, embedding, rows: rows.map { Int32($0) }, targets: targets.map { TokenID($0) },
      gradientScale: 0.01)
    let twin = Twin.crossEntropy(rows: rows, targets: targets, logitScale: 1, gradientScale: 0.01)
    #expect(abs(sum.total * 0.01 - twin.forward(inputs)[0, 0]) < 1e-4)
    lab.tape.backward()
    let gradients = twin.backward(inputs, .ones(1, 1))
    #expect(relativeDifference(lab.gradient(hidden), gradients[0]) < 1e-5)
    #expect(relativeDifference(lab.gradient(embedding), gradients[1]) < 1e-4)
  }

  /// Worked example: of two words with logits 2 and 0 the first costs ln(1 + e⁻²) = 0.1269 nats and the second 2 more;
  /// with ε = 0.1 the labels weigh them 0.95 and 0.05.
  @Test func smoothedLabelsWeighAllWords() throws {
    let lab = try TapeLaboratory(.f32)
    let sum = lab.tape.crossEntropy(
      lab.tensor(DoubleMatrix(1, 1, [2.0])), lab.parameter(DoubleMatrix(2, 1, [1.0, 0])), rows: [0],
      targets: [0],
      gradientScale: 1, smoothing: 0.1)
    #expect(abs(sum.total - (0.126928 + 0.05 * 2)) < 1e-5)
  }

  /// Two losses may read the same states; in f32 their gradients add up.
  @Test func twoLossesOnOneTensor() throws {
    let lab = try TapeLaboratory(.f32)
    let inputs = [DoubleMatrix.random(16, 4, seed: 1), .random(6, 4, seed: 2)]
    let hidden = lab.tensor(inputs[0])
    let embedding = lab.parameter(inputs[1])
    for (rows, targets) in [([1, 4], [0, 5]), ([4, 9], [2, 3])] {
      _ = lab.tape.crossEntropy(
        hidden, embedding, rows: rows.map { Int32($0) }, targets: targets.map { TokenID($0) },
        gradientScale: 1)
    }
    lab.tape.backward()
    let twin = Twin.crossEntropy(rows: [1, 4, 4, 9], targets: [0, 5, 2, 3], logitScale: 1, gradientScale: 1)
    #expect(relativeDifference(lab.gradient(hidden), twin.backward(inputs, .ones(1, 1))[0]) < 1e-5)
  }

  /// A position may have several targets.
  @Test(arguments: TapeLaboratory.precisions)
  func aRowMayOccurTwice(_ precision: Precision) throws {
    let lab = try TapeLaboratory(precision)
    let inputs = [
      DoubleMatrix.random(16, 4, seed: 1, type: lab.operand), .random(6, 4, seed: 2, type: lab.operand),
    ]
    let hidden = lab.tensor(inputs[0], gradient: .float32)
    _ = lab.tape.crossEntropy(
      hidden, lab.parameter(inputs[1]), rows: [3, 3, 5], targets: [1, 2, 0], gradientScale: 1)
    lab.tape.backward()
    let twin = Twin.crossEntropy(rows: [3, 3, 5], targets: [1, 2, 0], logitScale: 1, gradientScale: 1)
    let expected = twin.backward(inputs, .ones(1, 1))[0]
    #expect(relativeDifference(lab.gradient(hidden), expected) < TapeLaboratory.tolerance(precision))
  }

  /// Worked example: equal logits over four words cost ln 4 nats.
  @Test func uniformCostsTheLogarithmOfTheVocabulary() throws {
    let lab = try TapeLaboratory(.f32)
    let sum = lab.tape.crossEntropy(
      lab.tensor(DoubleMatrix(2, 3)), lab.parameter(.random(4, 3, seed: 1)), rows: [0, 1], targets: [3, 0],
      gradientScale: 1)
    #expect(abs(sum.total - 2 * 1.386294) < 1e-5)
  }

  @Test func extremeLogitsStayFinite() throws {
    let lab = try TapeLaboratory(.f32)
    let hidden = lab.tensor(DoubleMatrix(1, 1, [1000.0]))
    let embedding = lab.parameter(DoubleMatrix(3, 1, [1.0, -1, 0.999]))
    let sum = lab.tape.crossEntropy(hidden, embedding, rows: [0], targets: [1], gradientScale: 1)
    // log(e¹⁰⁰⁰ + e⁹⁹⁹ + …) + 1000
    #expect(abs(sum.total - 2000.3133) < 1e-2)
    lab.tape.backward()
    let finite = (lab.gradient(hidden).values + lab.gradient(embedding).values).allSatisfy { $0.isFinite }
    #expect(finite)
  }

  /// The slope of the bound is part of the twin's gradient, which finite differences confirm.
  @Test func theCappedTwinIsRight() {
    let twin = Twin.crossEntropy(
      rows: [1, 0], targets: [2, 4], logitScale: 0.7, gradientScale: 0.5, cap: 1.3, zLoss: 0.05)
    #expect(twin.gradientError(at: [.random(2, 3, seed: 1, scale: 2), .random(5, 3, seed: 2, scale: 2)]) < 1e-6)
  }

  /// A bias that is trained, and one that is part of the model: that gets no gradient and goes with smoothed labels.
  @Test(arguments: TapeLaboratory.precisions, [(true, 0.0), (false, 0), (false, 0.2)])
  func biases(_ precision: Precision, _ bias: (isTrained: Bool, smoothing: Double)) throws {
    let lab = try TapeLaboratory(precision)
    let inputs = [
      DoubleMatrix.random(16, 5, seed: 1, type: lab.operand), .random(7, 5, seed: 2, type: lab.operand),
      .random(1, 7, seed: 3, scale: 2),
    ]
    let states = lab.tensor(inputs[0])
    let parameters = inputs.dropFirst().map { lab.parameter($0) }
    let targets = (0..<16).map { $0 * 5 % 7 }
    let sum = lab.tape.crossEntropy(
      states, parameters[0], bias: parameters[1], trainsBias: bias.isTrained, targets: targets.map { TokenID($0) },
      gradientScale: 0.25, smoothing: bias.smoothing)
    let twin = Twin.crossEntropy(
      rows: Array(0..<16), targets: targets, logitScale: 1, gradientScale: 0.25, smoothing: bias.smoothing)
    #expect(twin.gradientError(at: inputs) < 1e-6)
    let tolerance = TapeLaboratory.tolerance(precision)
    let expected = twin.forward(inputs)[0, 0]
    #expect(abs(sum.total * 0.25 - expected) <= tolerance * expected)
    lab.tape.backward()
    let gradients = twin.backward(inputs, .ones(1, 1))
    #expect(relativeDifference(lab.gradient(states), gradients[0], floor: 0.1) < tolerance)
    #expect(relativeDifference(lab.gradient(parameters[0]), gradients[1], floor: 0.1) < tolerance)
    let ofBias = lab.gradient(parameters[1])
    #expect(
      bias.isTrained
        ? relativeDifference(ofBias, gradients[2], floor: 0.1) < tolerance : ofBias.values.allSatisfy { $0 == 0 })
  }

  @Test func logitsForReadingHaveTheirBias() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let logits = lab.tape.logits(
      lab.tensor(DoubleMatrix(1, 1, [3])), lab.parameter(DoubleMatrix(2, 1, [1, -1])),
      bias: lab.parameter(DoubleMatrix(1, 2, [0.5, 10])))
    #expect(lab.value(logits).values == [3.5, 7])
  }

  /// Logits of 30 and 0 under a cap of 15 are 15 tanh 2 = 14.4604 and 0.
  @Test func cappedLogitsForReading() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let logits = lab.tape.logits(
      lab.tensor(DoubleMatrix(1, 1, [30])), lab.parameter(DoubleMatrix(2, 1, [1.0, 0])), cap: 15)
    #expect(abs(lab.value(logits)[0, 0] - 14.460414) < 1e-4)
    #expect(abs(lab.value(logits)[0, 1]) < 2e-5)
  }

  @Test func logitsForReading() throws {
    let lab = try TapeLaboratory(.f32, recording: false)
    let inputs = [DoubleMatrix.random(16, 4, seed: 1), .random(6, 4, seed: 2)]
    let logits = lab.tape.logits(
      lab.tape.gather(lab.tensor(inputs[0]), rows: [7, 2]), lab.parameter(inputs[1]))
    #expect(relativeDifference(lab.value(logits), Twin.linear.forward(inputs).rows([7, 2])) < 1e-5)
  }
}
