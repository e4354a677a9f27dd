import Families
import Foundation
import ModelKit
import Support
import TestSupport
import Testing

@testable import Checkpointing

@Suite struct ForeignKeyMapTests {
  static let maps: [(file: String, map: ForeignKeyMap)] = [
    ("t5-v1.0", .t5(encoderLayers: 2, decoderLayers: 2, isGated: false, isTied: true)),
    ("t5-v1.1", .t5(encoderLayers: 2, decoderLayers: 2, isGated: true, isTied: false)),
    ("t5-v1.1-wide", .t5(encoderLayers: 1, decoderLayers: 1, isGated: true, isTied: false)),
    ("gpt2", .gpt2(layers: 2)), ("bert", .bert(layers: 2)),
  ]

  /// The fixtures' folder, found from this file.
  private func fixture(_ name: String, file: String = #filePath) -> String {
    URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/models/\(name)").path
  }

  private func error(of body: () throws -> Void) -> GraftError? {
    do {
      try body()
      return nil
    } catch { return error as? GraftError }
  }

  /// Reads a file as commands do, into a store with the shapes that the map makes of the file's tensors.
  private func load(_ map: ForeignKeyMap, _ file: SafetensorsFile) throws -> [String: LoadedTensor] {
    let weights = WeightFiles(file)
    let store = ParameterStore(
      try map.entries.map { entry in
        let foreign = entry.foreign.first(where: weights.contains)
        let tensor = try foreign.map { try weights.tensor($0) }.flatMap(entry.transform.apply)
        return (entry.name, tensor?.shape ?? [1])
      })
    try map.load(into: store, from: weights)
    return Dictionary(
      uniqueKeysWithValues: store.entries.map {
        ($0.name, LoadedTensor(shape: $0.shape, values: Array(store.values(of: $0))))
      })
  }

  @Test(.tags(.slow), arguments: maps.indices)
  func exportUndoesImport(index: Int) throws {
    let (name, map) = Self.maps[index]
    let file = try SafetensorsFile(fixture("\(name).safetensors"))
    let ours = try load(map, file)
    #expect(ours.count == map.entries.count)
    #expect(ours.values.reduce(0) { $0 + $1.values.count } == file.tensors.reduce(0) { $0 + $1.count })
    let theirs = try map.foreignTensors(from: ours)
    #expect(Set(theirs.keys) == Set(file.tensors.map(\.name)))
    for tensor in file.tensors { #expect(try theirs[tensor.name] == file.tensor(tensor.name)) }
  }

  @Test func t5NamesAndShapesAreOurs() throws {
    let file = try SafetensorsFile(fixture("t5-v1.1-wide.safetensors"))
    let ours = try load(Self.maps[2].map, file)
    #expect(ours["embedding.weight"]?.shape == [96, 32])
    #expect(ours["encoder.relative_attention_bias.weight"]?.shape == [32, 3])
    #expect(ours["decoder.relative_attention_bias.weight"]?.shape == [32, 3])
    #expect(ours["encoder.blocks.0.attention.query.weight"]?.shape == [36, 32])
    #expect(ours["decoder.blocks.0.cross_attention.output.weight"]?.shape == [32, 36])
    #expect(ours["decoder.blocks.0.cross_attention_norm.weight"]?.shape == [32])
    #expect(ours["decoder.blocks.0.feed_forward.gate.weight"]?.shape == [48, 32])
    #expect(ours["decoder.blocks.0.feed_forward.output.weight"]?.shape == [32, 48])
    #expect(ours["output_embedding.weight"]?.shape == [96, 32])
    let gate = try file.tensor("encoder.block.0.layer.1.DenseReluDense.wi_0.weight")
    #expect(ours["encoder.blocks.0.feed_forward.gate.weight"] == gate)
  }

  @Test func gpt2IsTransposedAndSplit() throws {
    let file = try SafetensorsFile(fixture("gpt2.safetensors"))
    let ours = try load(.gpt2(layers: 2), file)
    let joined = try file.tensor("transformer.h.1.attn.c_attn.weight")
    #expect(joined.shape == [32, 96])
    for (part, name) in ["query", "key", "value"].enumerated() {
      let weight = try #require(ours["decoder.blocks.1.attention.\(name).weight"])
      #expect(weight.shape == [32, 32])
      for (output, input) in [(0, 0), (3, 17), (31, 30)] {
        #expect(weight.values[output * 32 + input] == joined.values[input * 96 + part * 32 + output])
      }
      let bias = try file.tensor("transformer.h.1.attn.c_attn.bias").values
      #expect(
        ours["decoder.blocks.1.attention.\(name).bias"]?.values == Array(bias[part * 32..<part * 32 + 32]))
    }
    #expect(ours["decoder.blocks.0.feed_forward.input.weight"]?.shape == [64, 32])
    #expect(ours["decoder.blocks.0.feed_forward.output.weight"]?.shape == [32, 64])
  }

