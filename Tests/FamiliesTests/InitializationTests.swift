import Families
import ModelKit
import Randomness
import Testing

@Suite struct InitializationTests {
  private func store(_ configuration: ModelConfiguration, seed: UInt64 = 1) throws -> ParameterStore {
    try Families.make(configuration).declarations.makeStore(key: RandomKey(seed: seed))
  }

  private func expectNormal(_ values: UnsafeMutableBufferPointer<Float>, deviation: Double, _ name: String) {
    let n = Double(values.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / n
    let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n
    // Five standard errors of each statistic.
    #expect(abs(mean) < 5 * deviation / n.squareRoot(), "\(name)")
    #expect(abs(variance.squareRoot() / deviation - 1) < 5 / (2 * n).squareRoot(), "\(name)")
  }

  /// Mesh TensorFlow's deviations, by the last parts of the name; width 24, 3 heads of 8, feed-forward 40.
  @Test func t5StartsAsMeshTensorFlowDoes() throws {
    let store = try store(TestModels.t5())
    let deviations: [(suffix: String, deviation: Double)] = [
      ("query.weight", 1 / (24.0 * 8).squareRoot()), ("key.weight", 1 / 24.0.squareRoot()),
      ("value.weight", 1 / 24.0.squareRoot()), ("attention.output.weight", 1 / 24.0.squareRoot()),
      ("gate.weight", 1 / 24.0.squareRoot()), ("input.weight", 1 / 24.0.squareRoot()),
      ("feed_forward.output.weight", 1 / 40.0.squareRoot()), ("embedding.weight", 1),
      ("relative_attention_bias.weight", 1 / 24.0.squareRoot()),
    ]
    for entry in store.entries {
      if entry.name.hasSuffix("norm.weight") {
        #expect(store.values(of: entry).areAll(1))
      } else {
        let match = try #require(deviations.first { entry.name.hasSuffix($0.suffix) }, "\(entry.name)")
        expectNormal(store.values(of: entry), deviation: match.deviation, entry.name)
      }
    }
  }

  @Test func gptStartsAsThePaperSays() throws {
    let store = try store(TestModels.gpt(layers: 3))
    for entry in store.entries {
      let values = store.values(of: entry)
      if entry.name.hasSuffix(".bias") {
        #expect(values.areAll(0))
      } else if entry.name.hasSuffix("norm.weight") {
        #expect(values.areAll(1))
      } else {
        let joins = entry.name.hasSuffix("output.weight")
        expectNormal(values, deviation: joins ? 0.02 / 6.0.squareRoot() : 0.02, entry.name)
      }
    }
  }

  @Test func llamaStartsAsTransformersDoes() throws {
    let store = try store(TestModels.configuration("llama-grouped"))
    for entry in store.entries {
      let values = store.values(of: entry)
      if entry.name.hasSuffix("norm.weight") {
        #expect(values.areAll(1))
      } else {
        expectNormal(values, deviation: 0.02, entry.name)
      }
    }
    // One head of keys and values of 8 for three of queries.
    #expect(store.entry(named: "decoder.blocks.0.attention.query.weight")?.shape == [24, 24])
    #expect(store.entry(named: "decoder.blocks.1.attention.value.weight")?.shape == [8, 24])
  }

  /// Of an LSTM with open forget gates.
  @Test(arguments: ["gru", "lstm", "rnn"]) func recurrentLayersBeginAsPyTorchsDo(_ family: String) throws {
    let store = try store(TestModels.configuration(family))
    for entry in store.entries {
      let values = store.values(of: entry)
      switch entry.name {
      case let name where family == "lstm" && name.hasSuffix("input.bias"):
        #expect(values.prefix(24).areAll(0) && values[24..<48].areAll(1) && values.suffix(48).areAll(0))
      case let name where name.hasSuffix(".bias"): #expect(values.areAll(0))
      case "embedding.weight": expectNormal(values, deviation: 0.05, entry.name)
      default: expectNormal(values, deviation: 1 / 72.0.squareRoot(), entry.name)
      }
    }
  }

  @Test func quasiRecurrentLayersBeginAsPyTorchsConvolutionsDo() throws {
    let store = try store(TestModels.configuration("qrnn"))
    for entry in store.entries where entry.name.contains("convolution") {
      let values = store.values(of: entry)
      if entry.name.hasSuffix("bias") {
        #expect(values.prefix(24).areAll(0) && values[24..<48].areAll(1) && values.suffix(24).areAll(0))
      } else {
        expectNormal(values, deviation: 1 / 144.0.squareRoot(), entry.name)
      }
    }
  }

  /// Of nplm, conv-lm, sha-rnn and mlstm: what they have beside norms, embeddings and an LSTM's weights.
  @Test func theOldGuardBeginsAsDocumented() throws {
    func expect(_ family: String, _ part: String, deviation: Double) throws {
      let store = try store(TestModels.configuration(family))
      let found = store.entries.filter { $0.name.contains(part) && $0.name.hasSuffix("weight") }
      #expect(!found.isEmpty, "\(family), \(part)")
      for entry in found { expectNormal(store.values(of: entry), deviation: deviation, entry.name) }
    }
    try expect("nplm", "hidden", deviation: 10 / (5 * 24.0).squareRoot())
    try expect("conv-lm", "convolution", deviation: 0.5.squareRoot() / (3 * 4 * 24.0).squareRoot())
    try expect("conv-lm-bottleneck", "input", deviation: 1 / (3 * 24.0).squareRoot())
    try expect("conv-lm-bottleneck", "convolution", deviation: 1 / (3 * 3 * 8.0).squareRoot())
    try expect("sha-rnn", "boom", deviation: 1 / 72.0.squareRoot())
    try expect("sha-rnn", "query.", deviation: 1 / 72.0.squareRoot())
    for family in ["conv-lm", "sha-rnn"] { try expect(family, "embedding", deviation: 0.02) }
    try expect("mlstm", "multiplication", deviation: 1 / 24.0.squareRoot())
    // Nothing is seen through peepholes at first, and gates are half open.
    for (family, part) in [("lstm-peepholes", "peepholes"), ("sha-rnn", ".gate")] {
      let store = try store(TestModels.configuration(family))
      let found = store.entries.filter { $0.name.hasSuffix(part) }
      #expect(found.count == 2)
      for entry in found { #expect(store.values(of: entry).areAll(0)) }
    }
  }

  /// A parameter's first values depend on its name and the seed alone.
  @Test func valuesDoNotDependOnDeclarationOrder() throws {
    func makeStore(_ names: [String]) -> ParameterStore {
      let declarations = ParameterDeclarations()
      let scope = ParameterScope(declarations)
      for name in names {
        _ = scope(name).matrix("weight", rows: 3, columns: 5, .normal(standardDeviation: 1))
      }
      return declarations.makeStore(key: RandomKey(seed: 3))
    }
    let forwards = makeStore(["a", "b", "c"])
    let backwards = makeStore(["c", "x", "a"])
    for name in ["a.weight", "c.weight"] {
      let one = try #require(forwards.entry(named: name))
      let two = try #require(backwards.entry(named: name))
      #expect(one.offset != two.offset)
      #expect(Array(forwards.values(of: one)) == Array(backwards.values(of: two)))
    }
    #expect(Array(forwards.values[0..<15]) != Array(forwards.values[15..<30]))
  }

  @Test func aLayerMoreLeavesTheOthersAlone() throws {
    let small = try store(TestModels.t5(layers: 1))
    let large = try store(TestModels.t5(layers: 2))
    #expect(large.count > small.count)
    for entry in small.entries {
      let same = try #require(large.entry(named: entry.name))
      #expect(Array(large.values(of: same)) == Array(small.values(of: entry)), "\(entry.name)")
    }
  }

  @Test func seedsDiffer() throws {
    let one = try store(TestModels.gpt(), seed: 1)
    let two = try store(TestModels.gpt(), seed: 2)
    let again = try store(TestModels.gpt(), seed: 1)
    #expect(Array(one.values) != Array(two.values))
    #expect(Array(one.values) == Array(again.values))
  }

  @Test func storesAreAlignedAndDense() throws {
    let store = try store(TestModels.t5())
    #expect(Int(bitPattern: store.values.baseAddress!) % 64 == 0)
    var next = 0
    for entry in store.entries {
      #expect(entry.offset == next)
      next += entry.count
    }
    #expect(next == store.count)
  }

  @Test func unbuildableConfigurationsAreErrors() {
    var t5 = TestModels.t5()
    t5.sizes["encoderLayers"] = 0
    var gpt = TestModels.gpt()
    gpt.sizes["maximumLength"] = nil
    var unknown = TestModels.gpt()
    unknown.family = "gtp"
    for configuration in [t5, gpt, unknown] {
      #expect(throws: (any Error).self) { try Families.make(configuration) }
    }
  }
}
