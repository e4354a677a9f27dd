import Corpus
import Foundation
import Inference
import ModelKit
import Randomness
import Records
import Support
import TaskRegistry
import TestSupport
import Testing

@testable import Serving

/// Models with drawn values behind an interface.
enum SmallServer {
  static let lengths = SequenceLengths(inputs: 40, targets: 12)

  static func task(_ name: String) throws -> TaskDefinition {
    try TaskCatalog(directories: [BuiltInFiles.folder("Tasks")]).task(named: name)
  }

  static func model(_ configuration: ModelConfiguration, seed: UInt64 = 9) throws -> ShardedModel {
    try ShardedModel(
      configuration, key: RandomKey(seed: seed), precision: .f32, shardCount: 1, training: false)
  }

  /// How a decoder reads that was trained on running text.
  static func continuing(_ family: String) -> ModelConfiguration {
    var configuration = SmallModels.configuration(family)
    configuration.reading = TextReading(.continuation)
    return configuration
  }

  /// `writer`, a decoder that goes on with texts; `answerer`, an encoder with heads for two tasks.
  static func api(limits: ServingLimits = ServingLimits()) throws -> ServingAPI {
    let codec = TextCodec(try SmallModels.tokenizer.get())
    let tasks = try [task("rte"), task("sst2")]
    let writer = OpenModel(model: try model(continuing("gpt")), codec: codec, lengths: lengths)
    let encoder = SmallModels.configuration("bert").answering(
      tasks.map { AnswerFormat(task: $0.name, choices: $0.choices) })
    let answerer = OpenModel(model: try model(encoder), codec: codec, lengths: lengths)
    return ServingAPI(
      [
        try ServedModel(name: "answerer", path: "runs/answerer", model: answerer, tasks: tasks),
        try ServedModel(name: "writer", path: "runs/writer", model: writer, tasks: []),
      ], limits: limits)
  }
}

extension ServingAPI {
  /// The answer to a JSON text, which must have this status.
  func ask(
    _ path: String, _ body: String, status: Int = 200, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let response = respond(to: APIRequest(method: "POST", path: path, body: Array(body.utf8)))
    let text = String(decoding: response.body, as: UTF8.self)
    #expect(response.status == status, "\(path) \(body)\n\(text)", sourceLocation: sourceLocation)
    return try #require(JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
  }
}

extension [String: Any] {
  func list(_ key: String) -> [[String: Any]] { self[key] as? [[String: Any]] ?? [] }
  func object(_ key: String) -> [String: Any] { self[key] as? [String: Any] ?? [:] }
  func text(_ key: String) -> String { self[key] as? String ?? "" }
  func number(_ key: String) -> Double { (self[key] as? NSNumber)?.doubleValue ?? .nan }
}
