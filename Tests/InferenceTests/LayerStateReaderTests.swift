import Autograd
import Checkpointing
import Families
import Foundation
import ModelKit
import Randomness
import Records
import Support
import TestSupport
import Testing

@testable import Inference

/// Hidden states of every layer, of every family.
@Suite struct LayerStateReaderTests {
  private static let texts = ["the dog runs.", "a cat", "it is a very long day in the house of the dog"]

  /// A model of a family with two layers, as a checkpoint.
  private func checkpoint(_ family: String, in folder: TestFolder) throws -> String {
    let shape = ModelShape(width: 32, layers: 2, heads: 2, feedForward: 64, length: 64)
    let tokenizer = try SmallModels.tokenizer.get()
    let sizes = try Families.registry(family).sizes(of: shape)
    let configuration = try ModelConfiguration(
      family: family, vocabularySize: tokenizer.vocabulary.size, dropout: 0, sizes: sizes
    ).completed()
    let path = "\(folder.path)/\(family)"
    let store = try Families.make(configuration).declarations.makeStore(key: RandomKey(seed: 7))
    try CheckpointWriter(
      config: configuration, weights: store.tensorSources(.f32), tokenizer: Data(tokenizer.jsonData()),
      roles: tokenizer.roles, readme: "small"
    ).write(to: path)
    return path
  }

  @Test(arguments: Families.registry.names) func everyFamilyShowsEveryLayer(_ family: String) throws {
    let folder = try TestFolder()
    let path = try checkpoint(family, in: folder)
    let reader = try LayerStateReader(opening: path, shardCount: 2)
    let pooled = try reader.pooled(Self.texts, [.last, .mean])
    let last = try #require(pooled[.last])
    let places = last.map(\.place)
    #expect(places.first == "embedding" && Set(places).count == places.count)
    let recurrent = places.contains("0.hidden")
    for layer in family == "nplm" ? ["0"] : ["0", "1"] {
      #expect(places.contains(recurrent ? "\(layer).hidden" : layer), "\(places)")
    }
    #expect(places.contains("1.cell") == ["lstm", "mlstm", "qrnn", "sha-rnn"].contains(family))
    for place in last { #expect(place.values.count == 3 * place.width) }
    // A text's states are its own whatever stands beside it, and the mean is that of the tokens' states.
    let alone = try #require(try reader.pooled([Self.texts[1]], [.last])[.last])
    for (place, other) in zip(last, alone) {
      for (value, own) in zip(place.values[place.width..<2 * place.width], other.values) {
        #expect(abs(value - own) < 1e-4)
      }
    }
    let tokens = try reader.states(ofTokens: Self.texts.map { reader.tokens($0) })
    let counts = Self.texts.map { reader.tokens($0).count }
    for (place, states) in zip(last, tokens) {
      #expect(states.place == place.place && states.values.count == counts.reduce(0, +) * place.width)
      var end = 0
      for (text, count) in counts.enumerated() {
        end += count
        for unit in 0..<place.width {
          #expect(
            abs(states.values[(end - 1) * place.width + unit] - place.values[text * place.width + unit]) < 1e-4)
        }
      }
    }
    // Untrained weights are others, and the same for the same seed.
    let drawn = try LayerStateReader(opening: path, weights: .drawn(seed: 1), shardCount: 1).pooled(Self.texts, [.last])
    let again = try LayerStateReader(opening: path, weights: .drawn(seed: 1), shardCount: 2).pooled(Self.texts, [.last])
    #expect(drawn == again && drawn[.last]?.map(\.place) == places && drawn[.last] != last)
  }

  /// What is shown of a recurrent layer is what it carries: after every token the state that reading so far ends with.
  @Test(arguments: ["rnn", "gru", "lstm", "qrnn"]) func shownStatesAreCarriedOnes(_ family: String) throws {
    let folder = try TestFolder()
    let path = try checkpoint(family, in: folder)
    let reader = try LayerStateReader(opening: path, shardCount: 1)
    let tokens = reader.tokens(Self.texts[2])
    let shown = try reader.states(ofTokens: [tokens])
    let (saved, configuration, tokenizer) = try ModelFolder.open(path)
    let model = try saved.opened(configuration, precision: .f32, shardCount: 1)
    let writer = try model.generativeBackbone()
    let count = min(9, tokens.count)
    let found = try model.map([Batch(layout: .decoder)]) { _, _, tape in
      guard let state = writer.makeCarriedState(sequences: 1) else { return [[Float]]() }
      var sequences = TokenSequences()
      sequences.append([tokenizer.vocabulary.start] + tokens.prefix(count))
      _ = writer.decode(sequences, memory: nil, state: state, recomputing: false, on: tape)
      return state.arrays.filter { !$0.name.hasSuffix("input") }.map(\.values)
    }
    let arrays = try #require(found.first)
    // The inner state of a QRNN is its cell; what it hands on is no part of what it carries.
    let places = shown.filter { $0.place != "embedding" && (family != "qrnn" || $0.place.hasSuffix("cell")) }
    #expect(arrays.count == places.count && !arrays.isEmpty)
    for (array, place) in zip(arrays, places) {
      for unit in 0..<32 { #expect(abs(array[unit] - place.values[(count - 1) * 32 + unit]) < 1e-5) }
    }
  }

  @Test func lengthsAreBounded() throws {
    let folder = try TestFolder()
    let path = try checkpoint("gpt", in: folder)
    let reader = try LayerStateReader(opening: path, length: 5, shardCount: 1)
    #expect(reader.cutCount(Self.texts) == Self.texts.count { reader.tokens($0).count > 4 })
    let error = #expect(throws: GraftError.self) { try LayerStateReader(opening: path, length: 100, shardCount: 1) }
    #expect(error?.code == .usage && error?.message.contains("64 positions") == true)
  }
}
