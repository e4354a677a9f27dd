import Checkpointing
import Compute
import Foundation
import Records
import Testing

@testable import Autograd

/// Operations against PyTorch: the third of the four ways in which a gradient is right. The layout of the
/// fixtures is described in make_model_fixtures.py.
@Suite struct OperationFixtureTests {
  struct Settings: Decodable {
    var ids: [TokenID]?
    var labels: [TokenID]?
    var epsilon: Double?
    var loss, zLoss: Double?
    var heads: Int?
    var headWidth: Int?
    var scale: Double?
    var causal: Bool?
    var keyMask: [[Int]]?
    var keyValueHeads: Int?
    var window: Int?
    var buckets, maximum: Int?
    var ropeTheta: Double?
    var ropeShare: Double?
    var ropeScaling: Scaling?
    var lengths: [Int]?
  }

  struct Scaling: Decodable {
    var ropeType: String
    var factor: Double
    var betaFast, betaSlow, attentionFactor: Double?
    var lowFreqFactor, highFreqFactor: Double?
    var originalMaxPositionEmbeddings: Int?

    enum CodingKeys: String, CodingKey {
      case ropeType = "rope_type"
      case factor
      case betaFast = "beta_fast"
      case betaSlow = "beta_slow"
      case attentionFactor = "attention_factor"
      case lowFreqFactor = "low_freq_factor"
      case highFreqFactor = "high_freq_factor"
      case originalMaxPositionEmbeddings = "original_max_position_embeddings"
    }
  }

  private static let names = ["operations", "encoder-operations", "seq2seq-operations"]