  @Test func aPartTransposedAsWorkedOut() {
    let tensor = LoadedTensor(shape: [2, 4], values: [1, 2, 3, 4, 5, 6, 7, 8])
    let part = ForeignKeyMap.Transform.columns(1, of: 2, transposed: true).apply(to: tensor)
    #expect(part == LoadedTensor(shape: [2, 2], values: [3, 7, 4, 8]))
    #expect(ForeignKeyMap.Transform.columns(0, of: 3, transposed: false).apply(to: tensor) == nil)
    let vector = LoadedTensor(shape: [3], values: [1, 2, 3])
    #expect(ForeignKeyMap.Transform.transposed.apply(to: vector) == nil)
    #expect(ForeignKeyMap.Transform.columns(2, of: 3, transposed: false).apply(to: vector)?.values == [3])
  }

  /// Queries, keys and values of two heads, joined head by head.
  @Test func aPartByGroupsOfRowsAsWorkedOut() throws {
    let tensor = LoadedTensor(shape: [6], values: [1, 2, 3, 4, 5, 6])
    #expect(ForeignKeyMap.Transform.rows(1, of: 3, groups: 2).apply(to: tensor)?.values == [2, 5])
    #expect(ForeignKeyMap.Transform.rows(1, of: 4, groups: 2).apply(to: tensor) == nil)
    let matrix = LoadedTensor(shape: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8])
    let part = ForeignKeyMap.Transform.rows(0, of: 2, groups: 2).apply(to: matrix)
    #expect(part == LoadedTensor(shape: [2, 2], values: [1, 2, 5, 6]))
    let map = ForeignKeyMap(
      family: "test",
      entries: (0..<2).map {
        ForeignKeyMap.Entry(name: "\($0)", foreign: ["joined"], transform: .rows($0, of: 2, groups: 2))
      }
    ) { _ in false }
    let parts = (0..<2).map { ForeignKeyMap.Transform.rows($0, of: 2, groups: 2).apply(to: matrix) }
    let joined = try map.foreignTensors(from: ["0": #require(parts[0]), "1": #require(parts[1])])
    #expect(joined == ["joined": matrix])
  }

  @Test func anotherNumberOfLayersIsAnError() throws {
    let file = try SafetensorsFile(fixture("t5-v1.0.safetensors"))
    func failure(_ map: ForeignKeyMap) throws -> GraftError { try #require(error { _ = try load(map, file) }) }
    let tooFew = try failure(.t5(encoderLayers: 1, decoderLayers: 2, isGated: false, isTied: true))
    #expect(tooFew.code == .badData && tooFew.message.contains("left over 'encoder.block.1."))
    let tooMany = try failure(.t5(encoderLayers: 2, decoderLayers: 3, isGated: false, isTied: true))
    #expect(tooMany.message.contains("missing 'decoder.block.2.layer.0.layer_norm.weight'"))
    #expect(try failure(.gpt2(layers: 2)).code == .badData)
  }

  @Test func gpt2NeedsNoPrefix() throws {
    let folder = try TestFolder()
    let file = try SafetensorsFile(fixture("gpt2.safetensors"))
    let expected = try load(.gpt2(layers: 2), file)
    let tensors = try file.tensors.map { ($0.name, try file.tensor($0.name)) }
    let buffers = tensors.map { (_, tensor) in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: tensor.values.count)
      _ = buffer.initialize(from: tensor.values)
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    let sources = zip(tensors, buffers).map {
      TensorSource(
        name: String($0.0.dropFirst("transformer.".count)), shape: $0.1.shape, values: UnsafeBufferPointer($1)
      )
    }
    try SafetensorsWriter.write(sources, to: "\(folder.path)/plain")
    #expect(try load(.gpt2(layers: 2), SafetensorsFile("\(folder.path)/plain")) == expected)
  }
}