  private let settings: [String: Settings]
  private let files: [SafetensorsFile]
  private let lab: TapeLaboratory

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/models")
    var settings: [String: Settings] = [:]
    for name in Self.names {
      let data = try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
      settings.merge(try JSONDecoder().decode([String: Settings].self, from: data)) { $1 }
    }
    self.settings = settings
    files = try Self.names.map {
      try SafetensorsFile(folder.appendingPathComponent("\($0).safetensors").path)
    }
    lab = try TapeLaboratory(.f32)
  }

  private func file(of name: String) -> SafetensorsFile { files.first { $0.contains(name) } ?? files[0] }

  /// A tensor with its leading dimensions made one.
  private func matrix(_ name: String) throws -> DoubleMatrix {
    let tensor = try file(of: name).tensor(name)
    let columns = tensor.shape.last ?? 1
    return DoubleMatrix(tensor.values.count / columns, columns, floats: tensor.values)
  }

  private func expect(_ got: DoubleMatrix, equals name: String) throws {
    // Where a query sees one key alone, its gradients are 0 but for rounding.
    #expect(relativeDifference(got, try matrix(name), floor: 1e-2) < 1e-4, "\(name)")
  }

  private func finish(
    _ name: String, _ out: Tensor, tensors: [String: Tensor], parameters: [String: Parameter]
  )
    throws
  {
    try expect(lab.value(out), equals: "\(name).output")
    lab.backward(out, try matrix("\(name).upstream"))
    for (key, tensor) in tensors { try expect(lab.gradient(tensor), equals: "\(name).gradient.\(key)") }
    for (key, parameter) in parameters {
      try expect(lab.gradient(parameter), equals: "\(name).gradient.\(key)")
    }
  }

  @Test(arguments: ["linear", "linear-row"])
  func linear(_ name: String) throws {
    let x = lab.tensor(try matrix("\(name).input"))
    var parameters = ["weight": lab.parameter(try matrix("\(name).weight"))]
    if file(of: "\(name).bias").contains("\(name).bias") {
      parameters["bias"] = lab.parameter(try matrix("\(name).bias"))
    }
    let weight = try #require(parameters["weight"])
    try finish(
      name, lab.tape.linear(x, weight, bias: parameters["bias"]), tensors: ["input": x],
      parameters: parameters)
  }

  @Test func embedding() throws {
    let table = lab.parameter(try matrix("embedding.weight"))
    var sequences = TokenSequences()
    sequences.append(try #require(settings["embedding"]?.ids))
    let rows = SequenceRows(sequences)
    let out = lab.tape.embed(rows, table)
    let tokens = rows.tokenRows.map { Int($0) }
    try expect(lab.value(out).rows(tokens), equals: "embedding.output")
    lab.backward(out, spread(try matrix("embedding.upstream"), to: tokens, of: rows.rowCount))
    try expect(lab.gradient(table), equals: "embedding.gradient.weight")
  }

  @Test func norms() throws {
    for name in ["rms-norm", "layer-norm"] {
      let epsilon = try #require(settings[name]?.epsilon)
      let x = lab.tensor(try matrix("\(name).input"))
      var parameters = ["weight": lab.parameter(try matrix("\(name).weight"))]
      let weight = try #require(parameters["weight"])
      let out: Tensor
      if name == "layer-norm" {
        let bias = lab.parameter(try matrix("\(name).bias"))
        parameters["bias"] = bias
        out = lab.tape.layerNorm(x, weight, bias, epsilon: epsilon)
      } else {
        out = lab.tape.rmsNorm(x, weight, epsilon: epsilon)
      }
      try finish(name, out, tensors: ["input": x], parameters: parameters)
    }
  }

  @Test(arguments: [("gelu-tanh", Activation.gelu), ("silu", .silu), ("relu-squared", .squaredReLU)])
  func activation(_ name: String, _ activation: Activation) throws {
    let x = lab.tensor(try matrix("\(name).input"))
    try finish(name, lab.tape.activate(x, activation, dropout: 0), tensors: ["input": x], parameters: [:])
  }

  /// Heads of queries and of keys by their root mean squares and gains, as Qwen 3 has them.
  @Test func normsOfHeads() throws {
    let settings = try #require(settings["norm-of-heads"])
    let (heads, keyHeads) = (try #require(settings.heads), try #require(settings.keyValueHeads))
    let x = lab.tensor(try matrix("norm-of-heads.input"))
    let gains = try ["queryGain", "keyGain"].map { lab.parameter(try matrix("norm-of-heads.\($0)")) }
    let normalized = lab.tape.normalizeHeads(
      x, heads: heads + keyHeads, headDimension: try #require(settings.headWidth),
      epsilon: try #require(settings.epsilon))
    try finish(
      "norm-of-heads", lab.tape.scaleHeads(normalized, [(gains[0], heads), (gains[1], keyHeads)]),
      tensors: ["input": x], parameters: ["queryGain": gains[0], "keyGain": gains[1]])
  }

  @Test(arguments: ["rotary", "rotary-linear", "rotary-llama3", "rotary-part", "rotary-yarn"])
  func rotary(_ name: String) throws {
    let settings = try #require(settings[name])
    let (heads, width) = (try #require(settings.heads), try #require(settings.headWidth))
    let input = try matrix("\(name).input")
    let batch = try file(of: "\(name).input").tensor("\(name).input").shape[0]
    let rows = rows([Int](repeating: input.rows / batch, count: batch))
    let tokens = rows.tokenRows.map { Int($0) }
    let scaling: RotaryPositions.Scaling? =
      switch settings.ropeScaling {
      case let scaling? where scaling.ropeType == "llama3":
        .llama3(
          factor: scaling.factor, lowFactor: try #require(scaling.lowFreqFactor),
          highFactor: try #require(scaling.highFreqFactor),
          originalLength: try #require(scaling.originalMaxPositionEmbeddings))
      case let scaling? where scaling.ropeType == "yarn":
        .yarn(
          factor: scaling.factor, fastRotations: try #require(scaling.betaFast),
          slowRotations: try #require(scaling.betaSlow),
          originalLength: try #require(scaling.originalMaxPositionEmbeddings),
          attentionFactor: try #require(scaling.attentionFactor))
      case let scaling?: .linear(factor: scaling.factor)
      case nil: nil
      }
    let x = lab.tensor(spread(input, to: tokens, of: rows.rowCount))
    let positions = RotaryPositions(
      base: try #require(settings.ropeTheta), scaling: scaling,
      components: settings.ropeShare.map { Int($0 * Double(width)) })
    let out = lab.tape.rotate(x, rows, positions, heads: heads, headDimension: width)
    try expect(lab.value(out).rows(tokens), equals: "\(name).output")
    lab.backward(out, spread(try matrix("\(name).upstream"), to: tokens, of: rows.rowCount))
    try expect(lab.gradient(x).rows(tokens), equals: "\(name).gradient.input")
  }

  @Test(arguments: [
    ("lstm", RecurrentCell.lstm), ("lstm-one", .lstm), ("gru", .gru), ("elman", .elman), ("lstm-reversed", .lstm),
    ("gru-reversed", .gru), ("elman-reversed", .elman),
  ])
  func recurrent(_ name: String, _ cell: RecurrentCell) throws {
    let lengths = try #require(settings[name]?.lengths)
    let longest = lengths.max() ?? 0
    let rows = rows(lengths)
    let tokens = rows.tokenRows.map { Int($0) }
    let input = try matrix("\(name).input")
    // The inputs PyTorch reads, of those it was given.
    let read = lengths.enumerated().flatMap { i, length in (0..<length).map { i * longest + $0 } }
    let x = lab.tensor(spread(input.rows(read), to: tokens, of: rows.rowCount))
    let names = ["inputWeight", "recurrentWeight", "inputBias", "recurrentBias"]
    let parameters = try names.map { lab.parameter(try matrix("\(name).\($0)")) }
    let parts = cell.stateParts(width: parameters[1].columns).map(\.name)
    let start = try parts.map { lab.tensor(try matrix("\(name).\($0)")) }
    let (states, end) = lab.tape.recurrent(
      x, rows,
      RecurrentWeights(
        cell, input: parameters[0], recurrent: parameters[1], inputBias: parameters[2], recurrentBias: parameters[3]),
      from: start, reversed: name.hasSuffix("-reversed"))
    let output = try matrix("\(name).output")
    let upstream = try matrix("\(name).upstream")
    let all = input.rows
    let ends = parts.indices.map { Array(all + $0 * lengths.count..<all + ($0 + 1) * lengths.count) }
    #expect(relativeDifference(lab.value(states).rows(tokens), output.rows(read)) < 1e-4)
    for (tensor, range) in zip(end, ends) {
      #expect(relativeDifference(lab.value(tensor), output.rows(range)) < 1e-4)
      let given = lab.tensor(upstream.rows(range))
      lab.tape.gradientTarget(tensor).pointer.copyMemory(from: given.data, byteCount: given.count * 4)
    }
    lab.backward(states, spread(upstream.rows(read), to: tokens, of: rows.rowCount))
    try expect(spread(lab.gradient(x).rows(tokens), to: read, of: all), equals: "\(name).gradient.input")
    for (part, key) in zip(start, parts) { try expect(lab.gradient(part), equals: "\(name).gradient.\(key)") }
    for (parameter, key) in zip(parameters, names) {
      try expect(lab.gradient(parameter), equals: "\(name).gradient.\(key)")
    }
  }

  /// With the identity as embedding, the states are the logits.
  @Test(arguments: ["softmax-cross-entropy", "z-loss"]) func crossEntropy(_ name: String) throws {
    let logits = try matrix("\(name).logits")
    var identity = DoubleMatrix(logits.columns, logits.columns)
    for i in 0..<logits.columns { identity[i, i] = 1 }
    let labels = try #require(settings[name]?.labels)
    let rows = labels.indices.filter { labels[$0] >= 0 }
    let hidden = lab.tensor(logits)
    let sum = lab.tape.crossEntropy(
      hidden, lab.parameter(identity), rows: rows.map { Int32($0) }, targets: rows.map { labels[$0] },
      gradientScale: 1 / Double(rows.count), zLoss: settings[name]?.zLoss ?? 0)
    let loss = try #require(settings[name]?.loss)
    #expect(abs(sum.total / Double(sum.targetCount) - loss) < 1e-5 * loss)
    lab.tape.backward()
    try expect(lab.gradient(hidden), equals: "\(name).gradient.logits")
  }

  @Test(arguments: [
    "attention-encoder", "attention-decoder", "attention-decoder-padded", "attention-cross",
    "attention-scaled-causal", "attention-one", "attention-grouped", "attention-one-key-head", "attention-window",
    "attention-window-biased", "attention-local", "attention-local-biased",
  ])
  func attention(_ name: String) throws {
    let settings = try #require(settings[name])
    let visible = try #require(settings.keyMask).map { $0.reduce(0, +) }
    let heads = try #require(settings.heads)
    let isCausal = try #require(settings.causal)
    let query = try matrix("\(name).query")
    let key = try matrix("\(name).key")
    let queries = query.rows / visible.count
    let keys = key.rows / visible.count
    let queryRows = rows([Int](repeating: queries, count: visible.count))
    let keyRows = rows(visible)
    let queryTokens = queryRows.tokenRows.map { Int($0) }
    let keyTokens = keyRows.tokenRows.map { Int($0) }
    // The keys PyTorch sees, of those it was given.
    let seen = visible.enumerated().flatMap { i, count in (0..<count).map { i * keys + $0 } }

    let tensors = [
      lab.tensor(spread(query, to: queryTokens, of: queryRows.rowCount)),
      lab.tensor(spread(key.rows(seen), to: keyTokens, of: keyRows.rowCount)),
      lab.tensor(spread(try matrix("\(name).value").rows(seen), to: keyTokens, of: keyRows.rowCount)),
    ]
    var table: Parameter?
    var bias: Tensor?
    if file(of: "\(name).bias").contains("\(name).bias") {
      let parameter = lab.parameter(try matrix("\(name).bias"))
      table = parameter
      bias = lab.tape.relativeBias(
        parameter, RelativePositionBuckets(bidirectional: !isCausal),
        length: max(queryRows.reserved.max() ?? 1, keyRows.reserved.max() ?? 1))
    }
    let out = lab.tape.attention(
      query: HeadColumns(tensors[0], column: 0), key: HeadColumns(tensors[1], column: 0),
      value: HeadColumns(tensors[2], column: 0), queryRows: queryRows, keyRows: keyRows,
      AttentionShape(
        heads: heads, keyValueHeads: settings.keyValueHeads, headDimension: try #require(settings.headWidth),
        isCausal: isCausal, window: settings.window, scale: try #require(settings.scale), bias: bias, dropout: 0))
    try expect(lab.value(out).rows(queryTokens), equals: "\(name).output")
    lab.backward(out, spread(try matrix("\(name).upstream"), to: queryTokens, of: queryRows.rowCount))
    try expect(lab.gradient(tensors[0]).rows(queryTokens), equals: "\(name).gradient.query")
    for (tensor, part) in [(tensors[1], "key"), (tensors[2], "value")] {
      let gradient = spread(lab.gradient(tensor).rows(keyTokens), to: seen, of: key.rows)
      try expect(gradient, equals: "\(name).gradient.\(part)")
    }
    if let table { try expect(lab.gradient(table), equals: "\(name).gradient.bias") }
  }

  @Test(arguments: ["additive", "additive-one"]) func additiveAttention(_ name: String) throws {
    let visible = try #require(settings[name]?.keyMask).map { $0.reduce(0, +) }
    let inputs = try ["query", "key", "value"].map { try matrix("\(name).\($0)") }
    let (queries, keys) = (inputs[0].rows / visible.count, inputs[1].rows / visible.count)
    let (queryRows, keyRows) = (rows([Int](repeating: queries, count: visible.count)), rows(visible))
    let queryTokens = queryRows.tokenRows.map { Int($0) }
    let keyTokens = keyRows.tokenRows.map { Int($0) }
    // The keys PyTorch sees, of those it was given.
    let seen = visible.enumerated().flatMap { i, count in (0..<count).map { i * keys + $0 } }
    let query = lab.tensor(spread(inputs[0], to: queryTokens, of: queryRows.rowCount))
    let (key, value) = (
      lab.tensor(spread(inputs[1].rows(seen), to: keyTokens, of: keyRows.rowCount)),
      lab.tensor(spread(inputs[2].rows(seen), to: keyTokens, of: keyRows.rowCount))
    )
    let vector = lab.parameter(try matrix("\(name).vector"))
    let out = lab.tape.additiveAttention(
      query: query, key: HeadColumns(key, column: 0), value: HeadColumns(value, column: 0),
      width: inputs[2].columns, vector: vector, queryRows: queryRows, keyRows: keyRows)
    try expect(lab.value(out).rows(queryTokens), equals: "\(name).output")
    lab.backward(out, spread(try matrix("\(name).upstream"), to: queryTokens, of: queryRows.rowCount))
    try expect(lab.gradient(query).rows(queryTokens), equals: "\(name).gradient.query")
    for (tensor, part) in [(key, "key"), (value, "value")] {
      let gradient = spread(lab.gradient(tensor).rows(keyTokens), to: seen, of: inputs[1].rows)
      try expect(gradient, equals: "\(name).gradient.\(part)")
    }
    try expect(lab.gradient(vector), equals: "\(name).gradient.vector")
  }

  @Test(arguments: ["disentangled", "disentangled-exact"]) func disentangledAttention(_ name: String) throws {
    let settings = try #require(settings[name])
    let (heads, width) = (try #require(settings.heads), try #require(settings.headWidth))
    let buckets = try #require(settings.buckets)
    let distances = DisentangledDistances(
      buckets: buckets > 0 ? buckets : nil, maximum: try #require(settings.maximum))
    let query = try matrix("\(name).query")
    let rows = rows([query.rows])
    let tokens = rows.tokenRows.map { Int($0) }
    let tensors = try ["query", "key", "value"].map {
      lab.tensor(spread(try matrix("\(name).\($0)"), to: tokens, of: rows.rowCount))
    }
    let table = try matrix("\(name).positions")
    let needed = Array(distances.rows(length: rows.reach))
    let positions = lab.tensor(table.rows(needed))
    var shape = AttentionShape(
      heads: heads, headDimension: width, isCausal: false, scale: try #require(settings.scale), bias: nil, dropout: 0)
    shape.positions = DisentangledPositions(positions, distances, reach: rows.reach)
    let out = lab.tape.attention(
      query: HeadColumns(tensors[0], column: 0), key: HeadColumns(tensors[1], column: 0),
      value: HeadColumns(tensors[2], column: 0), queryRows: rows, keyRows: rows, shape)
    try expect(lab.value(out).rows(tokens), equals: "\(name).output")
    lab.backward(out, spread(try matrix("\(name).upstream"), to: tokens, of: rows.rowCount))
    for (tensor, part) in zip(tensors, ["query", "key", "value"]) {
      try expect(lab.gradient(tensor).rows(tokens), equals: "\(name).gradient.\(part)")
    }
    try expect(spread(lab.gradient(positions), to: needed, of: table.rows), equals: "\(name).gradient.positions")
  }

  private func rows(_ lengths: [Int]) -> SequenceRows {
    var sequences = TokenSequences()
    for length in lengths { sequences.append([TokenID](repeating: 0, count: length)) }
    return SequenceRows(sequences)
  }

  /// Row i of `matrix` at `rows[i]`; zeros elsewhere.
  private func spread(_ matrix: DoubleMatrix, to rows: [Int], of count: Int) -> DoubleMatrix {
    var result = DoubleMatrix(count, matrix.columns)
    for (i, row) in rows.enumerated() {
      for c in 0..<matrix.columns { result[row, c] = matrix[i, c] }
    }
    return result
  }
}
